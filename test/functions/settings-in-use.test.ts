import { describe, expect, it, onTestFinished } from 'vitest';
import { Readiness } from '../../src/contract/health.ts';
import { Problem } from '../../src/contract/problem.ts';
import { Report } from '../../src/contract/report.ts';
import { playHttp } from '../far-side.ts';
import { type StartedServer, startServer } from '../local/server.ts';
import { testKey } from '../tokens.ts';

/** Ends with its test. */
const started = async (env: Record<string, string>) => {
  const server = await startServer({ env });
  onTestFinished(() => void server.stop());
  return server;
};

const analyze = async (server: StartedServer, body: object) =>
  await fetch(`${server.url}/api/tokens/analyze`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('settings in use', () => {
  it('asks an issuer of one’s own once settings trust it and open its origin, and not before', async () => {
    const key = await testKey('own');
    const far = await playHttp((request, response) => {
      const issuer = `http://${request.headers.host}`;
      response.end(
        JSON.stringify(request.url === '/keys' ? { keys: [key.jwk] } : { issuer, jwks_uri: `${issuer}/keys` }),
      );
    });
    const iss = `http://127.0.0.1:${far.port}`;
    const token = await key.sign({ iss, aud: 'x', exp: 4_000_000_000 });
    const TOKEN_DOCTOR_ISSUERS = JSON.stringify([{ issuer: iss }]);

    const signature = async (env: Record<string, string>) =>
      Report.parse(await (await analyze(await started(env), { target: 'aks-api-server', token })).json()).evidence
        .signature;
    expect(await signature({})).toMatchObject({ state: 'absent', reason: 'untrusted' });
    expect(await signature({ TOKEN_DOCTOR_ISSUERS })).toMatchObject({ state: 'absent', reason: 'untrusted' });
    expect(far.seen).toEqual([]);
    expect(await signature({ TOKEN_DOCTOR_ISSUERS, TOKEN_DOCTOR_OPEN_ORIGINS: iss })).toMatchObject({
      state: 'present',
      value: { result: 'verified' },
    });
    expect(far.seen).toHaveLength(2);
    await far.close();
  });

  it('takes the cloud from the setting unless the request names one', async () => {
    const server = await started({ TOKEN_DOCTOR_CLOUD: 'usgovernment' });
    const token = await (await fetch(`${server.url}/sandbox/tokens/entra-v1?aud=arm-usgovernment`)).text();
    const verdict = async (body: object) => Report.parse(await (await analyze(server, body)).json()).verdict;
    expect(await verdict({ target: 'arm', token })).toBe('pass');
    expect(await verdict({ target: 'arm', token, cloud: 'public' })).toBe('fail');
  });
});

describe('platform authentication', () => {
  it('stands before diagnosis: whom it did not let in is refused, keys or not, and decisions keep their own key', async () => {
    const server = await startServer({
      env: { WEBSITE_AUTH_ENABLED: 'True' },
      args: ['--function-key', 'introspectToken=gateway1'],
    });
    onTestFinished(() => void server.stop());
    const refused = await analyze(server, { target: 'arm', token: 'a' });
    expect([refused.status, Problem.parse(await refused.json()).type]).toEqual([401, '/problems/unauthenticated']);
    expect((await fetch(`${server.url}/api/checks?code=anything`)).status).toBe(401);
    const principal = { headers: { 'x-ms-client-principal': 'e30=', 'x-ms-client-principal-id': 'a' } };
    expect((await fetch(`${server.url}/api/checks`, principal)).status).toBe(200);
    const introspect = async (key: Record<string, string>) =>
      (
        await fetch(`${server.url}/api/introspect`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...key },
          body: 'token=a',
        })
      ).status;
    expect(await introspect(principal.headers)).toBe(401);
    expect(await introspect({ 'x-functions-key': 'gateway1' })).toBe(200);
  });
});

describe('a wrong setting', () => {
  const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';
  const policies = (policy: object) => JSON.stringify({ default: policy });
  const good = { issuers: [`https://sts.windows.net/${TENANT}/`], audiences: ['canary'] };
  /** Routes that answer 503 then; the others are served. */
  const deciding = ['/api/introspect'];
  const keys = ['/api/introspect', '/api/tokens/analyze'];
  const limited = ['/api/tokens/analyze', '/api/checks', '/api/openapi.json'];

  it.each<[string, string, string, string, string[]]>([
    ['policies that are no JSON', 'TOKEN_DOCTOR_POLICIES', '{"default": canary}', '', deciding],
    [
      'a policy without audiences',
      'TOKEN_DOCTOR_POLICIES',
      policies({ ...good, audiences: [] }),
      '/default/audiences',
      deciding,
    ],
    [
      'a policy with a misspelt member',
      'TOKEN_DOCTOR_POLICIES',
      policies({ ...good, audience: [] }),
      '/default/audience',
      deciding,
    ],
    [
      'a policy of an issuer without its slash',
      'TOKEN_DOCTOR_POLICIES',
      policies({ ...good, issuers: [good.issuers[0]!.slice(0, -1)] }),
      '/default/issuers/0',
      deciding,
    ],
    [
      'a policy that stands twice',
      'TOKEN_DOCTOR_POLICIES',
      `{"a":${JSON.stringify(good)},"a":${JSON.stringify(good)}}`,
      '',
      deciding,
    ],
    ['a cloud that is none', 'TOKEN_DOCTOR_CLOUD', 'canary', '', keys],
    ['issuers that are no list', 'TOKEN_DOCTOR_ISSUERS', '{"issuer":"https://canary.example/"}', '', keys],
    ['an origin with a path', 'TOKEN_DOCTOR_OPEN_ORIGINS', 'http://127.0.0.1:1, http://canary.example/a', '/1', keys],
    ['keys fresh for ever', 'TOKEN_DOCTOR_KEYS_FRESH_SECONDS', '99999', '', keys],
    ['a rate limit in words', 'TOKEN_DOCTOR_RATE_LIMIT', 'canary', '', limited],
    ['a route that cannot be opened', 'TOKEN_DOCTOR_OPEN_ROUTES', 'openapi,canary', '/1', ['/api/openapi.json']],
  ])(
    '%s: the start, the log, the routes and /api/health/ready say so',
    async (_name, setting, value, place, refused) => {
      const server = await started({ [setting]: value });
      const fault = `{"event":"setting-invalid","setting":"${setting}","place":"${place}","detail":"`;
      await expect.poll(() => server.output()).toContain(fault);

      const json = { 'content-type': 'application/json' };
      const calls: [string, RequestInit][] = [
        ['/api/introspect', { method: 'POST', headers: json, body: '{"token":"a"}' }],
        ['/api/tokens/analyze', { method: 'POST', headers: json, body: '{"token":"a","target":"arm"}' }],
        ['/api/checks', {}],
        ['/api/openapi.json', {}],
        ['/api/health', {}],
      ];
      for (const [path, call] of calls) {
        const response = await fetch(server.url + path, call);
        const text = await response.text();
        expect([path, response.status]).toEqual([path, refused.includes(path) ? 503 : 200]);
        if (response.status !== 503) continue;
        expect(response.headers.get('retry-after')).toBe('60');
        const { type, detail } = Problem.parse(JSON.parse(text));
        expect([type, detail]).toEqual([
          '/problems/setting-invalid',
          expect.stringContaining(place ? `${setting} at ${place}: ` : `${setting}: `),
        ]);
        expect(text).not.toContain('canary');
      }
      const ready = await fetch(`${server.url}/api/health/ready`);
      const readiness = Readiness.parse(await ready.json());
      expect([ready.status, readiness.status]).toEqual([503, 'not-ready']);
      expect(readiness.settings.faults).toEqual([{ setting, place, detail: expect.any(String) }]);
      expect(JSON.stringify(readiness) + server.output()).not.toContain('canary');
      await expect.poll(() => server.output()).toMatch(/"status":503.*"problem":"\/problems\/setting-invalid"/);
    },
  );

  it('that only looks like one: told at the start and in /api/health/ready, and all is served', async () => {
    const server = await started({ TOKEN_DOCTOR_POLICY: policies(good) });
    await expect.poll(() => server.output()).toContain('{"event":"setting-unknown","variable":"TOKEN_DOCTOR_POLICY"}');
    const ready = await fetch(`${server.url}/api/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { status: 'degraded', settings: { unknown: ['TOKEN_DOCTOR_POLICY'] } },
    ]);
    expect((await analyze(server, { target: 'arm', token: 'a' })).status).toBe(200);
  });

  it('is nowhere: ready, with what is opened', async () => {
    const server = await started({ TOKEN_DOCTOR_OPEN_ORIGINS: 'http://127.0.0.1:1' });
    const ready = await fetch(`${server.url}/api/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { status: 'ready', settings: { faults: [], unknown: [], openOrigins: ['http://127.0.0.1:1'] } },
    ]);
    expect(server.output()).toContain('"openOrigins":["http://127.0.0.1:1"]');
  });
});
