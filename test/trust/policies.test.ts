import { describe, expect, it } from 'vitest';
import { readSettings } from '../../src/settings.ts';

const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';
const v1 = `https://sts.windows.net/${TENANT}/`;
const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const least = { issuers: [v1], audiences: ['api://orders'] };

const read = (policies: object, more: Record<string, string> = {}) => {
  const { settings, faults } = readSettings({ TOKEN_DOCTOR_POLICIES: JSON.stringify(policies), ...more });
  return { policies: settings.policies, places: faults.map(({ place }) => place), faults };
};

describe('policies', () => {
  it('restrict nothing but issuer and audience where nothing else is said', () => {
    const { policies, faults } = read({ default: least });
    expect(faults).toEqual([]);
    expect(policies.get('default')).toEqual({
      ...least,
      name: 'default',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      tokenKinds: [],
      scopes: { any: [], all: [] },
      roles: { any: [], all: [] },
      clients: [],
      subjects: [],
      clockToleranceSeconds: 60,
      maxTokenAgeSeconds: null,
      keyStalenessSeconds: 7200,
      cacheSeconds: 30,
    });
  });

  it('have every member of the contract', () => {
    const all = {
      issuers: [v2, v1],
      audiences: [TENANT],
      tokenKinds: ['app-only', 'delegated', 'kubernetes'],
      scopes: { any: ['mcp.read'] },
      roles: { all: [] },
      clients: [TENANT],
      subjects: [],
      clockToleranceSeconds: 60,
      maxTokenAgeSeconds: null,
      keyStalenessSeconds: 7200,
      cacheSeconds: 30,
      resource: 'https://host/api/mcp',
      paths: {
        from: 'x-original-uri',
        default: 'deny',
        rules: [{ path: '/orders/*', methods: ['GET'], scopes: { any: ['orders.read'] } }],
      },
    };
    const { policies, faults } = read({ default: all });
    expect(faults).toEqual([]);
    expect(policies.get('default')).toMatchObject({ ...all, scopes: { any: ['mcp.read'], all: [] } });
  });

  it.each([
    ['no issuers', { ...least, issuers: [] }, '/p/issuers'],
    ['issuers left out', { audiences: ['a'] }, '/p/issuers'],
    ['no audiences', { ...least, audiences: [] }, '/p/audiences'],
    ['white space around an audience', { ...least, audiences: ['a '] }, '/p/audiences/0'],
    ['an empty audience', { ...least, audiences: ['a', ''] }, '/p/audiences/1'],
    ['a misspelt member', { ...least, audience: ['a'] }, '/p/audience'],
    ['a misspelt member further in', { ...least, scopes: { some: ['a'] } }, '/p/scopes/some'],
    ['an unknown kind', { ...least, tokenKinds: ['id-token'] }, '/p/tokenKinds/0'],
    ['two scopes in one word', { ...least, scopes: { any: ['a b'] } }, '/p/scopes/any/0'],
    ['a client in capitals', { ...least, clients: [TENANT.toUpperCase()] }, '/p/clients/0'],
    ['a tolerance beyond any receiver’s', { ...least, clockToleranceSeconds: 301 }, '/p/clockToleranceSeconds'],
    ['a tolerance below none', { ...least, clockToleranceSeconds: -1 }, '/p/clockToleranceSeconds'],
    ['a tolerance of words', { ...least, clockToleranceSeconds: '60' }, '/p/clockToleranceSeconds'],
    ['keys older than a day', { ...least, keyStalenessSeconds: 86_401 }, '/p/keyStalenessSeconds'],
    ['keys staler than fresh', { ...least, keyStalenessSeconds: 599 }, '/p/keyStalenessSeconds'],
    ['a cache without end', { ...least, cacheSeconds: 301 }, '/p/cacheSeconds'],
    ['no age at all', { ...least, maxTokenAgeSeconds: 0 }, '/p/maxTokenAgeSeconds'],
    ['a resource over http', { ...least, resource: 'http://host/mcp' }, '/p/resource'],
    ['a resource with a fragment', { ...least, resource: 'https://host/mcp#a' }, '/p/resource'],
    ['an issuer without its slash', { ...least, issuers: [v2, v1.slice(0, -1)] }, '/p/issuers/1'],
    ['an issuer with a slash too many', { ...least, issuers: [`${v2}/`] }, '/p/issuers/0'],
    ['an issuer in capitals', { ...least, issuers: [v1.toUpperCase()] }, '/p/issuers/0'],
    [
      'an issuer of every tenant',
      { ...least, issuers: ['https://login.microsoftonline.com/common/v2.0'] },
      '/p/issuers/0',
    ],
    ['an issuer template', { ...least, issuers: ['https://sts.windows.net/{tenantid}/'] }, '/p/issuers/0'],
    ['an issuer of no trusted family', { ...least, issuers: ['https://idp.example/'] }, '/p/issuers/0'],
    ['paths from nowhere', { ...least, paths: {} }, '/p/paths/from'],
    ['a header in capitals', { ...least, paths: { from: 'X-Original-Uri' } }, '/p/paths/from'],
    ['no policy at all', 3, '/p'],
    ['null', null, '/p'],
  ])('with %s are refused by name and place', (_name, policy, place) => {
    const { policies, places } = read({ good: least, p: policy });
    expect(places).toEqual([place]);
    expect(policies.size).toBe(0);
  });

  it.each(['/a/../b', '/a/.', 'a', '/a%2fb', '/a/*/b', '//a', '', '/a?b', '/a#b', '/a b', '/*a', '/a*', '/a\\b'])(
    'take no path %s',
    (path) => {
      expect(read({ p: { ...least, paths: { from: 'path', rules: [{ path }] } } }).places).toEqual([
        '/p/paths/rules/0/path',
      ]);
    },
  );

  it.each(['/', '/*', '/a', '/a/', '/a/*', '/a.b/..c/~d/$e'])('take the path %s', (path) => {
    expect(read({ p: { ...least, paths: { from: 'path', rules: [{ path, methods: ['GET'] }] } } }).places).toEqual([]);
  });

  it.each(['-a', '', 'a b', 'a/b', 'a'.repeat(65), 'é'])('take no name %s', (name) => {
    expect(read({ [name]: least }).faults).toHaveLength(1);
  });

  it('never come by the name __proto__', () => {
    const { settings } = readSettings({ TOKEN_DOCTOR_POLICIES: `{"__proto__":${JSON.stringify(least)}}` });
    expect([settings.policies.size, settings.policies.get('__proto__')]).toEqual([0, undefined]);
  });

  it('that stand twice are refused, since one of the two would silently win', () => {
    const text = `{"a":${JSON.stringify(least)},"a":${JSON.stringify(least)}}`;
    expect(readSettings({ TOKEN_DOCTOR_POLICIES: text }).faults[0]?.detail).toContain('twice');
  });

  it('may name issuers that the settings trust', () => {
    const policies = { p: { ...least, issuers: ['https://idp.example/'] } };
    const TOKEN_DOCTOR_ISSUERS = '[{"issuer":"https://idp.example/"}]';
    expect(read(policies, { TOKEN_DOCTOR_ISSUERS }).faults).toEqual([]);
    expect(read(policies, { TOKEN_DOCTOR_ISSUERS: '[{"issuer":"https://idp.example"}]' }).places).toEqual([
      '/p/issuers/0',
    ]);
  });

  it('are looked at beside a fault that has nothing to do with them', () => {
    const { faults } = read({ p: { ...least, issuers: [v1.slice(0, -1)] } }, { TOKEN_DOCTOR_RATE_LIMIT: 'x' });
    expect(faults.map(({ setting }) => setting)).toEqual(['TOKEN_DOCTOR_RATE_LIMIT', 'TOKEN_DOCTOR_POLICIES']);
  });

  it('may name an issuer over http only where its origin is opened, since it is never asked else', () => {
    const policies = { p: { ...least, issuers: ['http://127.0.0.1:1/a'] } };
    const TOKEN_DOCTOR_ISSUERS = '[{"issuer":"http://127.0.0.1:1/a"}]';
    expect(read(policies, { TOKEN_DOCTOR_ISSUERS }).places).toEqual(['/p/issuers/0']);
    const TOKEN_DOCTOR_OPEN_ORIGINS = 'http://127.0.0.1:1';
    expect(read(policies, { TOKEN_DOCTOR_ISSUERS, TOKEN_DOCTOR_OPEN_ORIGINS }).places).toEqual([]);
  });

  it('are not blamed for what another faulty setting would have said', () => {
    const policies = { p: { ...least, issuers: ['https://idp.example/'] } };
    const { faults } = read(policies, { TOKEN_DOCTOR_ISSUERS: '[' });
    expect(faults.map(({ setting }) => setting)).toEqual(['TOKEN_DOCTOR_ISSUERS']);
  });
});

describe('the hash of a policy', () => {
  const hashOf = (policy: object, name = 'p') => read({ [name]: policy }).policies.get(name)?.hash;

  it('is that of its content: name, order of members and defaults written out make no difference', () => {
    const hash = hashOf(least);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf(least, 'q')).toBe(hash);
    expect(hashOf({ audiences: least.audiences, clockToleranceSeconds: 60, issuers: least.issuers })).toBe(hash);
  });

  it.each([
    ['an audience', { audiences: ['api://order'] }],
    ['an issuer more', { issuers: [v1, v2] }],
    ['a tolerance', { clockToleranceSeconds: 61 }],
    ['a scope', { scopes: { any: ['a'] } }],
    ['the same as a role', { roles: { any: ['a'] } }],
    ['a path rule', { paths: { from: 'path', rules: [{ path: '/a' }] } }],
    ['another path rule', { paths: { from: 'path', rules: [{ path: '/b' }] } }],
  ])('changes with %s', (_name, change) => {
    const others = [
      hashOf(least),
      hashOf({ ...least, scopes: { all: ['a'] } }),
      hashOf({ ...least, paths: { from: 'path' } }),
    ];
    expect(others).not.toContain(hashOf({ ...least, ...change }));
  });
});
