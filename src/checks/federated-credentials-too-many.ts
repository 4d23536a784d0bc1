import { MOST_CREDENTIALS } from '../contract/federation.ts';
import { defineCheck, fail, pass } from './check.ts';

export const federatedCredentialsTooMany = defineCheck({
  id: 'federated-credentials-too-many',
  title: 'The identity has room for another federated credential',
  severity: 'warning',
  needs: ['federatedCredentials'],
  behind: [],
  remediation:
    'Delete those that serve nobody any more, or use a further identity: an identity or application has twenty at most.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run({ federatedCredentials: { credentials } }) {
    const count = credentials.length;
    const seen = { expected: `fewer than ${MOST_CREDENTIALS}`, actual: String(count) };
    if (count < MOST_CREDENTIALS) return pass(`It has ${count} of ${MOST_CREDENTIALS}.`);
    return fail(
      count === MOST_CREDENTIALS
        ? `The identity has ${count} federated credentials, so that no further one can be created.`
        : `There are ${count} federated credentials, and an identity has ${MOST_CREDENTIALS} at most: they are not of one.`,
      seen,
    );
  },
});
