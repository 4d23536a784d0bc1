import { describe, expect, it } from 'vitest';
import { tokenOfAnotherCluster } from '../../src/checks/token-of-another-cluster.ts';
import type { Assertion } from '../../src/contract/federation.ts';
import { OTHER_TENANT } from './builders.ts';
import { assertionOf, clusterIssuer, clusterOf, ISSUER, lookupOf, OTHER_GUID } from './federation-builders.ts';

const run = (
  issuer: string | undefined,
  from: Assertion['from'] = 'token',
  oidcIssuer: string | undefined = clusterIssuer(),
) =>
  tokenOfAnotherCluster.run({
    cluster: clusterOf({ oidcIssuer }),
    assertion: assertionOf({ from, issuer }),
    clusterLookup: lookupOf(),
  });

describe('token-of-another-cluster', () => {
  it.each<[string, string, string, string | undefined]>([
    ['letter for letter', ISSUER, 'pass', undefined],
    ['without its slash', ISSUER.slice(0, -1), 'unknown', 'trailing-slash'],
    ['with two slashes', `${ISSUER}/`, 'unknown', 'trailing-slash'],
    ['of another cluster', clusterIssuer(OTHER_GUID), 'fail', 'other-cluster'],
    ['elsewhere', clusterIssuer(undefined, undefined, 'eastus'), 'fail', 'other-region'],
    ['of another tenant', clusterIssuer(undefined, OTHER_TENANT), 'fail', 'other-tenant'],
    ['in capitals', ISSUER.toUpperCase(), 'fail', 'letter-case'],
    ['the one inside the cluster', 'https://kubernetes.default.svc.cluster.local', 'fail', 'other'],
    ['none', '', 'fail', 'other'],
  ])('%s', (_name, issuer, outcome, kind) => {
    for (const from of ['token', 'claims', 'workload'] as const) {
      const ruling = run(issuer, from);
      // What a token says decides; what is only written may be mistyped.
      const expected = from === 'workload' && outcome === 'unknown' ? 'fail' : outcome;
      expect([ruling.outcome, ruling.difference?.kind]).toEqual([expected, kind]);
    }
  });

  it('shows where they part', () => {
    const other = clusterIssuer(OTHER_GUID);
    expect(run(other)).toMatchObject({
      expected: ISSUER,
      actual: other,
      difference: { kind: 'other-cluster', at: ISSUER.lastIndexOf('0a1b2c3d-') + 'xxxxxxxx-'.length },
    });
  });

  it('tells nothing where one of them is not known', () => {
    expect(run(undefined).outcome).toBe('unknown');
    const cluster = clusterOf({ oidcIssuer: undefined });
    const seen = { cluster, assertion: assertionOf(), clusterLookup: lookupOf() };
    expect(tokenOfAnotherCluster.run(seen).outcome).toBe('unknown');
  });
});
