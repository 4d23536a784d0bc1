import { describe, expect, it } from 'vitest';
import { kidNotPublished } from '../../src/checks/kid-not-published.ts';
import type { KeyCacheState, KeyDocument, SigningKeys } from '../../src/contract/evidence.ts';
import { NOW } from './builders.ts';
import { documentOf, KID, LONG, named, setOf, unreadOf } from './key-builders.ts';

interface Case {
  kid?: string | undefined;
  kids?: string[];
  cache?: Partial<KeyCacheState>;
  more?: Partial<SigningKeys>;
  documents?: KeyDocument[];
}
const run = ({ kid = KID, kids = [KID, 'k2'], cache = {}, more = {}, documents = [documentOf()] }: Case) =>
  kidNotPublished.run({
    soughtKey: { kid },
    signingKeys: setOf(
      kids.map((name) => named(name)),
      cache,
      more,
    ),
    keyDocuments: documents,
  });
const refreshFailed = { reason: 'unreachable', detail: 'down', at: NOW } as const;

describe('kid-not-published', () => {
  it.each<[string, Case, string]>([
    ['published, fresh', {}, 'pass'],
    ['published, just fetched', { cache: { state: 'refreshed', ageSeconds: 0 } }, 'pass'],
    ['published, and a fetch that was insisted on had to wait', { cache: { state: 'throttled' } }, 'pass'],
    // An old set does not tell of now.
    ['published, stale', { cache: { state: 'stale' } }, 'unknown'],
    ['published, degraded', { cache: { state: 'degraded', refreshFailed } }, 'unknown'],
    ['not published, fresh', { kids: ['k2'] }, 'fail'],
    ['not published, just fetched', { kids: ['k2'], cache: { state: 'refreshed' } }, 'fail'],
    ['not published, looked for a moment ago', { kids: ['k2'], cache: { state: 'negative' } }, 'fail'],
    ['not published, not looked for', { kids: ['k2'], cache: { state: 'throttled' } }, 'unknown'],
    ['not published, stale', { kids: ['k2'], cache: { state: 'stale' } }, 'unknown'],
    ['not published, degraded', { kids: ['k2'], cache: { state: 'degraded' } }, 'unknown'],
    ['not published, and the last fetch failed', { kids: ['k2'], cache: { refreshFailed } }, 'unknown'],
    ['not among those read, and there are more', { kids: ['k2'], more: { keysLeftOut: 1 } }, 'unknown'],
    ['no key at all', { kids: [] }, 'fail'],
    ['other letter case', { kids: ['K1'] }, 'fail'],
  ])('%s', (_name, given, outcome) => {
    expect(run(given).outcome).toBe(outcome);
  });

  it('fails for a token that names no key, unless its issuer may leave it out', () => {
    const of = (documents: KeyDocument[]) =>
      kidNotPublished.run({ soughtKey: {}, signingKeys: setOf([named('k2')]), keyDocuments: documents }).outcome;
    expect(of([documentOf()])).toBe('fail');
    expect(of([documentOf({}, { family: 'configured' })])).toBe('unknown');
  });

  it('counts where else it was looked for', () => {
    const documents = [documentOf(), documentOf({ role: 'tenant' }), unreadOf('unreachable', { role: 'other-cloud' })];
    const { summary } = run({ kids: ['k2'], documents });
    expect(summary).toMatch(/1 further document.*1 more/);
    expect(run({ kids: ['k2'] }).summary).not.toContain('further');
  });

  it('lists a dozen kids and cuts long ones', () => {
    const kids = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    const { expected, actual } = run({ kids, kid: LONG });
    expect(expected?.split(', ')).toEqual(kids.slice(0, 12));
    expect(actual?.length).toBeLessThan(300);
  });
});
