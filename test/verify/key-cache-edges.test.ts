import { describe, expect, it } from 'vitest';
import { trustedIssuer } from '../../src/trust/families.ts';
import { KeyCache, MAX_FETCHES_AT_ONCE } from '../../src/verify/key-cache.ts';
import type { SnapshotStore } from '../../src/verify/snapshot-store.ts';
import { at, down, FRESH, farSide, instance, issuer, keysUrl, memoryStore, present, rsa } from './key-world.ts';

/** What was called before has asked by then. */
const begun = () => new Promise((done) => setImmediate(done));

describe('a kid that was looked for in vain', () => {
  it('counts from the start again once a fetch had it', async () => {
    const far = farSide();
    const { get, state } = instance(far);
    await get('a');
    for (const seconds of [10, 30]) {
      await get('b');
      far.seconds = seconds;
    }
    far.kids = ['a', 'b'];
    await get('c');
    far.seconds = 50;
    far.kids = ['a'];
    await get('c', { refresh: 'force' });
    expect(await state('b')).toBe('refreshed');
    far.seconds = 60;
    expect(await state('b')).toBe('refreshed');
  });
});

describe('where too many issuers are being asked', () => {
  it('an unknown kid is not said to be looked for', async () => {
    let held = false;
    const cache = new KeyCache({
      now: () => at(0),
      freshSeconds: FRESH,
      port: {
        getJson: async (url) => {
          if (held) await new Promise(() => {});
          return {
            ok: true,
            body: url === keysUrl ? { keys: [rsa('a')] } : { issuer: issuer.issuer, jwks_uri: keysUrl },
          };
        },
      },
    });
    await cache.get(issuer, { kid: 'a', purpose: 'diagnosing' });
    held = true;
    for (let index = 0; index < MAX_FETCHES_AT_ONCE; index += 1) {
      const tenant = `0a1b2c3d-2222-4222-8333-${String(index).padStart(12, '0')}`;
      void cache.get(trustedIssuer(`https://sts.windows.net/${tenant}/`, 'public', [])!, { purpose: 'diagnosing' });
    }
    await begun();
    const got = present(await cache.get(issuer, { kid: 'b', purpose: 'diagnosing' }));
    expect(got).toMatchObject({ kidPublished: false, cache: { state: 'throttled', nextRefreshAt: at(0) } });
  });
});

describe('a place that was only looked into', () => {
  it('does not keep its issuer from being remembered later, nor lend it its keys', async () => {
    const far = farSide();
    const { store, counts } = memoryStore();
    const { cache, get } = instance(far, { snapshots: store });
    await cache.get(
      { ...issuer, passing: true, keyHosts: [...issuer.keyHosts, 'evil.example'] },
      { purpose: 'diagnosing' },
    );
    expect(counts).toEqual({ reads: 0, writes: 0 });
    await get('a');
    expect(far.fetches).toBe(2);
    expect(counts).toEqual({ reads: 1, writes: 1 });
  });
});

describe('a snapshot', () => {
  it('that is being written is there when the answer to whoever began the fetch is out', async () => {
    const far = farSide();
    const { store, counts } = memoryStore();
    const slow: SnapshotStore = {
      ...store,
      update: async (...args) => {
        await new Promise((done) => setTimeout(done, 20));
        await store.update(...args);
      },
    };
    await instance(far, { snapshots: slow }).get('a');
    expect(counts.writes).toBe(1);
  });
});

describe('a snapshot store that breaks its word and rejects', () => {
  const broken: SnapshotStore = {
    read: () => Promise.reject(new Error('broken')),
    update: () => Promise.reject(new Error('broken')),
    state: () => 'failing',
  };
  it('costs nobody an answer', async () => {
    const far = farSide();
    const { keys, get } = instance(far, { snapshots: broken });
    expect(await keys('a')).toMatchObject({ kidPublished: true });
    far.answer = down;
    far.seconds = FRESH;
    expect((await keys('a')).cache.state).toBe('stale');
    expect((await get('a')).signingKeys.state).toBe('present');
  });
});

describe('a set whose members make no key', () => {
  it.each([
    ['on a curve that is none', { kty: 'EC', kid: 'a', crv: 'P-1', x: 'AA', y: 'AA' }],
    ['of a point that is not on its curve', { kty: 'EC', kid: 'a', crv: 'P-256', x: 'AA', y: 'AA' }],
    ['of an exponent that is none', { ...rsa('a'), e: '!' }],
  ])('replaces none that does: %s', async (_name, key) => {
    const far = farSide();
    const { keys } = instance(far);
    await keys('a');
    far.answer = { ok: true, body: { keys: [key] } };
    far.seconds = FRESH;
    expect((await keys('a')).cache).toMatchObject({ state: 'degraded', fetchedAt: at(0) });
  });
});

describe('a snapshot that no instance of ours wrote', () => {
  async function forged(change: (stored: { keys: object[]; fetchedAt: string }) => object) {
    const far = farSide();
    const { store, only, replace } = memoryStore();
    await instance(far, { snapshots: store }).get('a');
    replace(change(only()!));
    far.seconds = 100;
    return { far, only, ...instance(far, { snapshots: store }) };
  }

  it.each(['d', 'k', 'more'])('is refused whole for the member %s of a key', async (member) => {
    const jwk = { ...rsa('evil'), [member]: 'AA' };
    const { keys } = await forged((stored) => ({
      ...stored,
      keys: [...stored.keys, { jwk, secretPublished: false }],
    }));
    expect(await keys('evil')).toMatchObject({ kidPublished: false, cache: { state: 'refreshed' } });
  });

  it('lets no kid be seen after its keys were fetched, which would crowd out all others for ever', async () => {
    const later = at(1e9).toISOString();
    const { far, get, keys, only } = await forged((stored) => ({
      ...stored,
      seen: Array.from({ length: 200 }, (_, index) => ({ kid: `evil-${index}`, firstAt: later, lastAt: later })),
    }));
    expect((await keys('evil-0', { refresh: 'never' })).kidSeen).toEqual({ firstAt: at(0), lastAt: at(0) });
    far.seconds = FRESH;
    await get('a');
    expect(only()?.seen).toContainEqual({
      kid: 'a',
      firstAt: at(FRESH).toISOString(),
      lastAt: at(FRESH).toISOString(),
    });
  });
});
