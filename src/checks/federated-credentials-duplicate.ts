import { defineCheck, fail, pass, shown } from './check.ts';

export const federatedCredentialsDuplicate = defineCheck({
  id: 'federated-credentials-duplicate',
  title: 'No two federated credentials name the same issuer and subject',
  severity: 'warning',
  needs: ['federatedCredentials'],
  behind: [],
  remediation:
    'Keep the one whose audience is the one of the tokens: issuer and subject together are there once for an identity.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run({ federatedCredentials: { credentials } }) {
    const seen = new Set<string>();
    const again = credentials.filter(({ issuer, subject }) => {
      const key = JSON.stringify([issuer, subject]);
      const there = subject !== undefined && seen.has(key);
      seen.add(key);
      return there;
    });
    if (again.length === 0) return pass('Each names an issuer and subject of its own.');
    return fail('Several federated credentials name the same issuer and subject.', {
      actual: shown(again.map(({ name }) => name ?? 'one without a name').join(', ')),
    });
  },
});
