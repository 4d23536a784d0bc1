import { describe, expect, it } from 'vitest';
import { clusterNotFound } from '../../src/checks/cluster-not-found.ts';
import type { Lookup } from '../../src/contract/federation.ts';
import { CLUSTER_ID, lookupOf } from './federation-builders.ts';
import { LONG } from './key-builders.ts';

const run = (more: Partial<Lookup>) => clusterNotFound.run({ clusterLookup: lookupOf(more) });

describe('cluster-not-found', () => {
  it.each<[string, Partial<Lookup>, string]>([
    ['found', {}, 'pass'],
    ['found though out of sight elsewhere', { settled: false }, 'pass'],
    ['not there at all', { found: false, settled: true }, 'fail'],
    ['maybe out of sight', { found: false, settled: false }, 'unknown'],
    ['nobody named it', { found: false, settled: false, unasked: true }, 'unknown'],
    ['two of that name', { found: false, settled: false, several: [CLUSTER_ID, `${CLUSTER_ID}2`] }, 'unknown'],
    ['two of that name, all seen', { found: false, settled: true, several: [CLUSTER_ID, `${CLUSTER_ID}2`] }, 'unknown'],
  ])('%s', (_name, more, outcome) => {
    expect(run(more).outcome).toBe(outcome);
  });

  it('names what was looked for, and all that fit', () => {
    expect(run({ named: 'shop-aks', found: false })).toMatchObject({ actual: 'shop-aks' });
    expect(run({ found: false, several: [CLUSTER_ID, `${CLUSTER_ID}2`] }).summary).toContain(`${CLUSTER_ID}2`);
  });

  it('cuts a very long name', () => {
    for (const outcome of [{ found: true }, { found: false }, { found: false, settled: false }])
      expect(run({ named: LONG, ...outcome }).summary.length).toBeLessThan(500);
  });
});
