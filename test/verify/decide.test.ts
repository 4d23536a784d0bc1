import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_REFUSALS } from '../../src/contract/refusal.ts';
import { readSettings } from '../../src/settings.ts';
import type { ConfiguredIssuer } from '../../src/trust/families.ts';
import type { Port } from '../../src/trust/guarded-port.ts';
import type { Policy } from '../../src/trust/policies.ts';
import { decide } from '../../src/verify/decide.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import { TENANT, type TestKey, testKey } from '../tokens.ts';

const NOW = 1_800_000_000;
const API = '0a1b2c3d-4444-4222-8333-444455556666';
const CLIENT = '0a1b2c3d-3333-4222-8333-444455556666';
const v1 = `https://sts.windows.net/${TENANT}/`;
const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const cluster = `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${CLIENT}/`;
const own = 'https://idp.example/';
const configured: ConfiguredIssuer[] = [{ issuer: own }];

let key: TestKey;
let stranger: TestKey;
let weak: TestKey;
beforeAll(async () => {
  [key, stranger, weak] = await Promise.all([testKey('a'), testKey('b'), testKey('w')]);
});

const policyOf = (members: object): Policy => {
  const { settings, faults } = readSettings({
    TOKEN_DOCTOR_POLICIES: JSON.stringify({ p: { issuers: [v1, v2, cluster, own], audiences: [API], ...members } }),
    TOKEN_DOCTOR_ISSUERS: JSON.stringify(configured),
  });
  expect(faults).toEqual([]);
  return settings.policies.get('p')!;
};

/** Every issuer publishes the same keys, unless told otherwise. */
function judges({
  keys = [key.jwk, { ...weak.jwk, use: 'enc' }] as object[],
  port = {} as Partial<Port>,
  answers = { up: true },
} = {}) {
  const asked: string[] = [];
  const state = { seconds: NOW };
  const documents: Port = {
    getJson: async (url) => {
      asked.push(url);
      if (!answers.up) return { ok: false, reason: 'unreachable', detail: 'down' };
      if (!url.endsWith('/.well-known/openid-configuration')) return { ok: true, body: { keys } };
      const base = url.replace('/.well-known/openid-configuration', '');
      const issuer = base === `https://login.microsoftonline.com/${TENANT}` ? v1 : base === v2 ? v2 : `${base}/`;
      return { ok: true, body: { issuer, jwks_uri: `${base}/keys` } };
    },
    ...port,
  };
  const now = () => new Date(state.seconds * 1000);
  return {
    asked,
    state,
    keys: new KeyCache({ port: documents, now, freshSeconds: 600, random: () => 0 }),
    now,
    cloud: 'public' as const,
    issuers: configured,
  };
}

const times = { iat: NOW - 300, nbf: NOW - 300, exp: NOW + 3600 };
const appOnly = {
  iss: v2,
  aud: API,
  tid: TENANT,
  ver: '2.0',
  azp: CLIENT,
  oid: 'o',
  sub: 'o',
  roles: ['Orders.Read'],
  ...times,
};
const delegated = {
  iss: v2,
  aud: API,
  tid: TENANT,
  ver: '2.0',
  azp: CLIENT,
  oid: 'o',
  sub: 'pairwise',
  scp: 'mcp.read mcp.write',
  ...times,
};
const pod = {
  iss: cluster,
  aud: [API, 'https://kubernetes.default.svc'],
  sub: 'system:serviceaccount:shop:checkout',
  'kubernetes.io': { namespace: 'shop' },
  ...times,
};
const foreign = { iss: own, aud: [API, 'other'], sub: 's', client_id: 'c', scope: 'a b', ...times };

interface Asked {
  policy?: object;
  claims?: object;
  header?: object;
  by?: TestKey;
  alter?: (compact: string) => string;
  world?: ReturnType<typeof judges>;
}

async function outcomeOf({
  policy = {},
  claims = appOnly,
  header = {},
  by = key,
  alter = (compact) => compact,
  world = judges(),
}: Asked) {
  const compact = alter(await by.sign(JSON.parse(JSON.stringify(claims)), header));
  const decision = await decide(compact, policyOf(policy), world);
  return decision.outcome === 'refused' ? decision.reason : decision.outcome;
}

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const without = (claims: object, ...names: string[]) =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));

describe('accepted are', () => {
  it.each<[string, Asked]>([
    ['an application’s token', {}],
    ['a user’s token', { claims: delegated }],
    ['a pod’s token, one audience of several', { claims: pod }],
    ['a token of an issuer that settings add', { claims: foreign }],
    ['a token typed by RFC 9068', { claims: foreign, header: { typ: 'application/at+jwt' } }],
    ['a v1 token', { claims: { ...appOnly, iss: v1, ver: '1.0' } }],
    ['a token that states no version', { claims: without(appOnly, 'ver') }],
    ['an audience as a list of one', { claims: { ...appOnly, aud: [API] } }],
    ['a second expired, within the tolerance', { claims: { ...appOnly, exp: NOW - 59 } }],
    ['not yet valid, within the tolerance', { claims: { ...appOnly, nbf: NOW + 60, iat: NOW + 60 } }],
    ['without nbf and iat', { claims: without(appOnly, 'nbf', 'iat') }],
    ['not too old', { policy: { maxTokenAgeSeconds: 300 }, claims: { ...appOnly, iat: NOW - 359 } }],
    [
      'of the kind app-only by idtyp',
      { policy: { tokenKinds: ['app-only'] }, claims: { ...without(appOnly, 'roles'), idtyp: 'app' } },
    ],
    ['of the kind app-only by roles and subject', { policy: { tokenKinds: ['app-only'] } }],
    ['of the kind delegated', { policy: { tokenKinds: ['delegated'] }, claims: delegated }],
    ['of the kind kubernetes', { policy: { tokenKinds: ['kubernetes'] }, claims: pod }],
    ['of an undetermined kind where any will do', { claims: without(appOnly, 'roles') }],
    ['the client', { policy: { clients: ['other', CLIENT] } }],
    [
      'the client of a v1 token',
      { policy: { clients: [CLIENT] }, claims: { ...without(appOnly, 'azp'), iss: v1, ver: '1.0', appid: CLIENT } },
    ],
    ['the client of RFC 9068', { policy: { clients: ['c'] }, claims: foreign }],
    ['the subject', { policy: { subjects: ['system:serviceaccount:shop:checkout'] }, claims: pod }],
    ['one scope of any', { policy: { scopes: { any: ['x', 'mcp.read'] } }, claims: delegated }],
    ['all scopes', { policy: { scopes: { all: ['mcp.write', 'mcp.read'] } }, claims: delegated }],
    ['a scope of RFC 9068', { policy: { scopes: { all: ['b'] } }, claims: foreign }],
    ['a role', { policy: { roles: { any: ['Orders.Read'] } } }],
    ['a token of an added issuer that names no key', { claims: foreign, header: { kid: undefined } }],
  ])('%s', async (_name, asked) => {
    expect(await outcomeOf(asked)).toBe('accepted');
  });
});

describe('refused are', () => {
  const rows: [string, Asked | (() => Asked), string][] = [
    ['nothing', { alter: () => '' }, 'token-malformed'],
    ['a token too large', { claims: { ...appOnly, groups: 'a'.repeat(16_384) } }, 'token-too-large'],
    ['a token with Bearer in front', { alter: (compact) => `Bearer ${compact}` }, 'token-malformed'],
    ['a token with a space behind', { alter: (compact) => `${compact} ` }, 'token-malformed'],
    ['a token with padding', { alter: (compact) => `${compact}=` }, 'token-malformed'],
    ['a token without its signature', { alter: (compact) => compact.replace(/\.[^.]*$/, '.') }, 'token-malformed'],
    ['an encrypted token', { alter: (compact) => `${compact}.a.b` }, 'token-malformed'],
    [
      'a critical extension',
      {
        alter: (compact) =>
          [b64({ alg: 'RS256', kid: 'a', crit: ['b64'], b64: true }), ...compact.split('.').slice(1)].join('.'),
      },
      'token-malformed',
    ],
    ['an issuer the policy does not name', { policy: { issuers: [v1] } }, 'issuer-not-accepted'],
    ['an issuer with a slash', { claims: { ...appOnly, iss: `${v2}/` } }, 'issuer-not-accepted'],
    ['no issuer', { claims: without(appOnly, 'iss') }, 'issuer-not-accepted'],
    ['issuers in a list', { claims: { ...appOnly, iss: [v2] } }, 'issuer-not-accepted'],
    ['another tenant in tid', { claims: { ...appOnly, tid: CLIENT } }, 'issuer-not-accepted'],
    ['no tid', { claims: without(appOnly, 'tid') }, 'issuer-not-accepted'],
    ['another version in ver', { claims: { ...appOnly, ver: '1.0' } }, 'issuer-not-accepted'],
    [
      'no algorithm',
      { alter: (compact) => [b64({ kid: 'a' }), ...compact.split('.').slice(1)].join('.') },
      'algorithm-not-allowed',
    ],
    ['alg none', { alter: (compact) => `${b64({ alg: 'none' })}.${compact.split('.')[1]}.` }, 'algorithm-not-allowed'],
    [
      'alg HS256',
      { alter: (compact) => [b64({ alg: 'HS256', kid: 'a' }), ...compact.split('.').slice(1)].join('.') },
      'algorithm-not-allowed',
    ],
    [
      'alg PS256 of Entra',
      { alter: (compact) => [b64({ alg: 'PS256', kid: 'a' }), ...compact.split('.').slice(1)].join('.') },
      'algorithm-not-allowed',
    ],
    ['another audience', { claims: { ...appOnly, aud: CLIENT } }, 'audience-not-accepted'],
    ['the audience in capitals', { claims: { ...appOnly, aud: API.toUpperCase() } }, 'audience-not-accepted'],
    ['no audience', { claims: without(appOnly, 'aud') }, 'audience-not-accepted'],
    ['an audience that is no text', { claims: { ...appOnly, aud: { [API]: 1 } } }, 'audience-not-accepted'],
    ['several audiences of Entra', { claims: { ...appOnly, aud: [API, 'x'] } }, 'audience-not-accepted'],
    ['expired, at the end of the tolerance', { claims: { ...appOnly, exp: NOW - 60 } }, 'token-expired'],
    [
      'expired without tolerance',
      { policy: { clockToleranceSeconds: 0 }, claims: { ...appOnly, exp: NOW } },
      'token-expired',
    ],
    ['no exp', { claims: without(appOnly, 'exp') }, 'token-expired'],
    ['an exp in words', { claims: { ...appOnly, exp: String(NOW + 3600) } }, 'token-expired'],
    ['not yet valid', { claims: { ...appOnly, nbf: NOW + 61 } }, 'token-not-yet-valid'],
    [
      'an algorithm that cannot be made text',
      {
        alter: (compact) => [b64({ alg: { toString: 1 }, kid: 'a' }), ...compact.split('.').slice(1)].join('.'),
      },
      'algorithm-not-allowed',
    ],
    ['a type that cannot be made text', { header: { typ: { toString: 1 } } }, 'token-kind-not-accepted'],
    ['a logout token', { claims: foreign, header: { typ: 'logout+jwt' } }, 'token-kind-not-accepted'],
    ['a token that calls itself an ID token', { claims: { ...foreign, typ: 'ID' } }, 'token-kind-not-accepted'],
    [
      'a user who says to be a pod',
      { policy: { tokenKinds: ['kubernetes'] }, claims: { ...delegated, 'kubernetes.io': {} } },
      'token-kind-not-accepted',
    ],
    ['an nbf before 1970', { claims: { ...appOnly, nbf: -1 } }, 'token-not-yet-valid'],
    ['an exp beyond any calendar', { claims: { ...appOnly, exp: 253_402_300_800 } }, 'token-expired'],
    ['an iat in words', { claims: { ...appOnly, iat: 'now' } }, 'token-not-yet-valid'],
    ['a proof of nothing', { claims: { ...appOnly, cnf: null } }, 'token-proof-required'],
    ['too many bytes in few characters', { alter: () => 'é'.repeat(10_000) }, 'token-too-large'],
    [
      'a proof-of-possession envelope',
      { header: { typ: 'pop' }, claims: { ...appOnly, at: 'a.b.c' } },
      'token-kind-not-accepted',
    ],
    [
      'roles of nobody',
      { policy: { tokenKinds: ['app-only'] }, claims: without(appOnly, 'oid', 'sub') },
      'token-kind-not-accepted',
    ],
    [
      'scope of a pod, which is nobody’s',
      { policy: { scopes: { any: ['a'] } }, claims: { ...pod, scope: 'a' } },
      'scope-missing',
    ],
    ['an nbf in words', { claims: { ...appOnly, nbf: 'now' } }, 'token-not-yet-valid'],
    ['issued in the future', { claims: { ...appOnly, iat: NOW + 61 } }, 'token-not-yet-valid'],
    ['too old', { policy: { maxTokenAgeSeconds: 300 }, claims: { ...appOnly, iat: NOW - 360 } }, 'token-too-old'],
    ['of no known age', { policy: { maxTokenAgeSeconds: 300 }, claims: without(appOnly, 'iat') }, 'token-too-old'],
    ['a token bound to a key', { claims: { ...appOnly, cnf: { kid: 'x' } } }, 'token-proof-required'],
    ['a token without kid', { header: { kid: undefined } }, 'key-not-found'],
    [
      'a kid that is no text',
      { alter: (compact) => [b64({ alg: 'RS256', kid: 7 }), ...compact.split('.').slice(1)].join('.') },
      'key-not-found',
    ],
    ['the kid of nobody', { header: { kid: 'c' } }, 'key-not-found'],
    ['a key for encryption', { header: { kid: 'w' } }, 'key-not-found'],
    [
      'a key bound to another issuer',
      () => ({ world: judges({ keys: [{ ...key.jwk, issuer: v1.replace(TENANT, CLIENT) }] }) }),
      'key-not-found',
    ],
    ['another’s signature', () => ({ header: { kid: 'a' }, by: stranger }), 'signature-invalid'],
    [
      'one claim altered',
      { alter: (compact) => compact.replace(/\.[^.]*\./, `.${b64({ ...appOnly, roles: ['Orders.Write'] })}.`) },
      'signature-invalid',
    ],
    ['an ID token by its nonce', { claims: { ...delegated, nonce: 'n' } }, 'token-kind-not-accepted'],
    ['an ID token of an added issuer', { claims: { ...foreign, at_hash: 'h' } }, 'token-kind-not-accepted'],
    [
      'an ID token by what it lacks',
      { policy: { audiences: [CLIENT] }, claims: { ...without(delegated, 'scp', 'azp'), aud: CLIENT } },
      'token-kind-not-accepted',
    ],
    [
      'an ID token with the roles of its user',
      { claims: { ...without(delegated, 'scp', 'azp'), roles: ['Orders.Read'], wids: ['w'] } },
      'token-kind-not-accepted',
    ],
    [
      'an ID token whose audience stands in a list, told by the client it does not name',
      { claims: { ...without(delegated, 'scp', 'azp'), aud: [API], roles: ['Orders.Read'] } },
      'token-kind-not-accepted',
    ],
    ['a logout token by its events', { claims: { ...foreign, events: {} } }, 'token-kind-not-accepted'],
    ['a token of Entra’s that names no client', { claims: without(appOnly, 'azp') }, 'token-kind-not-accepted'],
    [
      'a user where applications are wanted',
      { policy: { tokenKinds: ['app-only'] }, claims: delegated },
      'token-kind-not-accepted',
    ],
    [
      'an application where users are wanted',
      { policy: { tokenKinds: ['delegated', 'kubernetes'] } },
      'token-kind-not-accepted',
    ],
    [
      'a user with an application’s roles',
      { policy: { tokenKinds: ['app-only'] }, claims: { ...appOnly, idtyp: 'user' } },
      'token-kind-not-accepted',
    ],
    [
      'a device',
      { policy: { tokenKinds: ['app-only', 'delegated'] }, claims: { ...appOnly, idtyp: 'device' } },
      'token-kind-not-accepted',
    ],
    [
      'what is neither',
      { policy: { tokenKinds: ['app-only', 'delegated'] }, claims: without(appOnly, 'roles') },
      'token-kind-not-accepted',
    ],
    [
      'roles of another subject',
      { policy: { tokenKinds: ['app-only'] }, claims: { ...appOnly, sub: 'other' } },
      'token-kind-not-accepted',
    ],
    [
      'an added issuer’s where kinds matter',
      { policy: { tokenKinds: ['app-only', 'delegated', 'kubernetes'] }, claims: foreign },
      'token-kind-not-accepted',
    ],
    ['another client', { policy: { clients: [API] } }, 'client-not-accepted'],
    ['no client', { policy: { clients: [CLIENT] }, claims: pod }, 'client-not-accepted'],
    [
      'client_id of Entra, which is nobody’s',
      { policy: { clients: ['c'] }, claims: { ...appOnly, client_id: 'c' } },
      'client-not-accepted',
    ],
    [
      'another service account',
      { policy: { subjects: ['system:serviceaccount:shop:check'] }, claims: pod },
      'subject-not-accepted',
    ],
    ['no scope', { policy: { scopes: { any: ['mcp.read'] } } }, 'scope-missing'],
    [
      'half of the scopes',
      { policy: { scopes: { all: ['mcp.read', 'mcp.admin'] } }, claims: delegated },
      'scope-missing',
    ],
    ['part of a scope', { policy: { scopes: { any: ['mcp'] } }, claims: delegated }, 'scope-missing'],
    ['a scope in capitals', { policy: { scopes: { any: ['MCP.READ'] } }, claims: delegated }, 'scope-missing'],
    [
      'scope of Entra, which is nobody’s',
      { policy: { scopes: { any: ['mcp.read'] } }, claims: { ...appOnly, scope: 'mcp.read' } },
      'scope-missing',
    ],
    ['a role that is a scope', { policy: { scopes: { any: ['Orders.Read'] } } }, 'scope-missing'],
    ['a scope that is a role', { policy: { roles: { any: ['mcp.read'] } }, claims: delegated }, 'role-missing'],
    ['half of the roles', { policy: { roles: { all: ['Orders.Read', 'Orders.Write'] } } }, 'role-missing'],
    [
      'roles as text',
      { policy: { roles: { any: ['Orders.Read'] } }, claims: { ...appOnly, roles: 'Orders.Read' } },
      'role-missing',
    ],
  ];
  it.each(rows)('%s', async (_name, asked, reason) => {
    expect(await outcomeOf(typeof asked === 'function' ? asked() : asked)).toBe(reason);
  });

  it('every reason there is, but for the one a flood brings', () => {
    const reasons = new Set(rows.map(([, , reason]) => reason));
    expect([...TOKEN_REFUSALS[401], ...TOKEN_REFUSALS[403]].filter((reason) => !reasons.has(reason))).toEqual([
      'key-refresh-throttled',
    ]);
  });

  it('unknown kids, once the issuer was asked too often', async () => {
    const world = judges();
    const reasons: unknown[] = [];
    for (const kid of ['c', 'd', 'e', 'f']) reasons.push(await outcomeOf({ header: { kid }, world }));
    expect(reasons[0]).toBe('key-not-found');
    expect(reasons.at(-1)).toBe('key-refresh-throttled');
    expect(await outcomeOf({ world })).toBe('accepted');
  });

  it('tokens whose issuer’s metadata names another issuer', async () => {
    const world = judges({
      port: {
        getJson: async (url) => ({
          ok: true,
          body: url.endsWith('configuration')
            ? { issuer: v1, jwks_uri: `https://login.microsoftonline.com/${TENANT}/keys` }
            : { keys: [key.jwk] },
        }),
      },
    });
    expect(await outcomeOf({ world })).toBe('issuer-not-accepted');
    expect(await outcomeOf({ world, claims: { ...appOnly, iss: v1, ver: '1.0' } })).toBe('accepted');
  });
});

describe('keys', () => {
  it('are asked for only when the token could pass', async () => {
    const world = judges();
    for (const claims of [
      { ...appOnly, exp: NOW - 60 },
      { ...appOnly, aud: 'x' },
      { ...appOnly, iss: `${v2}/` },
    ])
      await outcomeOf({ claims, world });
    expect(world.asked).toEqual([]);
  });

  it('that could never be had leave it undecided, and say when to come back', async () => {
    const world = judges({ port: { getJson: async () => ({ ok: false, reason: 'unreachable', detail: 'down' }) } });
    const decision = await decide(await key.sign(appOnly), policyOf({}), world);
    expect(decision).toEqual({ outcome: 'undecided', because: 'unreachable', issuer: v2, retryAfterSeconds: 1 });
    expect(await outcomeOf({ claims: { ...appOnly, exp: NOW - 60 }, world })).toBe('token-expired');
  });

  it('older than the policy allows leave it undecided, younger ones decide', async () => {
    const answers = { up: true };
    const world = judges({ answers });
    const claims = { ...appOnly, exp: NOW + 100_000 };
    expect(await outcomeOf({ claims, world })).toBe('accepted');
    answers.up = false;
    world.state.seconds = NOW + 7200;
    expect(await outcomeOf({ claims, world })).toBe('accepted');
    expect(await outcomeOf({ claims, world, header: { kid: 'c' } })).toBe('undecided');
    world.state.seconds = NOW + 7201;
    expect(await outcomeOf({ claims, world })).toBe('undecided');
    expect(await outcomeOf({ claims, world, policy: { keyStalenessSeconds: 7201 } })).toBe('accepted');
  });
});

describe('whatever is sent', () => {
  it('is refused, and never throws', async () => {
    const policy = policyOf({});
    const world = judges();
    const part = fc.oneof(
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.base64String(),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
        ),
        async (text) => {
          expect((await decide(text, policy, world)).outcome).toBe('refused');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is refused when one character of a good token differs', async () => {
    const good = await key.sign(appOnly);
    const world = judges();
    const policy = policyOf({});
    expect((await decide(good, policy, world)).outcome).toBe('accepted');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=/+ ';
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom(...alphabet), async (at, character) => {
        fc.pre(good[at] !== character);
        const altered = good.slice(0, at) + character + good.slice(at + 1);
        expect((await decide(altered, policy, world)).outcome).toBe('refused');
      }),
      { numRuns: 500 },
    );
  });
});
