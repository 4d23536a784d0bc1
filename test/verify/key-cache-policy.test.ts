import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { LONGEST_RETRY_AFTER_SECONDS } from '../../src/verify/kept-keys.ts';
import { REFRESH_BURST, REFRESH_EVERY_SECONDS } from '../../src/verify/key-cache.ts';
import { MAX_MISSES, Misses } from '../../src/verify/misses.ts';
import { at, down, FRESH, farSide, hold, instance, rsa } from './key-world.ts';

async function warm(...kids: string[]) {
  const far = farSide(...kids);
  const one = instance(far);
  await one.get('a');
  return { far, ...one };
}

/** What was called before has asked by then. */
const begun = () => new Promise((done) => setImmediate(done));

describe('a kid that was looked for in vain', () => {
  it('is not looked for again for 10 s, twice as long each further time, up to 60 s', async () => {
    const { far, keys } = await warm();
    for (const seconds of [10, 20, 40, 60, 60]) {
      const [fetches, since] = [far.fetches, far.seconds];
      expect(await keys('b')).toMatchObject({ kidPublished: false, cache: { state: 'refreshed' } });
      expect(far.fetches).toBe(fetches + 1);
      far.seconds = since + seconds - 0.001;
      expect((await keys('b')).cache).toMatchObject({ state: 'negative', nextRefreshAt: at(since + seconds) });
      expect(far.fetches).toBe(fetches + 1);
      far.seconds = since + seconds;
    }
  });

  it('counts once for all callers of one fetch', async () => {
    const { far, state } = await warm();
    await Promise.all(Array.from({ length: 20 }, () => state('b')));
    // One for the first, and one for those who came while it was under way.
    expect(far.fetches).toBe(3);
    far.seconds = 10;
    expect(await state('b')).toBe('refreshed');
  });

  it('is looked for again by who insists', async () => {
    const { far, state } = await warm();
    await state('b');
    expect(await state('b', { refresh: 'force' })).toBe('refreshed');
    expect(far.fetches).toBe(3);
  });

  it('is served at once when a fetch for somebody else brought it', async () => {
    const { far, keys } = await warm();
    await keys('b');
    far.kids = ['a', 'b'];
    await keys('c');
    expect(await keys('b')).toMatchObject({ kidPublished: true, cache: { state: 'fresh' } });
    expect(far.fetches).toBe(3);
  });

  it('is remembered among a bounded number, the longest ago goes first', () => {
    const misses = new Misses();
    const name = (index: number) => `kid ${index}`;
    for (let index = 0; index < MAX_MISSES; index += 1) misses.add(name(index), 0);
    misses.add(name(0), 0);
    misses.add('one more', 0);
    expect([0, 1, 2].map((index) => misses.waitMs(name(index), 0))).toEqual([10_000, 0, 10_000]);
  });
});

describe('a failed fetch', () => {
  it.each([
    ['least', 0, [1, 2, 4, 8, 16, 32, 60, 60]],
    ['most', 0.999_999, [1.5, 3, 6, 12, 24, 48, 60, 60]],
  ])(
    'is not repeated for 1 s, twice as long after each further one, up to 60 s, with the %s jitter',
    async (_name, random, waits) => {
      const far = farSide();
      far.answer = down;
      const { get } = instance(far, { random: () => random });
      let fetches = 0;
      for (const seconds of waits) {
        await get('a');
        fetches += 1;
        expect(far.fetches).toBe(fetches);
        far.seconds += seconds - 0.002;
        expect((await get('a')).nextRefreshAt.getTime()).toBeGreaterThan(far.now().getTime());
        await get('b', { refresh: 'force' });
        expect(far.fetches).toBe(fetches);
        far.seconds += 0.002;
      }
    },
  );

  it('counts anew after one that succeeded', async () => {
    const { far, get } = await warm();
    const failing = async () => {
      far.answer = down;
      far.seconds += FRESH;
      expect((await get('a')).nextRefreshAt).toEqual(at(far.seconds + 1));
    };
    await failing();
    far.seconds += 1;
    expect((await get('a')).nextRefreshAt).toEqual(at(far.seconds + 2));
    far.answer = undefined;
    far.seconds += 2;
    await get('a');
    await failing();
  });

  it.each([
    ['heeded', 100, 100],
    ['heeded no longer than is good for us', 1e9, LONGEST_RETRY_AFTER_SECONDS],
    ['not heeded where it is shorter than our own', 0.1, 1],
  ])('whose Retry-After is %s', async (_name, retryAfterSeconds, waits) => {
    const far = farSide();
    far.answer = { ...down, retryAfterSeconds };
    expect((await instance(far).get('a')).nextRefreshAt).toEqual(at(waits));
  });

  it('is told until one succeeds; the keys stay as good as they are old', async () => {
    const { far, keys } = await warm();
    far.answer = down;
    far.seconds = 5;
    const refreshFailed = { reason: 'unreachable', detail: 'down', at: at(5) };
    expect((await keys('b')).cache).toMatchObject({ state: 'fresh', refreshFailed });
    far.answer = { ok: true, body: { keys: [] } };
    far.seconds = 20;
    expect((await keys('b')).cache).toMatchObject({ state: 'degraded', refreshFailed: { reason: 'malformed' } });
    expect(await keys('a')).toMatchObject({ kidPublished: true, cache: { state: 'degraded', fetchedAt: at(0) } });
    far.answer = undefined;
    far.seconds = 40;
    expect((await keys('b')).cache).not.toHaveProperty('refreshFailed');
  });
});

describe('who insists', () => {
  it('has fresh keys fetched anew, within the allowance; beyond it the keys are told all the same', async () => {
    const { far, keys } = await warm();
    for (let index = 0; index < REFRESH_BURST; index += 1)
      expect((await keys('a', { refresh: 'force' })).cache.state).toBe('refreshed');
    expect(await keys('a', { refresh: 'force' })).toMatchObject({
      kidPublished: true,
      cache: { state: 'throttled', nextRefreshAt: at(REFRESH_EVERY_SECONDS) },
    });
    expect(far.fetches).toBe(1 + REFRESH_BURST);
  });

  it('joins a fetch under way, and then has one of its own, with all others who came meanwhile', async () => {
    const { far, keys } = await warm();
    const release = hold(far);
    const first = keys('x');
    await begun();
    far.kids = ['a', 'b'];
    const insisting = [keys('b', { refresh: 'force' }), keys('b', { refresh: 'force' })];
    release();
    expect((await first).kidPublished).toBe(false);
    for (const got of await Promise.all(insisting)) expect(got.kidPublished).toBe(true);
    expect(far.fetches).toBe(3);
  });
});

describe('who wants no fetch', () => {
  it('is told that nothing is known, or what is', async () => {
    const far = farSide();
    const { get, keys } = instance(far);
    expect((await get('a', { refresh: 'never' })).signingKeys).toMatchObject({ reason: 'not-provided' });
    expect(far.fetches).toBe(0);
    await get('a');
    expect(await keys('b', { refresh: 'never' })).toMatchObject({ kidPublished: false, cache: { state: 'fresh' } });
    far.seconds = FRESH;
    expect(await keys('a', { refresh: 'never' })).toMatchObject({ kidPublished: true, cache: { state: 'stale' } });
    expect(far.fetches).toBe(1);
    expect(await keys('a', { refresh: 'when-old' })).toMatchObject({ cache: { state: 'refreshed' } });
  });
});

describe('allowances', () => {
  it('of who diagnoses and of who decides are two', async () => {
    const { far, keys, state } = await warm();
    for (let index = 0; index < 100; index += 1) await state(`unknown-${index}`);
    far.kids = ['a', 'b'];
    expect(await state('b')).toBe('throttled');
    expect(await keys('b', { purpose: 'deciding' })).toMatchObject({
      kidPublished: true,
      cache: { state: 'refreshed' },
    });
    expect(far.fetches).toBe(2 + REFRESH_BURST);
  });

  it('are waited for by nobody: the clock stands still, and all are answered', async () => {
    const { far, state } = await warm();
    const flood = async (name: string) =>
      new Set(await Promise.all(Array.from({ length: 1000 }, (_, index) => state(`${name}-${index}`))));
    expect(await flood('first')).toEqual(new Set(['refreshed']));
    expect(await flood('later')).toEqual(new Set(['throttled']));
    expect(far.fetches).toBe(1 + REFRESH_BURST);
  });
});

describe('who joins a fetch that began before its kid was published', () => {
  it('gets it in this very call', async () => {
    const { far, keys } = await warm();
    const release = hold(far);
    const first = keys('x');
    await begun();
    far.kids = ['a', 'b'];
    const second = keys('b');
    release();
    expect((await first).cache.state).toBe('refreshed');
    expect(await second).toMatchObject({ kidPublished: true, cache: { state: 'refreshed' } });
    expect(far.fetches).toBe(3);
  });
});

describe('a slow fetch', () => {
  it('is waited for by whom old keys do not help, and half a second by others', async () => {
    const { far, state } = await warm();
    const release = hold(far);
    far.seconds = FRESH + 100;
    const strict = { done: false, state: state('a', { oldestSeconds: FRESH + 99 }) };
    void strict.state.finally(() => {
      strict.done = true;
    });
    const began = performance.now();
    expect(await state('a', { oldestSeconds: FRESH + 100 })).toBe('stale');
    expect(performance.now() - began).toBeGreaterThan(450);
    expect(strict.done).toBe(false);
    release();
    expect(await strict.state).toBe('refreshed');
    expect(far.fetches).toBe(2);
  });

  it('leaves no timer behind that keeps a process', async () => {
    const script = `
      import { KeyCache } from './src/verify/key-cache.ts';
      const place = { issuer: 'https://a.example/', jwksUri: 'https://a.example/keys', metadataUrl: '', family: 'configured', keyHosts: [] };
      const body = { keys: [${JSON.stringify(rsa('a'))}] };
      const port = { getJson: async () => { await new Promise((done) => setTimeout(done, 20)); return { ok: true, body }; } };
      let ms = 0;
      const cache = new KeyCache({ port, now: () => new Date(ms), freshSeconds: 60 });
      for (const time of [0, 60_000]) { ms = time; await cache.get(place, { kid: 'a', purpose: 'deciding' }); }
      console.log(JSON.stringify(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(stdout.trim()).toBe('[]');
  });
});

describe('of the keys is told', () => {
  it('when each kid was first and last published, over rotations', async () => {
    const { far, keys } = await warm('a', 'b');
    far.seconds = 1000;
    far.kids = ['b', 'c'];
    expect((await keys('a')).kidSeen).toEqual({ firstAt: at(0), lastAt: at(0) });
    expect((await keys('b')).kidSeen).toEqual({ firstAt: at(0), lastAt: at(1000) });
    expect((await keys('c')).kidSeen).toEqual({ firstAt: at(1000), lastAt: at(1000) });
    expect(await keys('d')).not.toHaveProperty('kidSeen');
    expect((await keys()).cache.kidsAvailable).toEqual(['b', 'c']);
  });

  it('the same key objects each time, made once for a set', async () => {
    const { far, get } = await warm('a', 'b');
    const objects = async () => (await get('a')).keys.map((key) => key.publicKey());
    const made = await objects();
    expect(made.every((key) => key?.type === 'public')).toBe(true);
    for (const [index, key] of (await objects()).entries()) expect(key).toBe(made[index]);
    far.seconds = FRESH;
    expect((await objects())[0]).not.toBe(made[0]);
  });
});
