import { beforeAll, describe, expect, it } from 'vitest';
import { trustedIssuer } from '../../src/trust/families.ts';
import { Policies } from '../../src/trust/policies.ts';
import { decide } from '../../src/verify/decide.ts';
import { type KeyCacheParts, MAX_FETCHES_AT_ONCE, REFRESH_BURST } from '../../src/verify/key-cache.ts';
import { TENANT, type TestKey, testKey } from '../tokens.ts';
import { at, down, FRESH, farSide, hold, instance, issuer, memoryStore } from './key-world.ts';

const API = '0a1b2c3d-4444-4222-8333-444455556666';
const claims = {
  iss: issuer.issuer,
  aud: API,
  tid: TENANT,
  ver: '1.0',
  appid: API,
  oid: 'o',
  sub: 'o',
  roles: ['r'],
  exp: at(1e6).getTime() / 1000,
};

let a: TestKey;
let b: TestKey;
beforeAll(async () => {
  [a, b] = await Promise.all([testKey('a'), testKey('b')]);
});

/** An issuer that publishes `a`, and an instance that judges; keys may be two hours old. */
function world(parts: Partial<KeyCacheParts> = {}) {
  const far = farSide();
  const publish = (...keys: TestKey[]) => {
    far.answer = { ok: true, body: { keys: keys.map(({ jwk }) => jwk) } };
  };
  publish(a);
  const { cache, get } = instance(far, parts);
  const judge = async (by: TestKey, kid = by.kid, policy: object = {}) => {
    const policies = Policies.parse({ p: { issuers: [issuer.issuer], audiences: [API], ...policy } });
    const compact = await by.sign(claims, { kid });
    return await decide(compact, policies.get('p')!, {
      keys: cache,
      now: far.now,
      cloud: 'public',
      issuers: [],
    });
  };
  return { far, publish, judge, get };
}

const refused = (reason: string, keys: string) => ({ outcome: 'refused', reason, keys });
const undecided = (because: string, retryAfterSeconds: number, keys: string, refreshFailed?: string) => ({
  outcome: 'undecided',
  because,
  issuer: issuer.issuer,
  retryAfterSeconds,
  keys,
  ...(refreshFailed !== undefined && { refreshFailed }),
});

describe('a token whose key is not known', () => {
  it('is accepted at once where the key was published since', async () => {
    const { judge, publish } = world();
    await judge(a);
    publish(a, b);
    expect(await judge(b)).toMatchObject({ outcome: 'accepted', keys: 'refreshed' });
    expect(await judge(a)).toMatchObject({ outcome: 'accepted', keys: 'fresh' });
  });

  it('is refused when the issuer was asked and does not publish it, and again without asking', async () => {
    const { far, judge } = world();
    await judge(a);
    expect(await judge(b)).toEqual(refused('key-not-found', 'refreshed'));
    far.seconds = 1;
    expect(await judge(b)).toEqual(refused('key-not-found', 'negative'));
    expect(far.fetches).toBe(2);
  });

  it('is told that it was not looked for when the issuer was asked too often', async () => {
    const { far, judge } = world();
    for (const kid of ['x', 'y', 'z']) await judge(b, kid);
    expect(await judge(b)).toEqual(refused('key-refresh-throttled', 'throttled'));
    far.seconds = 1;
    expect(await judge(a)).toMatchObject({ outcome: 'accepted', keys: 'fresh' });
  });

  it('is not decided upon when the issuer did not answer', async () => {
    const { far, judge } = world();
    await judge(a);
    far.answer = { ...down, retryAfterSeconds: 7 };
    expect(await judge(b)).toEqual(undecided('unreachable', 7, 'fresh', 'unreachable'));
    far.seconds = 2;
    expect(await judge(b)).toEqual(undecided('unreachable', 5, 'fresh', 'unreachable'));
    expect(await judge(a)).toMatchObject({ outcome: 'accepted', keys: 'fresh' });
    expect(far.fetches).toBe(2);
  });

  it('is not decided upon by an old set while too many issuers are being asked', async () => {
    const { far, judge, get } = world();
    await judge(a);
    far.seconds = FRESH;
    const release = hold(far);
    const others = Array.from({ length: MAX_FETCHES_AT_ONCE }, async (_, index) => {
      const tenant = `0a1b2c3d-2222-4222-8333-${String(index).padStart(12, '0')}`;
      await get('a', {}, trustedIssuer(`https://sts.windows.net/${tenant}/`, 'public', [])!);
    });
    await new Promise((done) => setImmediate(done));
    expect(await judge(b)).toEqual(undecided('too-old', 1, 'stale'));
    release();
    await Promise.all(others);
  });

  it('is not decided upon by a set that was replaced by none', async () => {
    const { judge, publish } = world();
    await judge(a);
    publish();
    expect(await judge(b)).toEqual(undecided('malformed', 1, 'degraded', 'malformed'));
  });
});

describe('a token whose key is known', () => {
  it('is accepted while the issuer serves no usable set', async () => {
    const { far, judge, publish } = world();
    await judge(a);
    publish();
    far.seconds = FRESH;
    expect(await judge(a)).toMatchObject({ outcome: 'accepted', keys: 'degraded', refreshFailed: 'malformed' });
  });

  it('is accepted after half a second while the issuer keeps silent, which is no failure yet', async () => {
    const { far, judge } = world();
    await judge(a);
    const release = hold(far);
    far.seconds = FRESH;
    const slow = await judge(a);
    expect(slow).toMatchObject({ outcome: 'accepted', keys: 'stale' });
    expect(slow).not.toHaveProperty('refreshFailed');
    release();
  });

  it('is refused once a fetch no longer has the key', async () => {
    const { far, judge, publish } = world();
    await judge(a);
    publish(b);
    far.seconds = FRESH - 1;
    expect(await judge(a)).toMatchObject({ outcome: 'accepted' });
    far.seconds = FRESH;
    expect(await judge(a)).toEqual(refused('key-not-found', 'refreshed'));
    expect(await judge(b)).toMatchObject({ outcome: 'accepted' });
  });

  it('is refused when another key has its kid now', async () => {
    const { far, judge, publish } = world();
    await judge(a);
    publish({ ...b, jwk: { ...b.jwk, kid: 'a' } });
    far.seconds = FRESH;
    expect(await judge(a)).toEqual(refused('signature-invalid', 'refreshed'));
  });

  it('is not decided upon by keys older than the policy allows, and waits for newer ones', async () => {
    const { far, judge } = world();
    await judge(a);
    const answer = far.answer;
    far.answer = down;
    far.seconds = 7200;
    expect(await judge(a)).toMatchObject({ outcome: 'accepted', keys: 'stale' });
    far.seconds = 7202;
    expect(await judge(a)).toEqual(undecided('too-old', 2, 'stale', 'unreachable'));
    expect(await judge(a, 'a', { keyStalenessSeconds: 7300 })).toMatchObject({ outcome: 'accepted', keys: 'stale' });
    far.answer = answer;
    far.seconds = 7300;
    const release = hold(far);
    const waiting = judge(a);
    setTimeout(release, 600);
    expect(await waiting).toMatchObject({ outcome: 'accepted', keys: 'refreshed' });
  });
});

describe('a cold instance in an outage', () => {
  it.each([
    ['decides by a snapshot', 7200, { outcome: 'accepted', keys: 'stale' }],
    ['decides by none that is older than the policy allows', 7201, undecided('too-old', 1, 'stale')],
  ])('%s', async (_name, seconds, decision) => {
    const { store } = memoryStore();
    await world({ snapshots: store }).judge(a);
    const { far, judge } = world({ snapshots: store });
    far.answer = down;
    far.seconds = seconds;
    expect(await judge(a)).toMatchObject(decision);
  });

  it('decides nothing without one', async () => {
    const { far, judge } = world({ snapshots: memoryStore().store });
    far.answer = down;
    expect(await judge(a)).toEqual({
      outcome: 'undecided',
      because: 'unreachable',
      issuer: issuer.issuer,
      retryAfterSeconds: 1,
    });
  });
});

describe('keys that others would replace', () => {
  const other = 'https://sts.windows.net/0a1b2c3d-2222-4222-8333-444455556666/';

  it('stay where the metadata name another issuer for a while', async () => {
    const { far, judge } = world();
    await judge(a);
    far.named = other;
    far.seconds = FRESH;
    expect(await judge(a)).toMatchObject({ outcome: 'accepted', keys: 'degraded' });
    far.named = undefined;
    far.seconds += 60;
    expect(await judge(a)).toMatchObject({ outcome: 'accepted', keys: 'refreshed' });
  });

  it('stay where only keys come that are too short', async () => {
    const { far, judge } = world();
    await judge(a);
    far.answer = { ok: true, body: { keys: [{ ...a.jwk, n: Buffer.alloc(128, 0xa5).toString('base64url') }] } };
    far.seconds = FRESH;
    expect(await judge(a)).toMatchObject({ outcome: 'accepted', keys: 'degraded' });
  });

  it('go where the same come with what only their issuer may know', async () => {
    const { far, judge } = world();
    await judge(a);
    far.answer = { ok: true, body: { keys: [{ ...a.jwk, d: 'AQAB' }] } };
    far.seconds = FRESH;
    expect(await judge(a)).toEqual(refused('key-not-found', 'refreshed'));
  });
});

describe('a token that names no key', () => {
  const own = 'https://idp.example/';

  it('is accepted at once where the key was published since, and a forged one costs no more fetches than allowed', async () => {
    const far = farSide();
    const configured = [{ issuer: own, jwksUri: `${own}keys` }];
    const { cache } = instance(far);
    const policies = Policies.parse({ p: { issuers: [own], audiences: [API] } });
    const judge = async (by: TestKey) => {
      const compact = await by.sign({ iss: own, aud: API, sub: 's', exp: claims.exp }, { kid: undefined });
      const judges = { keys: cache, now: far.now, cloud: 'public', issuers: configured } as const;
      return await decide(compact, policies.get('p')!, judges);
    };
    const publish = (...keys: TestKey[]) => {
      far.answer = { ok: true, body: { keys: keys.map(({ jwk }) => jwk) } };
    };
    publish(a);
    expect(await judge(a)).toMatchObject({ outcome: 'accepted' });
    publish(b);
    expect(await judge(b)).toMatchObject({ outcome: 'accepted', keys: 'refreshed' });
    for (let index = 0; index < 20; index += 1) expect(await judge(a)).toMatchObject({ reason: 'signature-invalid' });
    expect(far.fetches).toBe(1 + REFRESH_BURST);
  });
});
