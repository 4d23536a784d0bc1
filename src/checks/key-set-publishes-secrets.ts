import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';

export const keySetPublishesSecrets = defineCheck({
  id: 'key-set-publishes-secrets',
  title: 'The published keys are public ones',
  severity: 'error',
  needs: ['signingKeys'],
  behind: UNREADABLE,
  remediation:
    'Replace the published keys at once: whoever has read the document can sign with them. Publish the members of the public keys alone, and no symmetric key.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-9.2',

  run({ signingKeys: { keys, jwksUri } }) {
    const secret = keys.filter(({ fault }) => fault === 'secret-published');
    if (secret.length === 0) return pass('No published key has members that only its issuer may know.');
    return fail(
      `The document at ${shown(jwksUri)} publishes private or symmetric keys, so anybody can sign with them.`,
      {
        expected: 'public keys',
        actual: secret.map(({ kid }) => shown(kid ?? 'a key without kid')).join(', '),
      },
    );
  },
});
