import { describe, expect, it } from 'vitest';
import { identityNotFound } from '../../src/checks/identity-not-found.ts';
import type { Lookup } from '../../src/contract/federation.ts';
import { CLIENT } from './builders.ts';
import { lookupOf } from './federation-builders.ts';
import { LONG } from './key-builders.ts';

const run = (more: Partial<Lookup>) =>
  identityNotFound.run({ identityLookup: lookupOf({ by: 'clientId', named: CLIENT, ...more }) });

describe('identity-not-found', () => {
  it.each<[string, Partial<Lookup>, string]>([
    ['found', {}, 'pass'],
    ['found by another of its ids', { mistaken: 'principal-id' }, 'pass'],
    ['found though not all was seen', { settled: false }, 'pass'],
    ['not there at all', { found: false }, 'fail'],
    ['maybe out of sight', { found: false, settled: false }, 'unknown'],
  ])('%s', (_name, more, outcome) => {
    expect(run(more).outcome).toBe(outcome);
  });

  it.each([true, false])('names what was looked for, and where (settled: %s)', (settled) => {
    const ruling = run({ found: false, settled, where: 'the moon' });
    expect(ruling.actual).toBe(CLIENT);
    expect(ruling.summary).toContain('the moon');
  });

  it('cuts a very long one', () => {
    expect(run({ named: LONG, found: false }).summary.length).toBeLessThan(500);
  });
});
