import { deleteCredential } from './azure-commands.ts';
import { defineCheck, fail, pass, shown } from './check.ts';
import { serves } from './federated-field.ts';
import { nearestCandidate } from './federated-match.ts';

export const federatedCredentialDangling = defineCheck({
  id: 'federated-credential-dangling',
  title: 'Each federated credential names a cluster that is there',
  severity: 'warning',
  needs: ['federatedCredentials', 'deadIssuers', 'assertion'],
  behind: [],
  remediation: 'Delete the federated credentials of clusters that are gone: they serve nobody, and count.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run({ federatedCredentials, deadIssuers, assertion }) {
    const { credentials, of } = federatedCredentials;
    const nearest = nearestCandidate(assertion, federatedCredentials);
    // What is to be mended is not to be deleted.
    const mended = nearest && serves(nearest) === 'this' ? nearest.credential : undefined;
    const dangling = credentials.filter(
      (credential) => credential !== mended && deadIssuers.includes(credential.issuer),
    );
    if (dangling.length === 0) return pass('No issuer of another credential was found to be gone.');
    return fail(
      `The issuers of ${dangling.length === 1 ? 'one federated credential' : `${dangling.length} federated credentials`} publish nothing any more: their clusters were probably deleted.`,
      {
        actual: dangling.map(({ name, issuer }) => shown(name ?? issuer)).join(', '),
        commands: dangling.slice(0, 5).map((credential) => deleteCredential(of, credential)),
      },
    );
  },
});
