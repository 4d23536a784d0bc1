import { aks } from './azure-commands.ts';
import { defineCheck, fail, pass, shown, unknown } from './check.ts';

export const clusterStopped = defineCheck({
  id: 'cluster-stopped',
  title: 'The cluster is running',
  severity: 'error',
  needs: ['cluster', 'assertion'],
  behind: ['cluster-not-found'],
  remediation: 'Start the cluster: while it is stopped no pod runs, and none gets a token.',
  reference: 'https://learn.microsoft.com/azure/aks/start-stop-cluster',

  run({ cluster, assertion }) {
    const { powerState, provisioningState } = cluster;
    if (provisioningState?.toLowerCase() === 'deleting')
      return unknown('The cluster is being deleted.', { expected: 'Running', actual: shown(provisioningState) });
    if (powerState === undefined)
      return unknown(
        'Whether the cluster is running is not known: send the whole of `az aks show -o json`, or let it be read.',
      );
    if (powerState.toLowerCase() === 'running') return pass('The cluster is running.');
    const seen = { expected: 'Running', actual: shown(powerState) };
    // A token that is there already can be exchanged while it is valid: Entra does not ask the cluster.
    if (assertion.from !== 'workload')
      return unknown(
        `The cluster is ${shown(powerState)}: its pods get no further token. The one at hand can be exchanged while it is valid, since Entra does not ask.`,
        seen,
      );
    return fail(`The cluster is ${shown(powerState)}.`, {
      ...seen,
      commands: [aks('start', cluster)],
    });
  },
});
