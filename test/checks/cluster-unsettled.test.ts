import { describe, expect, it } from 'vitest';
import { clusterUnsettled } from '../../src/checks/cluster-unsettled.ts';
import { clusterOf, OF_CLUSTER } from './federation-builders.ts';

const run = (provisioningState: string | undefined) =>
  clusterUnsettled.run({ cluster: clusterOf({ provisioningState }) });

describe('cluster-unsettled', () => {
  it.each([
    ['Succeeded', 'pass'],
    ['Updating', 'fail'],
    ['Failed', 'fail'],
    ['Canceled', 'fail'],
    ['succeeded', 'fail'],
    ['', 'fail'],
    [undefined, 'not-applicable'],
  ])('%s', (provisioningState, outcome) => {
    expect(run(provisioningState).outcome).toBe(outcome);
  });

  it('says what it is, and how to reconcile it', () => {
    expect(run('Failed')).toMatchObject({
      expected: 'Succeeded',
      actual: 'Failed',
      commands: [`az aks update ${OF_CLUSTER}`],
    });
  });

  it('only warns', () => {
    expect(clusterUnsettled.severity).toBe('warning');
  });
});
