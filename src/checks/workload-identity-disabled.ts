import { aks } from './azure-commands.ts';
import { defineCheck, fail, pass, unknown } from './check.ts';

export const workloadIdentityDisabled = defineCheck({
  id: 'workload-identity-disabled',
  title: 'Workload identity is on in the cluster',
  severity: 'error',
  needs: ['cluster', 'assertion'],
  behind: ['cluster-not-found', 'oidc-issuer-disabled'],
  remediation:
    'Turn workload identity on, then restart the pods: the webhook that projects the token and sets the variables comes with it.',
  reference: 'https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster',

  run({ cluster, assertion }) {
    const { workloadIdentityEnabled } = cluster;
    if (workloadIdentityEnabled === undefined)
      return unknown(
        'Whether workload identity is on in the cluster is not known: send the whole of `az aks show -o json`, or let it be read.',
      );
    if (workloadIdentityEnabled) return pass('Workload identity is on.');
    const seen = { expected: 'securityProfile.workloadIdentity.enabled: true', actual: 'false' };
    if (assertion.from !== 'workload')
      return unknown(
        'Workload identity is off in the cluster, so no webhook of AKS projects this token; a webhook or a volume of your own may. Entra itself does not ask.',
        seen,
      );
    return fail('Workload identity is off in the cluster: nothing gives the pods a token to exchange.', {
      ...seen,
      commands: [aks('update', cluster, '--enable-workload-identity')],
    });
  },
});
