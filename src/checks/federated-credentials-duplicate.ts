import { deleteCredential } from './azure-commands.ts';
import { defineCheck, fail, pass, shown } from './check.ts';
import { sameTokens } from './federated-match.ts';

export const federatedCredentialsDuplicate = defineCheck({
  id: 'federated-credentials-duplicate',
  title: 'No two federated credentials name the same issuer and subject',
  severity: 'warning',
  needs: ['federatedCredentials'],
  behind: [],
  remediation: 'Keep one of them: issuer and subject together are there once for an identity.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run({ federatedCredentials: { credentials, of } }) {
    const again = credentials.filter((one, index) =>
      credentials.slice(0, index).some((other) => sameTokens(one, other)),
    );
    if (again.length === 0) return pass('Each names an issuer and subject of its own.');
    return fail('Several federated credentials name the same issuer and subject.', {
      actual: again.map(({ name }) => shown(name ?? 'one without a name')).join(', '),
      commands: again.slice(0, 3).map((credential) => deleteCredential(of, credential)),
    });
  },
});
