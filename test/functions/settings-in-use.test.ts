import { afterAll, describe, expect, it } from 'vitest';
import { Problem } from '../../src/contract/problem.ts';
import { Report } from '../../src/contract/report.ts';
import { playHttp } from '../far-side.ts';
import { type StartedServer, startServer } from '../local/server.ts';
import { testKey } from '../tokens.ts';

const servers: StartedServer[] = [];
const started = async (env: Record<string, string>) => {
  const server = await startServer({ env });
  servers.push(server);
  return server;
};
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

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

  it('names a wrong setting at the start and answers 503 where it is needed, 200 where not', async () => {
    const server = await started({ TOKEN_DOCTOR_CLOUD: 'canary', TOKEN_DOCTOR_ISSUERS: '{' });
    for (const name of ['TOKEN_DOCTOR_CLOUD', 'TOKEN_DOCTOR_ISSUERS']) expect(server.output()).toContain(name);
    const response = await analyze(server, { target: 'arm', token: 'a' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60']);
    const problem = Problem.parse(await response.json());
    expect(problem.detail).toContain('TOKEN_DOCTOR_CLOUD');
    expect(problem.detail).toContain('TOKEN_DOCTOR_ISSUERS');
    expect(JSON.stringify(problem) + server.output()).not.toContain('canary');
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200);
    expect((await fetch(`${server.url}/api/checks`)).status).toBe(200);
  });

  it('takes the cloud from the setting unless the request names one', async () => {
    const server = await started({ TOKEN_DOCTOR_CLOUD: 'usgovernment' });
    const token = await (await fetch(`${server.url}/sandbox/tokens/entra-v1?aud=arm-usgovernment`)).text();
    const verdict = async (body: object) => Report.parse(await (await analyze(server, body)).json()).verdict;
    expect(await verdict({ target: 'arm', token })).toBe('pass');
    expect(await verdict({ target: 'arm', token, cloud: 'public' })).toBe('fail');
  });
});
