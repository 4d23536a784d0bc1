import { describe, expect, it } from 'vitest';
import { clusterStopped } from '../../src/checks/cluster-stopped.ts';
import type { Assertion } from '../../src/contract/federation.ts';
import { assertionOf, clusterOf, OF_CLUSTER } from './federation-builders.ts';

const run = (powerState: string | undefined, from: Assertion['from'] = 'workload') =>
  clusterStopped.run({ cluster: clusterOf({ powerState }), assertion: assertionOf({ from }) });

describe('cluster-stopped', () => {
  it.each<[string | undefined, Assertion['from'], string]>([
    ['Running', 'workload', 'pass'],
    ['Running', 'token', 'pass'],
    ['Stopped', 'workload', 'fail'],
    ['Stopped', 'token', 'unknown'],
    ['Stopped', 'claims', 'unknown'],
    ['running', 'workload', 'pass'],
    ['Deallocated', 'workload', 'fail'],
    ['', 'workload', 'fail'],
    [undefined, 'workload', 'unknown'],
    [undefined, 'token', 'unknown'],
  ])('%s, of a %s', (powerState, from, outcome) => {
    expect(run(powerState, from).outcome).toBe(outcome);
  });

  it('says how to start it', () => {
    expect(run('Stopped')).toMatchObject({
      expected: 'Running',
      actual: 'Stopped',
      commands: [`az aks start ${OF_CLUSTER}`],
    });
    expect(run('Stopped', 'token').commands).toBeUndefined();
  });

  it.each(['Deleting', 'deleting'])('leaves open what becomes of a cluster that is %s', (provisioningState) => {
    const cluster = clusterOf({ provisioningState });
    expect(clusterStopped.run({ cluster, assertion: assertionOf() }).outcome).toBe('unknown');
  });
});
