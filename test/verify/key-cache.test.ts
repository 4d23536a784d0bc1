import { describe, expect, it } from 'vitest';
import type { TrustedIssuer } from '../../src/contract/evidence.ts';
import { trustedIssuer } from '../../src/trust/families.ts';
import { type Fetched, guardedPort, type Port } from '../../src/trust/guarded-port.ts';
import { MAX_KEYS } from '../../src/verify/jwk-set.ts';
import { STALE_LIMIT_SECONDS } from '../../src/verify/kept-keys.ts';
import {
  KeyCache,
  MAX_FETCHES_AT_ONCE,
  MAX_PLACES,
  REFRESH_BURST,
  REFRESH_EVERY_SECONDS,
  type Wanted,
} from '../../src/verify/key-cache.ts';
import { playHttps } from '../far-side.ts';
import { TENANT } from '../tokens.ts';

const FRESH = 600;
const issuer = trustedIssuer(`https://sts.windows.net/${TENANT}/`, 'public', [])!;
const keysUrl = `https://login.microsoftonline.com/${TENANT}/discovery/keys`;
/** Long enough to be used. */
const MODULUS = Buffer.alloc(256, 0xa5).toString('base64url');
const rsa = (kid: string) => ({ kty: 'RSA', kid, use: 'sig', n: MODULUS, e: 'AQAB' });

/** A world whose documents and clock the test sets, and which counts what it was asked. */
function world(kids: string[] = ['a'], neverForgotten: TrustedIssuer[] = []) {
  const state = {
    seconds: 0,
    kids,
    metadata: {} as object,
    keys: undefined as Fetched | undefined,
    fetches: 0,
    asked: [] as string[],
  };
  const port: Port = {
    getJson: async (url) => {
      state.asked.push(url);
      if (url.endsWith('openid-configuration')) {
        state.fetches += 1;
        return { ok: true, body: { issuer: issuer.issuer, jwks_uri: keysUrl, ...state.metadata } };
      }
      return state.keys ?? { ok: true, body: { keys: state.kids.map(rsa) } };
    },
  };
  const now = () => new Date(1_800_000_000_000 + state.seconds * 1000);
  const cache = new KeyCache({ port, now, freshSeconds: FRESH, neverForgotten, random: () => 0 });
  const get = async (kid?: string, refresh: Wanted['refresh'] = 'auto', of: TrustedIssuer = issuer) =>
    await cache.get(of, { kid, refresh, purpose: 'diagnosing' });
  return { state, get, cache };
}

const kept = async (got: ReturnType<ReturnType<typeof world>['get']>) => {
  const { signingKeys } = await got;
  return signingKeys.state === 'present' ? signingKeys.value : undefined;
};
const diagnosing: Wanted = { kid: 'a', purpose: 'diagnosing' };
const down: Fetched = { ok: false, reason: 'unreachable', detail: 'down' };

describe('KeyCache', () => {
  it('fetches metadata, then the keys it names, and tells both', async () => {
    const { state, get } = world();
    const got = await get('a');
    expect(state.asked).toEqual([issuer.metadataUrl, keysUrl]);
    expect(got.metadata).toMatchObject({ state: 'present', value: { issuer: issuer.issuer, jwksUri: keysUrl } });
    expect(got.signingKeys).toMatchObject({
      state: 'present',
      value: { kidPublished: true, cache: { state: 'refreshed', ageSeconds: 0 } },
    });
    expect(got.keys).toHaveLength(1);
  });

  it('keeps a set while it is fresh, and fetches again after', async () => {
    const { state, get } = world();
    await get('a');
    state.seconds = FRESH - 1;
    expect((await kept(get('a')))?.cache).toMatchObject({ state: 'fresh', ageSeconds: FRESH - 1 });
    expect(state.fetches).toBe(1);
    state.seconds = FRESH;
    expect((await kept(get('a')))?.cache.state).toBe('refreshed');
    expect(state.fetches).toBe(2);
  });

  it('shares one fetch among callers at the same time', async () => {
    const { state, get } = world();
    await Promise.all(Array.from({ length: 50 }, () => get('a')));
    expect(state.fetches).toBe(1);
  });

  it('sees a rotation right after a fetch', async () => {
    const { state, get } = world();
    await get('a');
    state.kids = ['a', 'b'];
    state.seconds = 1;
    expect(await kept(get('b'))).toMatchObject({ kidPublished: true, cache: { state: 'refreshed' } });
  });

  it('follows no flood of unknown kids: a burst, then one fetch in each cooldown, and says so', async () => {
    const { state, get } = world();
    await get('a');
    const flood = async () => {
      for (let index = 0; index < 100; index += 1) await get(`unknown-${state.seconds}-${index}`);
    };
    await flood();
    expect(state.fetches).toBe(1 + REFRESH_BURST);
    expect((await kept(get('b')))?.cache).toMatchObject({
      state: 'throttled',
      nextRefreshAt: new Date(1_800_000_000_000 + REFRESH_EVERY_SECONDS * 1000),
    });
    state.seconds = REFRESH_EVERY_SECONDS - 1;
    await flood();
    expect(state.fetches).toBe(1 + REFRESH_BURST);
    state.seconds = REFRESH_EVERY_SECONDS;
    state.kids = ['a', 'b'];
    expect((await kept(get('b')))?.kidPublished).toBe(true);
    await flood();
    expect(state.fetches).toBe(2 + REFRESH_BURST);
    state.seconds = 10 * REFRESH_EVERY_SECONDS;
    await flood();
    expect(state.fetches).toBe(2 + 2 * REFRESH_BURST);
  });

  it('lets nobody wait who finds a fresh key, while others have it asked again', async () => {
    const { state, get } = world();
    await get('a');
    let answer: (fetched: Fetched) => void = () => {};
    state.keys = new Promise<Fetched>((resolve) => {
      answer = resolve;
    }) as unknown as Fetched;
    const waiting = get('b');
    expect((await kept(get('a')))?.kidPublished).toBe(true);
    answer({ ok: true, body: { keys: ['a', 'b'].map(rsa) } });
    expect((await kept(waiting))?.kidPublished).toBe(true);
  });

  it('lets nobody with an old key wait long for a new set', async () => {
    const { state, get } = world();
    await get('a');
    state.keys = new Promise<Fetched>(() => {}) as unknown as Fetched;
    state.seconds = FRESH;
    expect(await kept(get('a'))).toMatchObject({ kidPublished: true, cache: { state: 'stale' } });
  });

  it('keeps calling fresh keys fresh when a fetch for somebody else’s kid fails', async () => {
    const { state, get } = world();
    await get('a');
    state.keys = down;
    expect((await kept(get('b')))?.cache).toMatchObject({ state: 'fresh', refreshFailed: { reason: 'unreachable' } });
    expect((await kept(get('a')))?.cache.state).toBe('fresh');
    state.seconds = 60;
    expect((await kept(get('a')))?.cache.nextRefreshAt.getTime()).toBeGreaterThanOrEqual(1_800_000_060_000);
  });

  it.each<[string, object]>([
    ['for encryption', { ...rsa('a'), use: 'enc' }],
    ['for other operations', { ...rsa('a'), key_ops: ['encrypt'] }],
    ['without members', { kty: 'RSA', kid: 'a' }],
    ['without a curve', { kty: 'EC', kid: 'a', x: 'AA', y: 'AA' }],
  ])('keeps the last good set when the new one has only keys %s', async (_name, key) => {
    const { state, get } = world();
    await get('a');
    state.keys = { ok: true, body: { keys: [key] } };
    state.seconds = FRESH;
    expect((await get('a')).keys.map(({ jwk }) => jwk)).toEqual([rsa('a')]);
  });

  it('forgets issuers that brought no keys first', async () => {
    const { state, get } = world();
    await get('a');
    state.keys = down;
    const nth = (index: number) => ({
      ...issuer,
      metadataUrl: `https://issuer-${index}.example/.well-known/openid-configuration`,
    });
    for (let index = 0; index <= 2 * MAX_PLACES; index += 1) await get('a', 'auto', nth(index));
    expect((await kept(get('a')))?.kidPublished).toBe(true);
  });

  it('opens only so many fetches at once, whatever is offered', async () => {
    const { state, get } = world();
    let answer: (fetched: Fetched) => void = () => {};
    state.keys = new Promise<Fetched>((resolve) => {
      answer = resolve;
    }) as unknown as Fetched;
    const nth = (index: number) => ({
      ...issuer,
      metadataUrl: `https://issuer-${index}.example/.well-known/openid-configuration`,
    });
    const offered = Array.from({ length: MAX_FETCHES_AT_ONCE + 20 }, (_, index) => get('a', 'auto', nth(index)));
    answer({ ok: true, body: { keys: [rsa('a')] } });
    const states = (await Promise.all(offered)).map(({ signingKeys }) => signingKeys.state);
    expect(state.fetches).toBe(MAX_FETCHES_AT_ONCE);
    expect(states.filter((found) => found === 'absent')).toHaveLength(20);
    expect((await get('a', 'auto', nth(MAX_FETCHES_AT_ONCE + 1))).signingKeys.state).toBe('present');
  });

  it('spends no fetch on an unknown kid of a token that could not pass anyway', async () => {
    const { state, get } = world();
    await get('a');
    state.seconds = 60;
    await get('b', 'when-old');
    expect(state.fetches).toBe(1);
  });

  it('forgets a kid that a good fetch no longer has', async () => {
    const { state, get } = world(['a', 'b']);
    await get('b');
    state.kids = ['a'];
    state.seconds = FRESH;
    expect((await kept(get('b')))?.kidPublished).toBe(false);
  });

  it.each<[string, Fetched, string]>([
    ['an outage', down, 'stale'],
    ['an empty set', { ok: true, body: { keys: [] } }, 'degraded'],
    ['no set at all', { ok: true, body: ['keys'] }, 'degraded'],
    ['a set of no keys', { ok: true, body: { keys: [1, 'x', null, {}] } }, 'degraded'],
    ['a set of secrets', { ok: true, body: { keys: [{ kty: 'oct', kid: 'a', k: 'AA' }] } }, 'degraded'],
    ['what is too large', { ok: false, reason: 'malformed', detail: 'too large' }, 'degraded'],
  ])('keeps the last good set through %s, says so, and stops at the limit', async (_name, answer, cacheState) => {
    const { state, get } = world();
    await get('a');
    state.keys = answer;
    state.seconds = FRESH;
    expect(await kept(get('a'))).toMatchObject({ kidPublished: true, cache: { state: cacheState, ageSeconds: FRESH } });
    await get('a');
    expect(state.fetches).toBe(2);
    state.seconds = STALE_LIMIT_SECONDS + 1;
    expect(await kept(get('a'))).toBeUndefined();
  });

  it.each<[string, Fetched, string]>([
    ['down', down, 'unreachable'],
    ['absent', { ok: false, reason: 'not-found', detail: '404' }, 'not-found'],
    ['forbidden', { ok: false, reason: 'forbidden', detail: '403' }, 'forbidden'],
    ['refused by the guard', { ok: false, reason: 'refused', detail: 'private' }, 'untrusted'],
    ['malformed', { ok: false, reason: 'malformed', detail: 'HTML' }, 'malformed'],
    ['empty', { ok: true, body: { keys: [] } }, 'malformed'],
  ])('tells a cold set that is %s, and asks again only after the cooldown', async (_name, answer, reason) => {
    const { state, get } = world();
    state.keys = answer;
    expect((await get('a')).signingKeys).toMatchObject({ state: 'absent', reason });
    await Promise.all(Array.from({ length: 100 }, () => get('a')));
    expect(state.fetches).toBe(1);
    state.seconds = REFRESH_EVERY_SECONDS;
    state.keys = undefined as unknown as Fetched;
    expect((await get('a')).signingKeys.state).toBe('present');
  });

  it.each([
    ['another family', { jwks_uri: 'https://evil.example/keys' }, 'untrusted'],
    ['another cloud', { jwks_uri: 'https://login.microsoftonline.us/keys' }, 'untrusted'],
    ['http', { jwks_uri: 'http://login.microsoftonline.com/keys' }, 'untrusted'],
    ['nothing', { jwks_uri: undefined }, 'malformed'],
    ['a number', { jwks_uri: 7 }, 'malformed'],
  ])('asks no jwks_uri that names %s', async (_name, metadata, reason) => {
    const { state, get } = world();
    state.metadata = metadata;
    const got = await get('a');
    expect(got.metadata).toMatchObject({ state: 'absent', reason });
    expect(got.signingKeys).toMatchObject({ state: 'absent', reason });
    expect(state.asked).toEqual([issuer.metadataUrl]);
  });

  it('skips keys that are none, singly, and reads only so many', async () => {
    const { state, get } = world();
    state.keys = {
      ok: true,
      body: { keys: [null, 7, { kid: 'x' }, ...Array.from({ length: 200 }, (_, index) => rsa(`k${index}`))] },
    };
    const got = await get('a');
    expect(got.keys).toHaveLength(MAX_KEYS - 3);
    expect(await kept(Promise.resolve(got))).toMatchObject({ keysLeftOut: 203 - MAX_KEYS });
  });

  it('tells public members of keys only', async () => {
    const { state, get } = world();
    state.keys = {
      ok: true,
      body: {
        keys: [
          { ...rsa('a'), d: 'PRIVATE', p: 'PRIVATE' },
          { kty: 'oct', kid: 'b', k: 'SECRET' },
        ],
      },
    };
    expect(JSON.stringify((await get('a')).signingKeys)).not.toMatch(/PRIVATE|SECRET/);
  });

  it('reads the configured jwksUri without discovery', async () => {
    const { state, get } = world();
    const own = { issuer: 'https://idp.example/', jwksUri: 'https://keys.example/jwks' };
    await get('a', 'auto', trustedIssuer(own.issuer, 'public', [own])!);
    expect(state.asked).toEqual([own.jwksUri]);
  });

  it('remembers a bounded number of issuers, the most recent ones', async () => {
    const { state, get } = world();
    const nth = (index: number) => ({
      ...issuer,
      metadataUrl: `https://issuer-${index}.example/.well-known/openid-configuration`,
    });
    for (let index = 0; index <= MAX_PLACES; index += 1) await get('a', 'auto', nth(index));
    state.asked.length = 0;
    await get('a', 'auto', nth(MAX_PLACES));
    expect(state.asked).toEqual([]);
    await get('a', 'auto', nth(0));
    expect(state.asked).toContain(nth(0).metadataUrl);
  });

  it('tells what it saw of late, without asking', async () => {
    const { state, get, cache } = world();
    expect(cache.lastSeen(issuer)).toBe('not-asked');
    await get('a');
    expect(cache.lastSeen(issuer)).toBe('reachable');
    state.keys = down;
    state.seconds = FRESH;
    await get('a');
    expect(cache.lastSeen(issuer)).toBe('unreachable');
    state.seconds += 3601;
    expect(cache.lastSeen(issuer)).toBe('not-asked');
    expect(state.fetches).toBe(2);
  });

  it('never forgets an issuer that decisions rest on, whoever else is offered', async () => {
    const other = (index: number) =>
      trustedIssuer(
        `https://sts.windows.net/0a1b2c3d-1111-4222-8333-${String(index).padStart(12, '0')}/`,
        'public',
        [],
      )!;
    const { get, cache } = world(['a'], [issuer]);
    await get('a');
    for (let index = 0; index < MAX_PLACES + 1; index += 1) await get('a', 'auto', other(index));
    expect([cache.lastSeen(issuer), cache.lastSeen(other(0)), cache.lastSeen(other(MAX_PLACES))]).toEqual([
      'reachable',
      'not-asked',
      'reachable',
    ]);
  });

  it('asks for an issuer that decisions rest on however many others are being asked', async () => {
    const own = issuer.metadataUrl.replace('/.well-known/openid-configuration', '');
    const slow: Port = {
      getJson: async (url) => {
        if (!url.startsWith(own)) return await new Promise(() => {});
        const metadata = { issuer: issuer.issuer, jwks_uri: keysUrl };
        return { ok: true, body: url === issuer.metadataUrl ? metadata : { keys: [rsa('a')] } };
      },
    };
    const cache = new KeyCache({ port: slow, now: () => new Date(0), freshSeconds: FRESH, neverForgotten: [issuer] });
    for (let index = 0; index < MAX_FETCHES_AT_ONCE; index += 1) {
      const tenant = `0a1b2c3d-2222-4222-8333-${String(index).padStart(12, '0')}`;
      void cache.get(trustedIssuer(`https://sts.windows.net/${tenant}/`, 'public', [])!, diagnosing);
    }
    expect((await cache.get(issuer, diagnosing)).signingKeys.state).toBe('present');
  });

  it('keeps issuers apart that differ in the slash at their end', async () => {
    const jwksUri = 'https://idp.example/keys';
    const both = ['https://idp.example/a', 'https://idp.example/a/'].map((name) => ({ issuer: name, jwksUri }));
    const { get } = world();
    for (const { issuer: name } of both) {
      const { metadata } = await get('a', 'auto', trustedIssuer(name, 'public', both)!);
      expect(metadata).toMatchObject({ state: 'present', value: { issuer: name } });
    }
  });

  it('recovers from a port that throws, which would be a bug of ours', async () => {
    let broken = true;
    const port: Port = {
      getJson: async (url) => {
        if (broken) throw new Error('bug');
        return {
          ok: true,
          body: url === keysUrl ? { keys: [rsa('a')] } : { issuer: issuer.issuer, jwks_uri: keysUrl },
        };
      },
    };
    const cache = new KeyCache({ port, now: () => new Date(), freshSeconds: FRESH });
    await expect(cache.get(issuer, diagnosing)).rejects.toThrow('bug');
    broken = false;
    expect((await cache.get(issuer, diagnosing)).signingKeys.state).toBe('present');
  });

  it('works through the real port', async () => {
    const far = await playHttps('login.microsoftonline.com', (request, response) => {
      response.end(
        JSON.stringify(
          request.url?.includes('.well-known') ? { issuer: issuer.issuer, jwks_uri: keysUrl } : { keys: [rsa('a')] },
        ),
      );
    });
    const cache = new KeyCache({ port: guardedPort([]), now: () => new Date(), freshSeconds: FRESH });
    expect(await kept(cache.get(issuer, diagnosing))).toMatchObject({ jwksUri: keysUrl, kidPublished: true });
    expect(far.seen).toEqual([
      `GET login.microsoftonline.com/${TENANT}/.well-known/openid-configuration`,
      `GET login.microsoftonline.com/${TENANT}/discovery/keys`,
    ]);
    await far.close();
  });
});
