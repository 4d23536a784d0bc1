import { defineCheck, fail, pass, shown } from './check.ts';
import { kidMisspelt } from './kid-misspelt.ts';

export const keyRetired = defineCheck({
  id: 'key-retired',
  title: 'The key is still published',
  severity: 'error',
  needs: ['soughtKey', 'signingKeys', 'receiver'],
  behind: [...kidMisspelt.behind, kidMisspelt.id],
  remediation: 'Get a new token: the issuer signs with another key now, and nobody accepts the old one any more.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/signing-key-rollover',

  run({ soughtKey: { kid }, signingKeys: { kidPublished, kidSeen } }) {
    if (kid === undefined) return { outcome: 'not-applicable', summary: 'No key is named.' };
    if (kidPublished) return pass('The key is published now.');
    if (!kidSeen) return pass('The key was never seen here, so nothing says that it was retired.');
    return fail(
      `The key is not published any more: it was so from ${kidSeen.firstAt.toISOString()} at the latest, and last seen at ${kidSeen.lastAt.toISOString()}.`,
      {
        actual: shown(kid),
      },
    );
  },
});
