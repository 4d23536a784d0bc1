import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../../src/contract/problem.ts';
import { Report } from '../../src/contract/report.ts';
import { MAX_BODY_BYTES } from '../../src/functions/body.ts';
import { type StartedServer, startServer } from '../local/server.ts';

let server: StartedServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

const json = { 'content-type': 'application/json' };
const post = async (body: string | Uint8Array, headers: Record<string, string> = json) =>
  await fetch(`${server.url}/api/tokens/analyze`, { method: 'POST', headers, body: body as string });
const sandboxToken = async (recipe: string) => await (await fetch(`${server.url}/sandbox/tokens/${recipe}`)).text();
const analyze = async (body: object) => {
  const response = await post(JSON.stringify(body));
  expect(response.status).toBe(200);
  return Report.parse(await response.json());
};

describe('POST /api/tokens/analyze', () => {
  it('says why AKS refuses the token of ServiceNow, and what to request instead', async () => {
    const report = await analyze({ target: 'aks-api-server', token: await sandboxToken('entra-v1?aud=arm') });
    expect(report).toMatchObject({
      verdict: 'fail',
      rootCause: 'audience-not-accepted',
      basis: 'observed',
      predictedError: { code: 'Unauthorized', certainty: 'documented' },
    });
    const finding = report.findings.find(({ id }) => id === report.rootCause);
    expect(finding).toMatchObject({
      expected: '6dae42f8-4368-4678-94ff-3960e28e3630',
      actual: 'https://management.azure.com/',
    });
    const commands = finding?.remediation?.commands?.join('\n');
    expect(commands).toContain('/oauth2/token" ');
    expect(commands).toContain('resource=6dae42f8-4368-4678-94ff-3960e28e3630');
    expect(commands).toContain('/oauth2/v2.0/token" ');
    expect(commands).toContain('scope=6dae42f8-4368-4678-94ff-3960e28e3630/.default');
    expect(finding?.remediation?.text).toContain('args.isK8s');
    expect(report.findings.filter(({ outcome }) => outcome === 'fail')).toHaveLength(1);
  });

  it('passes a good token, with every deciding check passed and the evidence told', async () => {
    const report = await analyze({ target: 'aks-api-server', token: await sandboxToken('entra-v1?aud=aks') });
    expect(report).toMatchObject({ verdict: 'pass', rootCause: null });
    expect(report.findings.filter(({ deciding, outcome }) => deciding && outcome !== 'pass')).toEqual([]);
    expect(Object.entries(report.evidence).filter(([, { state }]) => state === 'absent')).toEqual([]);
    expect(report.evidence.signingKeys).toMatchObject({ source: 'keys', value: { kidPublished: true } });
  });

  it('tells absent evidence with its reason', async () => {
    const report = await analyze({
      target: 'aks-api-server',
      token: await sandboxToken('entra-v1?claim.iss=https://idp.example.com/'),
    });
    expect(report.evidence.signingKeys).toMatchObject({ state: 'absent', reason: 'untrusted' });
    expect(report.verdict).toBe('inconclusive');
  });

  it('never sends the signature back', async () => {
    const token = await sandboxToken('entra-v1?aud=arm');
    const signature = token.split('.')[2]!;
    const text = await (await post(JSON.stringify({ target: 'arm', token }))).text();
    expect(text).not.toContain(signature.slice(0, 40));
  });

  it('judges for another moment and says so', async () => {
    const token = await sandboxToken('entra-v1?aud=aks&iat=-9000&nbf=-9000&exp=-3600');
    const at = new Date(Date.now() - 7_200_000).toISOString();
    expect((await analyze({ target: 'aks-api-server', token })).rootCause).toBe('token-expired');
    const then = await analyze({ target: 'aks-api-server', token, at });
    expect(then.verdict).toBe('pass');
    expect(then.summary).toContain(at);
    expect(then.evidence.now).toMatchObject({ source: 'request' });
  });

  it('marks every answer as not to be kept, with an id, and as a sandbox’s', async () => {
    const { headers } = await post('{}');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-token-doctor-sandbox')).toBe('true');
  });
});

describe('bad input', () => {
  const good = '{"token":"a","target":"arm"}';
  it.each<[string, string | Uint8Array, Record<string, string>, number, string, string]>([
    ['empty', '', json, 400, 'invalid-request', ''],
    ['not JSON', '{"token": eyJcanary}', json, 400, 'invalid-request', ''],
    ['cut JSON', '{"token":"a"', json, 400, 'invalid-request', ''],
    ['JSON, but no object', '["canary"]', json, 400, 'invalid-request', ''],
    ['null', 'null', json, 400, 'invalid-request', ''],
    ['no token', '{"target":"arm"}', json, 400, 'invalid-request', '/token'],
    ['an empty token', '{"token":"","target":"arm"}', json, 400, 'invalid-request', '/token'],
    ['a token of the wrong type', '{"token":{"canary":1},"target":"arm"}', json, 400, 'invalid-request', '/token'],
    ['a token beside claims', '{"token":"canary","claims":{}}', json, 400, 'invalid-request', '/claims'],
    ['a header alone', '{"header":{"alg":"canary"}}', json, 400, 'invalid-request', '/header'],
    ['an MCP server without its address', '{"token":"a","target":"mcp"}', json, 400, 'invalid-request', '/resource'],
    [
      'an address for ARM',
      '{"token":"a","target":"arm","resource":"canary"}',
      json,
      400,
      'invalid-request',
      '/resource',
    ],
    [
      'Azure DevOps in China',
      '{"token":"a","target":"azure-devops","cloud":"china"}',
      json,
      400,
      'invalid-request',
      '/cloud',
    ],
    [
      'a cloud beside a policy',
      '{"token":"a","target":{"policy":"default"},"cloud":"china"}',
      json,
      400,
      'invalid-request',
      '/cloud',
    ],
    ['an unknown policy', '{"token":"a","target":{"policy":"canary"}}', json, 400, 'invalid-request', '/target/policy'],
    [
      'a target of two kinds',
      '{"token":"a","target":{"policy":"a","custom":{}}}',
      json,
      400,
      'invalid-request',
      '/target',
    ],
    ['a target of no kind', '{"token":"a","target":{}}', json, 400, 'invalid-request', '/target'],
    [
      'a misspelt rule',
      '{"token":"a","target":{"custom":{"audience":["canary"]}}}',
      json,
      400,
      'invalid-request',
      '/target/custom/audience',
    ],
    [
      'a wrong rule',
      '{"token":"a","target":{"custom":{"audiences":"canary"}}}',
      json,
      400,
      'invalid-request',
      '/target/custom/audiences',
    ],
    ['a target that is a number', '{"token":"a","target":7}', json, 400, 'invalid-request', '/target'],
    ['an unknown target', '{"token":"a","target":"canary"}', json, 400, 'invalid-request', '/target'],
    ['an unknown cloud', '{"token":"a","target":"arm","cloud":"canary"}', json, 400, 'invalid-request', '/cloud'],
    [
      'a time that is none',
      '{"token":"a","target":"arm","at":"2026-02-30T00:00:00Z"}',
      json,
      400,
      'invalid-request',
      '/at',
    ],
    [
      'a time without zone',
      '{"token":"a","target":"arm","at":"2026-02-03T00:00:00"}',
      json,
      400,
      'invalid-request',
      '/at',
    ],
    ['an unknown field', '{"token":"a","target":"arm","tokne":1}', json, 400, 'invalid-request', '/tokne'],
    ['a field to be escaped', '{"token":"a","target":"arm","a/b~":1}', json, 400, 'invalid-request', '/a~1b~0'],
    ['__proto__', '{"token":"a","target":"arm","__proto__":{}}', json, 400, 'invalid-request', '/__proto__'],
    ['a field twice', '{"token":"canary","token":"b","target":"arm"}', json, 400, 'invalid-request', ''],
    ['nesting without end', '['.repeat(100_000), json, 400, 'invalid-request', ''],
    ['no UTF-8', Buffer.from(`{"token":"\xc3\x28","target":"arm"}`, 'latin1'), json, 400, 'invalid-request', ''],
    ['UTF-16', Buffer.from(good, 'utf16le'), json, 400, 'invalid-request', ''],
    ['no content type', good, { 'content-type': '' }, 415, 'unsupported-media-type', ''],
    ['a form', good, { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type', ''],
    ['another JSON type', good, { 'content-type': 'application/jsonp' }, 415, 'unsupported-media-type', ''],
    ['too large', `{"token":"${'a'.repeat(MAX_BODY_BYTES)}"}`, json, 413, 'body-too-large', ''],
  ])('%s is a problem that names the place', async (_name, body, headers, status, type, pointer) => {
    const response = await post(body, headers);
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    const problem = Problem.parse(JSON.parse(text));
    expect(problem).toMatchObject({
      type: `/problems/${type}`,
      status,
      requestId: response.headers.get('x-request-id'),
    });
    if (status === 400) expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(text).not.toContain('canary');
  });

  it('takes a charset, other letter case and a body of the largest size', async () => {
    expect((await post(good, { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(200);
    const filled = `{"target":"arm","token":"${'a'.repeat(MAX_BODY_BYTES - 27)}"}`;
    expect(filled).toHaveLength(MAX_BODY_BYTES);
    const report = Report.parse(await (await post(filled)).json());
    expect(report.rootCause).toBe('token-too-large');
  });

  it('repeats no long name, which may be a token in the wrong place', async () => {
    const token = await sandboxToken('entra-v1');
    const text = await (await post(JSON.stringify({ token: 'a', target: 'arm', [token]: 1 }))).text();
    expect(text).toContain('/eyJ');
    expect(text).not.toContain(token.slice(0, 60));
  });

  it('names the place of the first fault in a long body by line and column', async () => {
    const problem = Problem.parse(await (await post('{\n  "token": "a",\n  "target": arm\n}')).json());
    expect(problem.errors?.[0]?.detail).toContain('Line 3, column 13');
  });

  it('answers a chunked body with 411, since the platform hands on none', async () => {
    const { status, text } = await chunked('/api/tokens/analyze', good);
    expect(status).toBe(411);
    expect(Problem.parse(JSON.parse(text)).detail).toContain('Content-Length');
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('answers %s with 405', async (method) => {
    const response = await fetch(`${server.url}/api/tokens/analyze`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('hostile tokens', () => {
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tokenOf = (header: unknown, claims: unknown) => `${b64(header)}.${b64(claims)}.c2ln`;

  it.each([
    'http://169.254.169.254/metadata/identity/',
    'https://127.0.0.1/',
    'https://localhost:7071/',
    'https://sts.windows.net@evil.example/',
    'https://login.microsoftonline.com.evil.example/0a1b2c3d-1111-4222-8333-444455556666/v2.0',
    'https://evil.oic.prod-aks.azure.com.evil.example/0a1b2c3d-1111-4222-8333-444455556666/0a1b2c3d-1111-4222-8333-444455556666/',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ])('contact nobody: issuer %s', async (iss) => {
    const report = await analyze({
      target: 'aks-api-server',
      token: tokenOf({ alg: 'RS256', kid: 'a', jku: `${iss}keys`, x5u: iss }, { iss, aud: 'x', exp: 4_000_000_000 }),
    });
    expect(report.verdict).not.toBe('pass');
    expect(report.evidence.issuerMetadata?.state).toBe('absent');
    expect(await (await fetch(`${server.url}/sandbox/refusals`)).json()).toEqual({ refusals: [] });
  });

  it.each([
    [{ alg: {} }, { iss: [], aud: {}, exp: 'x', nbf: null, sub: 7 }],
    [
      { alg: ['RS256'], kid: 7, typ: {}, crit: 1 },
      { iss: null, aud: [1], tid: [] },
    ],
    [{}, {}],
    [
      { alg: { toString: 1 }, typ: { toString: 1 }, kid: { toString: 1 } },
      { iss: { toString: 1 }, sub: { toString: 1 } },
    ],
    [
      { alg: { toString: 1 }, typ: { toString: 1 } },
      {
        iss: `https://sts.windows.net/0a1b2c3d-1111-4222-8333-444455556666/`,
        tid: { toString: 1 },
        aud: { toString: 1 },
      },
    ],
    [
      { alg: 'RS256', kid: '__proto__' },
      { iss: '__proto__', aud: 'constructor', tid: 'x', _claim_names: 1 },
    ],
    [
      { alg: 'RS256' },
      {
        iss: 'https://sts.windows.net/0a1b2c3d-1111-4222-8333-444455556666/',
        exp: 1e300,
        nbf: -1,
        aud: 'a'.repeat(5000),
      },
    ],
  ])('of any shape give a clean report: %j', async (header, claims) => {
    const report = await analyze({ target: 'arm', token: tokenOf(header, claims) });
    expect(report.verdict).toBe('fail');
  });
});

describe('GET', () => {
  it('/api/health is alive, with the version', async () => {
    const response = await fetch(`${server.url}/api/health`);
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    ]);
    expect((await fetch(`${server.url}/api/health`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${server.url}/api/health`, { method: 'POST' })).status).toBe(405);
  });

  it('/api/checks lists every check once', async () => {
    const body = (await (await fetch(`${server.url}/api/checks`)).json()) as { checks: { id: string }[] };
    const ids = body.checks.map(({ id }) => id);
    expect(ids).toContain('audience-not-accepted');
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('anything else is 404', async () => {
    expect((await fetch(`${server.url}/api/nothing`)).status).toBe(404);
  });
});

function chunked(path: string, body: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      `${server.url}${path}`,
      { method: 'POST', headers: { ...json, 'transfer-encoding': 'chunked' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, text }));
      },
    );
    call.on('error', reject).end(body);
  });
}
