import { parseServiceAccount } from '../contract/service-account.ts';
import { defineCheck, fail, pass, shown } from './check.ts';

export const webhookNamesAnotherTenant = defineCheck({
  id: 'webhook-names-another-tenant',
  title: 'Cluster and identity are in one tenant',
  severity: 'warning',
  needs: ['cluster', 'identity', 'assertion'],
  behind: ['cluster-not-found', 'identity-not-found'],
  remediation:
    'Annotate the service account with `azure.workload.identity/tenant-id` and the tenant of the identity, and restart the pods: without it the webhook writes the tenant of the cluster.',
  reference: 'https://learn.microsoft.com/azure/aks/workload-identity-overview#service-account-annotations',

  run({ cluster: { tenantId: ofCluster }, identity, assertion: { subject = '' } }) {
    if (subject !== '' && !parseServiceAccount(subject)) return { outcome: 'not-applicable', summary: 'It is no pod.' };
    if (ofCluster === undefined || identity.tenantId === undefined)
      return { outcome: 'not-applicable', summary: 'The tenant of cluster or identity is not known.' };
    if (ofCluster.toLowerCase() === identity.tenantId.toLowerCase())
      return pass(`Both are in the tenant ${ofCluster}.`);
    return fail('The identity lives in another tenant than the cluster, which the exchange allows.', {
      expected: shown(identity.tenantId),
      actual: shown(ofCluster),
    });
  },
});
