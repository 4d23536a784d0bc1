import { describe, expect, it } from 'vitest';
import { workloadIdentityDisabled } from '../../src/checks/workload-identity-disabled.ts';
import type { Assertion } from '../../src/contract/federation.ts';
import { assertionOf, clusterOf, OF_CLUSTER } from './federation-builders.ts';

const run = (workloadIdentityEnabled: boolean | undefined, from: Assertion['from'] = 'workload') =>
  workloadIdentityDisabled.run({ cluster: clusterOf({ workloadIdentityEnabled }), assertion: assertionOf({ from }) });

describe('workload-identity-disabled', () => {
  it.each<[boolean | undefined, Assertion['from'], string]>([
    [true, 'workload', 'pass'],
    [true, 'token', 'pass'],
    [false, 'workload', 'fail'],
    // The token is there already, whoever made it.
    [false, 'token', 'unknown'],
    [false, 'claims', 'unknown'],
    [undefined, 'workload', 'unknown'],
  ])('%s, of a %s', (enabled, from, outcome) => {
    expect(run(enabled, from).outcome).toBe(outcome);
  });

  it('says how to turn it on, where it is in the way', () => {
    expect(run(false)).toMatchObject({
      actual: 'false',
      commands: [`az aks update ${OF_CLUSTER} --enable-workload-identity`],
    });
    expect(run(false, 'token').commands).toBeUndefined();
  });
});
