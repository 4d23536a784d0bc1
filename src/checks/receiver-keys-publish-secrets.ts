import { defineCheck, fail, pass, shown } from './check.ts';

export const receiverKeysPublishSecrets = defineCheck({
  id: 'receiver-keys-publish-secrets',
  title: 'The keys that the receiver holds are public ones',
  severity: 'error',
  needs: ['receiver'],
  behind: [],
  remediation:
    'Replace these keys at once, and give the receiver the public ones alone: whoever has read what it holds can sign with them.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-9.2',

  run({ receiver: { keys } }) {
    if (!keys) return { outcome: 'not-applicable', summary: 'What the receiver holds was not handed in.' };
    const secret = keys.filter(({ fault }) => fault === 'secret-published');
    if (secret.length === 0) return pass('No key that it holds has members that only the issuer may know.');
    return fail('The receiver holds private or symmetric keys where public ones belong.', {
      expected: 'public keys',
      actual: secret.map(({ kid }) => shown(kid ?? 'a key without kid')).join(', '),
    });
  },
});
