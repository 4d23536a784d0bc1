import { aks } from './azure-commands.ts';
import { defineCheck, fail, pass, shown } from './check.ts';

export const clusterUnsettled = defineCheck({
  id: 'cluster-unsettled',
  title: 'The last change to the cluster has succeeded',
  severity: 'warning',
  needs: ['cluster'],
  behind: ['cluster-not-found'],
  remediation: 'Let the change finish, or reconcile the cluster: what Azure tells of it need not be in force yet.',
  reference:
    'https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/create-upgrade-delete/cluster-node-virtual-machine-failed-state',

  run({ cluster }) {
    const { provisioningState } = cluster;
    if (provisioningState === undefined)
      return { outcome: 'not-applicable', summary: 'The state of its last change is not known.' };
    if (provisioningState === 'Succeeded') return pass('The last change to the cluster has succeeded.');
    return fail(`The last change to the cluster is ${shown(provisioningState)}.`, {
      expected: 'Succeeded',
      actual: shown(provisioningState),
      // While a change is under way Azure takes no other.
      ...(/^(?:failed|canceled)$/i.test(provisioningState) && { commands: [aks('update', cluster)] }),
    });
  },
});
