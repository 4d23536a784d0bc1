import { isOfBinding } from '../contract/federation.ts';
import { TOKEN_EXCHANGE_AUDIENCES } from '../contract/resources.ts';
import { writeCredential } from './azure-commands.ts';
import { defineCheck, fail, pass, unknown } from './check.ts';
import { isUnfit } from './federated-field.ts';
import { IDENTITY_LINKS } from './identity-links.ts';

export const federatedCredentialMissing = defineCheck({
  id: 'federated-credential-missing',
  title: 'The identity has federated credentials',
  severity: 'error',
  needs: ['federatedCredentials', 'assertion'],
  behind: IDENTITY_LINKS,
  remediation:
    'Create the federated credential on the identity whose client id is used. After a deployment in parallel, look for a 409: credentials of one identity are written one after the other (Bicep: `@batchSize(1)`).',
  reference:
    'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity',

  run({ federatedCredentials: { credentials, complete, of }, assertion }) {
    const { from, issuer, subject, audiences } = assertion;
    const own = credentials.filter((credential) => !isOfBinding(credential));
    if (own.length > 0)
      return pass(
        `The identity has ${own.length === 1 ? 'one federated credential' : `${own.length} federated credentials`}.`,
      );
    if (!complete) return unknown('Not all federated credentials of the identity could be read.');
    const commands = isUnfit(assertion, TOKEN_EXCHANGE_AUDIENCES)
      ? undefined
      : writeCredential(of, { issuer, subject, audience: audiences?.[0] }, { taken: credentials });
    if (credentials.length === 0) return fail('The identity has no federated credential.', { commands });
    if (from === 'workload')
      return unknown(
        'The identity has only the federated credential of an identity binding. Pods that are annotated for the binding go through it, which is not judged here; the direct exchange needs a credential of its own.',
      );
    return fail(
      'The identity has only the federated credential of an identity binding, which serves another way than the direct exchange.',
      { remediation: { text: BINDING_OR_DIRECT, ...(commands && { commands }) } },
    );
  },
});

const BINDING_OR_DIRECT =
  'Create a federated credential for the direct exchange, or let the pod go through the binding: annotate it `azure.workload.identity/use-identity-binding: "true"`, with an SDK that knows bindings.';
