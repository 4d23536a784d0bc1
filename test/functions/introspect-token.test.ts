import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_ID, CLIENT_ID, CLUSTER_ISSUER, OBJECT_ID, SILENT_TENANT, TENANT } from '../../local/sandbox/world.ts';
import { IntrospectionResponse } from '../../src/contract/introspection.ts';
import { Problem } from '../../src/contract/problem.ts';
import { type StartedServer, startServer } from '../local/server.ts';

const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const policies = {
  default: { issuers: [v2, `https://sts.windows.net/${TENANT}/`], audiences: [API_ID] },
  pods: { issuers: [CLUSTER_ISSUER], audiences: [`api://${API_ID}`], tokenKinds: ['kubernetes'] },
  readers: { issuers: [v2], audiences: [API_ID], scopes: { any: ['mcp.read'] } },
  silent: { issuers: [`https://sts.windows.net/${SILENT_TENANT}/`], audiences: [API_ID] },
};

let server: StartedServer;
beforeAll(async () => {
  server = await startServer({ env: { TOKEN_DOCTOR_POLICIES: JSON.stringify(policies) } });
});
afterAll(async () => {
  await server.stop();
});

const mint = async (recipe: string) => await (await fetch(`${server.url}/sandbox/tokens/${recipe}`)).text();
const form = async (body: string, query = '', headers: Record<string, string> = {}) =>
  await fetch(`${server.url}/api/introspect${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
const json = async (body: unknown, query = '') =>
  await fetch(`${server.url}/api/introspect${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const PASSED_BY = 'entra-v2?claim.scp=mcp.read mcp.write&without=roles&claim.sub=pairwise';

describe('an active token', () => {
  it('of an application is told in the words of RFC 7662', async () => {
    const answer = await (await form(`token=${await mint('entra-v2')}`)).json();
    expect(IntrospectionResponse.parse(answer)).toEqual({
      active: true,
      scope: 'Orders.Read',
      client_id: CLIENT_ID,
      token_type: 'Bearer',
      exp: expect.any(Number),
      iat: expect.any(Number),
      nbf: expect.any(Number),
      sub: OBJECT_ID,
      aud: API_ID,
      iss: v2,
      jti: 'inventedUti0000000000A',
    });
  });

  it.each([
    [
      'of a user: its scopes, not its roles',
      `${PASSED_BY}&claim.roles=["Reader"]`,
      '',
      { scope: 'mcp.read mcp.write', sub: 'pairwise' },
    ],
    ['of v1: its appid', `entra-v1?aud=api`, '', { client_id: CLIENT_ID, iss: `https://sts.windows.net/${TENANT}/` }],
    [
      'of a pod: several audiences, its jti',
      `service-account?claim.aud=["api://${API_ID}","x"]`,
      '?policy=pods',
      {
        aud: [`api://${API_ID}`, 'x'],
        jti: expect.stringMatching(/^5{8}-/),
        sub: 'system:serviceaccount:shop:checkout',
      },
    ],
    ['with fractions of seconds', 'entra-v2?claim.nbf=1700000000.9', '', { nbf: 1_700_000_000 }],
    ['with a role that would read as two', 'entra-v2?claim.roles=["a b","c"]', '', { scope: 'c' }],
  ])('%s', async (_name, recipe, query, members) => {
    expect(await (await form(`token=${await mint(recipe)}`, query)).json()).toMatchObject({ active: true, ...members });
  });

  it('leaves out what it does not have', async () => {
    const answer = await (await form(`token=${await mint('entra-v2?without=roles,nbf,iat,uti,sub')}`)).json();
    expect(Object.keys(answer as object)).toEqual(['active', 'client_id', 'token_type', 'exp', 'aud', 'iss']);
  });

  it('is the same for JSON, for any hint, and with the parameters of other servers', async () => {
    const token = await mint('entra-v2');
    const answers = await Promise.all(
      [
        form(`token=${token}`),
        form(`token_type_hint=refresh_token&token=${token}&client_id=a&client_secret=b&x=&token_type_hint2=1`),
        form(`token=${token}`, '?policy=default&code=k'),
        form(`token=${token}`, '', { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' }),
        form(`token=${token}`, '', { accept: 'text/markdown' }),
        json({ token }),
        json({ token, token_type_hint: 'access_token' }),
      ].map(async (response) => await (await response).text()),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"active": true');
  });
});

/** One token a reason, each of which a policy of this server refuses. */
const inactive: [string, string, string?][] = [
  ['token-malformed', 'entra-v2?damage=truncate'],
  ['token-malformed, something around it', 'entra-v2?damage=bearer'],
  ['token-too-large', 'entra-v2?damage=enlarge'],
  ['issuer-not-accepted', 'entra-v2?claim.iss=https://idp.example.com/'],
  ['issuer-not-accepted, a slash', `entra-v2?claim.iss=${v2}/`],
  ['algorithm-not-allowed', 'entra-v2?header.alg=none'],
  ['audience-not-accepted', 'entra-v2?aud=arm'],
  ['token-expired', 'entra-v2?exp=-61'],
  ['token-not-yet-valid', 'entra-v2?nbf=120'],
  ['token-proof-required', 'entra-v2?claim.cnf={"kid":"x"}'],
  ['key-not-found', 'entra-v2?key=stranger'],
  ['signature-invalid', 'entra-v2?key=forged'],
  ['signature-invalid, altered', 'entra-v2?damage=altered'],
  ['token-kind-not-accepted', 'entra-v2?claim.nonce=n'],
  ['token-kind-not-accepted, roles of its user', 'entra-id?aud=api&without=nonce&claim.roles=["Orders.Read"]'],
  ['scope-missing', 'entra-v2', 'readers'],
];

describe('an inactive token', () => {
  it('of any reason is answered alike, to the header; why stands in the log alone', async () => {
    const answers: string[] = [];
    const ids: string[] = [];
    for (const [, recipe, policy = 'default'] of inactive) {
      const response = await form(`token=${encodeURIComponent(await mint(recipe))}`, `?policy=${policy}`);
      const headers = Object.fromEntries(response.headers);
      ids.push(headers['x-request-id'] ?? '');
      answers.push(
        JSON.stringify([response.status, { ...headers, 'x-request-id': '', date: '' }, await response.text()]),
      );
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain(JSON.stringify('{\n  "active": false\n}\n'));
    const reasons = ids.map((id) => new RegExp(`"requestId":"${id}".*"reason":"([^"]+)"`).exec(server.output())?.[1]);
    expect(reasons).toEqual(inactive.map(([name]) => name.split(',')[0]));
    expect(new Set(reasons).size).toBeGreaterThanOrEqual(10);
  });
});

describe('OAuth clients', () => {
  const issuer = 'https://token-doctor.example';
  const endpoint = (policy: string) => `${server.url}/api/introspect?policy=${policy}`;

  it('oauth4webapi introspects', async () => {
    const introspect = async (token: string, policy = 'default', auth = oauth.None()) => {
      const as: oauth.AuthorizationServer = { issuer, introspection_endpoint: endpoint(policy) };
      const caller: oauth.Client = { client_id: 'gateway' };
      const response = await oauth.introspectionRequest(as, caller, auth, token, {
        [oauth.allowInsecureRequests]: true,
        additionalParameters: { token_type_hint: 'access_token' },
      });
      return await oauth.processIntrospectionResponse(as, caller, response);
    };
    expect(await introspect(await mint('entra-v2'))).toMatchObject({
      active: true,
      client_id: CLIENT_ID,
      sub: OBJECT_ID,
    });
    expect(await introspect(await mint('entra-v2'), 'default', oauth.ClientSecretPost('s'))).toMatchObject({
      active: true,
    });
    expect(await introspect(await mint('entra-v2'), 'default', oauth.ClientSecretBasic('s'))).toMatchObject({
      active: true,
    });
    for (const [, recipe, policy] of inactive)
      expect(await introspect(await mint(recipe), policy)).toEqual({ active: false });
  });

  it('openid-client introspects', async () => {
    const introspect = async (token: string, policy = 'default') => {
      const config = new client.Configuration(
        { issuer, introspection_endpoint: endpoint(policy) },
        'gateway',
        'secret',
      );
      client.allowInsecureRequests(config);
      return await client.tokenIntrospection(config, token, { token_type_hint: 'access_token' });
    };
    expect(await introspect(await mint(PASSED_BY), 'readers')).toMatchObject({
      active: true,
      scope: 'mcp.read mcp.write',
    });
    for (const [, recipe, policy] of inactive)
      expect(await introspect(await mint(recipe), policy)).toEqual({ active: false });
  });
});

describe('what cannot be answered', () => {
  it('keys of an accepted issuer that could never be had: try again', async () => {
    const token = await mint(
      `entra-v1?aud=api&claim.tid=${SILENT_TENANT}&claim.iss=https://sts.windows.net/${SILENT_TENANT}/`,
    );
    const response = await form(`token=${token}`, '?policy=silent');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[1-9]\d?$/)]);
    expect(Problem.parse(await response.json()).type).toBe('/problems/keys-unavailable');
    const ready = await fetch(`${server.url}/api/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'degraded', keys: { unreachable: 1 } }]);
  });

  it.each([
    ['an unknown policy', 'token=a', '?policy=canary', { parameter: 'policy' }],
    ['two policies', 'token=a', '?policy=default&policy=pods', { parameter: 'policy' }],
    ['a misspelt policy', 'token=a', '?polcy=pods', { parameter: 'polcy' }],
    ['a policy in the body', 'token=a&policy=pods', '', { pointer: '/policy' }],
    ['no token', 'token_type_hint=access_token', '', { pointer: '/token' }],
    ['an empty token', 'token=', '', { pointer: '/token' }],
    ['two tokens', 'token=a&token=b', '', { pointer: '/token' }],
    ['no body', '', '', { pointer: '' }],
  ])('%s: 400, with the place', async (_name, body, query, place) => {
    const response = await form(body, query);
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(Problem.parse(JSON.parse(text)).errors?.[0]).toMatchObject(place);
    expect(text).not.toContain('canary');
  });

  it.each([
    ['an unknown field', { token: 'a', tokn: 1 }, '/tokn'],
    ['a token that is no text', { token: 7 }, '/token'],
    ['a policy in the body', { token: 'a', policy: 'pods' }, '/policy'],
  ])('as JSON, %s: 400', async (_name, body, pointer) => {
    const response = await json(body);
    expect([response.status, Problem.parse(await response.json()).errors?.[0]?.pointer]).toEqual([400, pointer]);
  });

  it('another content type: 415, with what is taken', async () => {
    const response = await form('token=a', '', { 'content-type': 'text/plain' });
    expect([response.status, response.headers.get('accept')]).toEqual([
      415,
      'application/json, application/x-www-form-urlencoded',
    ]);
  });

  it('GET, which would put tokens into logs: 405', async () => {
    expect((await fetch(`${server.url}/api/introspect?token=a`)).status).toBe(405);
  });

  it('without any policy: 400 that says where to make one', async () => {
    const bare = await startServer({ env: { TOKEN_DOCTOR_POLICIES: '{}' } });
    const response = await fetch(`${bare.url}/api/introspect`, {
      method: 'POST',
      body: new URLSearchParams({ token: 'a' }),
    });
    expect([response.status, Problem.parse(await response.json()).detail]).toEqual([
      400,
      expect.stringContaining('TOKEN_DOCTOR_POLICIES'),
    ]);
    await bare.stop();
  });
});

describe('its key', () => {
  it('is its own: it opens no diagnosis, and the key of diagnosis decides nothing', async () => {
    const keyed = await startServer({
      args: ['--function-key', 'introspectToken=gateway1', '--function-key', 'analyzeToken=people1'],
    });
    const status = async (path: string, key: string | undefined) =>
      (
        await fetch(`${keyed.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(key !== undefined && { 'x-functions-key': key }) },
          body: JSON.stringify(path === '/api/introspect' ? { token: 'a' } : { token: 'a', target: 'arm' }),
        })
      ).status;
    expect(await status('/api/introspect', 'gateway1')).toBe(200);
    expect(await status('/api/tokens/analyze', 'people1')).toBe(200);
    expect(await status('/api/introspect', 'people1')).toBe(401);
    expect(await status('/api/tokens/analyze', 'gateway1')).toBe(401);
    expect(await status('/api/introspect', undefined)).toBe(401);
    await keyed.stop();
  });
});
