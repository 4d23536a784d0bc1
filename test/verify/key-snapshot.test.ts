import { describe, expect, it } from 'vitest';
import type { KeyPlace } from '../../src/contract/evidence.ts';
import { retrieveKeys } from '../../src/verify/key-retrieval.ts';
import { restored, type SeenKids, snapshotOf } from '../../src/verify/key-snapshot.ts';
import type { SnapshotStore } from '../../src/verify/snapshot-store.ts';
import { at, down, FRESH, farSide, hold, instance, issuer, keysUrl, memoryStore, rsa, START } from './key-world.ts';

/** A store with what one instance left there at 0 s. */
async function left(...kids: string[]) {
  const far = farSide(...kids);
  const memory = memoryStore();
  await instance(far, { snapshots: memory.store }).get(kids[0] ?? 'a');
  far.fetches = 0;
  return { far, memory, another: (snapshots: SnapshotStore = memory.store) => instance(far, { snapshots }) };
}

describe('a snapshot', () => {
  it('is left by each fetch that brought keys, and by no other', async () => {
    const far = farSide();
    const { store, counts, only } = memoryStore();
    const { get } = instance(far, { snapshots: store });
    await get('a');
    expect(only()).toMatchObject({ format: 1, issuer: issuer.issuer, fetchedAt: at(0).toISOString() });
    far.seconds = FRESH;
    await get('a');
    expect(only()).toMatchObject({ fetchedAt: at(FRESH).toISOString() });
    far.answer = down;
    far.seconds = 2 * FRESH;
    await get('a');
    expect(counts.writes).toBe(2);
  });

  it('is neither left nor read of a place only looked into', async () => {
    const { memory, another } = await left();
    const reads = memory.counts.reads;
    const passing: KeyPlace = { ...issuer, passing: true };
    await another().cache.get(passing, { kid: 'a', purpose: 'diagnosing' });
    expect(memory.counts).toEqual({ reads, writes: 1 });
  });

  it('that is fresh spares a cold start its fetch', async () => {
    const { far, another } = await left('a');
    far.seconds = FRESH - 1;
    expect(await another().keys('a')).toMatchObject({
      kidPublished: true,
      kidSeen: { firstAt: at(0), lastAt: at(0) },
      cache: { state: 'fresh', fetchedAt: at(0), ageSeconds: FRESH - 1 },
    });
    expect(far.fetches).toBe(0);
  });

  it('that is older costs one fetch, and serves whoever that takes too long', async () => {
    const { far, another } = await left();
    far.seconds = FRESH;
    const release = hold(far);
    const { keys } = another();
    const got = await Promise.all([keys('a'), keys('a')]);
    expect(got.map(({ kidPublished, cache }) => [kidPublished, cache.state])).toEqual([
      [true, 'stale'],
      [true, 'stale'],
    ]);
    expect(far.fetches).toBe(1);
    release();
    expect((await keys('a')).cache.ageSeconds).toBe(0);
  });

  it('helps an instance that never saw the issuer through its outage', async () => {
    const { far, another } = await left();
    far.answer = down;
    far.seconds = 5000;
    expect((await another().keys('a')).cache).toMatchObject({
      state: 'stale',
      ageSeconds: 5000,
      refreshFailed: { reason: 'unreachable' },
    });
  });

  it('that another instance left in an outage is taken over once a fetch of one’s own failed', async () => {
    const far = farSide();
    const { store } = memoryStore();
    const one = instance(far, { snapshots: store });
    await one.get('a');
    far.kids = ['a', 'b'];
    far.seconds = FRESH;
    await instance(far, { snapshots: store }).get('b');
    far.answer = down;
    far.seconds = FRESH + 1;
    expect(await one.keys('b')).toMatchObject({ kidPublished: true, cache: { fetchedAt: at(FRESH) } });
  });
});

describe('refused whole is a snapshot', () => {
  type Stored = Record<string, unknown> & { metadata: object; keys: { jwk: object; secretPublished: boolean }[] };
  it.each<[string, (stored: Stored) => unknown]>([
    ['that is none', () => 'garbage'],
    ['that is null', () => null],
    ['that is a list', (stored) => [stored]],
    ['of another format', (stored) => ({ ...stored, format: 2 })],
    ['with a member more', (stored) => ({ ...stored, more: 1 })],
    ['without a member', ({ seen: _, ...stored }) => stored],
    ['from the future', (stored) => ({ ...stored, fetchedAt: at(100 + 301).toISOString() })],
    ['of no time', (stored) => ({ ...stored, fetchedAt: 'now' })],
    ['of another issuer', (stored) => ({ ...stored, issuer: 'https://sts.windows.net/other/' })],
    [
      'of another document',
      (stored) => ({ ...stored, metadata: { ...stored.metadata, url: 'https://evil.example/' } }),
    ],
    [
      'with keys of outside the family',
      (stored) => ({ ...stored, metadata: { ...stored.metadata, jwksUri: 'https://evil.example/keys' } }),
    ],
    ['with one malformed key', (stored) => ({ ...stored, keys: [...stored.keys, { jwk: { kid: 'b' } }] })],
    [
      'with a kid that is no text',
      (stored) => ({ ...stored, keys: [{ ...stored.keys[0], jwk: { ...rsa('a'), kid: 1 } }] }),
    ],
    ['with no keys', (stored) => ({ ...stored, keys: [] })],
    [
      'with no key for signatures',
      (stored) => ({ ...stored, keys: [{ jwk: { ...rsa('a'), use: 'enc' }, secretPublished: false }] }),
    ],
    [
      'with more keys than are read of an issuer',
      (stored) => ({ ...stored, keys: Array.from({ length: 101 }, () => stored.keys[0]) }),
    ],
    [
      'with more kids than are remembered',
      (stored) => ({
        ...stored,
        seen: Array.from({ length: 201 }, (_, index) => ({
          kid: `${index}`,
          firstAt: at(0).toISOString(),
          lastAt: at(0).toISOString(),
        })),
      }),
    ],
  ])('%s', async (_name, change) => {
    const { far, memory, another } = await left();
    far.seconds = 100;
    expect((await another().keys('a')).cache).toMatchObject({ state: 'fresh', ageSeconds: 100 });
    expect(far.fetches).toBe(0);
    memory.replace(change(structuredClone(memory.only()) as unknown as Stored));
    expect((await another().keys('a')).cache).toMatchObject({ state: 'refreshed', ageSeconds: 0 });
    expect(memory.only()).toMatchObject({ fetchedAt: at(100).toISOString(), keys: [{ jwk: { kid: 'a' } }] });
  });

  it('and one of a clock a little ahead, which is not replaced by what may be older', async () => {
    const { far, memory, another } = await left();
    far.seconds = 100;
    const ahead = { ...memory.only(), fetchedAt: at(400).toISOString() };
    memory.replace(ahead);
    expect((await another().keys('a')).cache.state).toBe('refreshed');
    expect(memory.only()?.fetchedAt).toBe(ahead.fetchedAt);
  });

  it('and one that the store could not have in time is like none', async () => {
    const { far, another } = await left();
    const failing: SnapshotStore = { read: async () => undefined, update: async () => {}, state: () => 'failing' };
    expect((await another(failing).keys('a')).cache.state).toBe('refreshed');
    expect(far.fetches).toBe(1);
  });
});

describe('a key published with its secret', () => {
  it('stays unusable out of a snapshot, which does not have the secret', async () => {
    const far = farSide();
    const { store, texts } = memoryStore();
    far.answer = { ok: true, body: { keys: [{ ...rsa('a'), d: 'PRIVATE' }, rsa('b')] } };
    await instance(far, { snapshots: store }).get('a');
    expect([...texts.values()].join()).not.toContain('PRIVATE');
    const { keys } = await instance(far, { snapshots: store }).get('a');
    expect(keys.map((key) => [key.jwk.kid, key.fault, key.publicKey()?.type])).toEqual([
      ['a', 'secret-published', undefined],
      ['b', undefined, 'public'],
    ]);
    expect(far.fetches).toBe(1);
  });
});

describe('instances', () => {
  it('lose nothing of what each knows of the kids', async () => {
    const far = farSide('a');
    const { store, only } = memoryStore();
    const [one, other] = [instance(far, { snapshots: store }), instance(far, { snapshots: store })];
    await one.get('a');
    await other.get('a');
    far.seconds = 1000;
    far.kids = ['b'];
    await one.get('b');
    far.seconds = 2000;
    far.kids = ['c'];
    await other.get('c');
    const lives = [
      ['a', 0],
      ['b', 1000],
      ['c', 2000],
    ] as const;
    expect(only()?.seen.toSorted((x, y) => JSON.stringify(x).localeCompare(JSON.stringify(y)))).toEqual(
      lives.map(([kid, seconds]) => ({
        kid,
        firstAt: at(seconds).toISOString(),
        lastAt: at(seconds).toISOString(),
      })),
    );
    expect(only()?.keys.map(({ jwk }) => jwk.kid)).toEqual(['c']);
    expect(await instance(far, { snapshots: store }).keys('a')).toMatchObject({
      kidPublished: false,
      kidSeen: { firstAt: at(0), lastAt: at(0) },
    });
  });

  it('do not bring a revoked key back, however late the older one writes', async () => {
    const far = farSide('revoked', 'a');
    const memory = memoryStore();
    const { promise: late, resolve: write } = Promise.withResolvers<void>();
    const tardy: SnapshotStore = {
      ...memory.store,
      update: async (...args) => {
        await late;
        await memory.store.update(...args);
      },
    };
    const older = instance(far, { snapshots: tardy }).get('a');
    await new Promise((done) => setImmediate(done));
    far.seconds = 1;
    far.kids = ['a'];
    await instance(far, { snapshots: memory.store }).get('a');
    write();
    await older;
    expect(memory.only()).toMatchObject({ fetchedAt: at(1).toISOString(), keys: [{ jwk: { kid: 'a' } }] });
    expect(memory.only()?.seen).toHaveLength(2);
    expect((await instance(far, { snapshots: memory.store }).keys('revoked')).kidPublished).toBe(false);
  });

  it('do not take older keys out of a snapshot for newer ones in memory', async () => {
    const { far, memory, another } = await left('revoked', 'a');
    const old = memory.only();
    far.kids = ['a'];
    far.seconds = FRESH;
    const { keys } = another();
    expect((await keys('revoked')).kidPublished).toBe(false);
    memory.replace(old);
    far.answer = down;
    far.seconds = 2 * FRESH;
    expect(await keys('revoked')).toMatchObject({ kidPublished: false, cache: { fetchedAt: at(FRESH) } });
    expect((await keys('a')).kidSeen?.lastAt).toEqual(at(FRESH));
  });
});

describe('what is remembered of kids', () => {
  const place: KeyPlace = issuer;
  const stored = async (kids: string[], seen: SeenKids) => {
    const port = {
      getJson: async (url: string) => ({
        ok: true as const,
        body: url === keysUrl ? { keys: kids.map(rsa) } : { issuer: issuer.issuer, jwks_uri: keysUrl },
      }),
    };
    const { set, ...rest } = await retrieveKeys(place, port, () => at(0));
    if (!set.ok) throw new Error(set.absent.detail);
    return JSON.parse(JSON.stringify(snapshotOf({ ...rest, set }, seen, undefined, place, at(0))));
  };
  const seenAt = (kids: string[]): SeenKids =>
    new Map(kids.map((kid, index) => [kid, { firstAt: new Date(START - 1), lastAt: new Date(START - index) }]));

  it('is bounded, the longest gone first; a kid of no use is looked for and not remembered', async () => {
    const kids = Array.from({ length: 500 }, (_, index) => `k${index}`);
    const found = restored(await stored(['a'.repeat(257)], seenAt(['x'.repeat(257), ...kids])), place, at(0));
    expect([...(found?.seen.keys() ?? [])]).toEqual(kids.slice(0, 200));
    expect(found?.retrieval.set.keys.map(({ jwk }) => jwk.kid)).toEqual(['a'.repeat(257)]);
  });

  it('takes any name for a name', async () => {
    const names = ['__proto__', 'constructor', 'toString', ''];
    const found = restored(await stored(names, seenAt(names)), place, at(0));
    expect([...(found?.seen.keys() ?? [])]).toEqual(names);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('firstAt');
    const far = farSide('__proto__');
    const { store } = memoryStore();
    for (const fetches of [1, 1]) {
      expect(await instance(far, { snapshots: store }).keys('__proto__')).toMatchObject({ kidPublished: true });
      expect(far.fetches).toBe(fetches);
    }
    const { keys } = instance(farSide('a'));
    expect(await keys('__proto__')).toMatchObject({ kidPublished: false });
    expect(await keys('__proto__')).not.toHaveProperty('kidSeen');
  });
});
