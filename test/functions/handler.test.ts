import { setTimeout as wait } from 'node:timers/promises';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { Problem, RequestError } from '../../src/contract/problem.ts';
import type { Report } from '../../src/contract/report.ts';
import { type Endpoint, jsonEndpoint, type Route, reportEndpoint, type World } from '../../src/functions/endpoint.ts';
import { handlerOf } from '../../src/functions/handler.ts';
import { rateLimit } from '../../src/functions/rate-limit.ts';
import { readSettings } from '../../src/settings.ts';

const described = { summary: 's', description: 'd', examples: [] };
const answering = (answer: () => Promise<{ status?: number; body: object }>): Endpoint =>
  jsonEndpoint({ ...described, answers: {}, answer });
const alive = answering(async () => ({ body: { a: 1 } }));

const routeTo = (endpoint: Endpoint, more: Partial<Route> = {}): Route => ({
  name: 'f',
  path: 'api/f',
  method: 'POST',
  access: 'diagnosis',
  needs: ['TOKEN_DOCTOR_CLOUD'],
  load: async () => endpoint,
  ...more,
});

const worldWith = (environment: Record<string, string> = {}, now = () => new Date(0)): World => {
  const read = readSettings(environment);
  return {
    ...read,
    routes: [],
    secondsToWait: rateLimit(read.settings.rateLimit, now),
    sources: () => Promise.reject(new Error('no sources here')),
  };
};

interface Sent {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
  body?: string;
  world?: World;
  deadlineMs?: number;
  traceParent?: string;
}

async function call(
  route: Route,
  {
    method = 'POST',
    url = 'http://localhost/',
    headers = {},
    body,
    world = worldWith(),
    deadlineMs,
    traceParent,
  }: Sent = {},
) {
  const logged: { level: string; text: string }[] = [];
  const context = new InvocationContext({
    functionName: 'f',
    invocationId: 'id-1',
    ...(traceParent !== undefined && { traceContext: { traceParent } }),
    logHandler: (level, ...parts) => void logged.push({ level, text: parts.join(' ') }),
  });
  const request = new HttpRequest({ method, url, headers, ...(body !== undefined && { body: { string: body } }) });
  const answer = await handlerOf(route, world, deadlineMs)(request, context);
  if (!answer || typeof answer !== 'object' || !('body' in answer)) throw new Error('no answer');
  return {
    status: answer.status,
    headers: new Headers(answer.headers as Record<string, string>),
    text: String(answer.body),
    json: () => JSON.parse(String(answer.body)),
    logged,
    line: JSON.parse(logged.at(-1)?.text ?? '{}'),
  };
}

describe('every answer', () => {
  it('is kept by nobody, runs nowhere, and has the request id', async () => {
    const { status, headers, json } = await call(routeTo(alive));
    expect([status, json()]).toEqual([200, { a: 1 }]);
    expect(Object.fromEntries(headers)).toEqual({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'content-type': 'application/json',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-request-id': 'id-1',
    });
  });

  it('is one line in the log, with the same id', async () => {
    const { logged, line } = await call(routeTo(alive));
    expect(logged).toHaveLength(1);
    expect(line).toEqual({
      event: 'request',
      requestId: 'id-1',
      route: 'f',
      method: 'POST',
      status: 200,
      durationMs: expect.any(Number),
    });
  });

  it('logs what the endpoint notes, also of a call that it refuses', async () => {
    const noting = jsonEndpoint({
      ...described,
      answers: {},
      answer: async ({ note }) => {
        note({ token: 'hash' });
        throw new RequestError({ type: '/problems/x', title: 'X', status: 503, detail: 'Do y.' });
      },
    });
    const { line, logged } = await call(routeTo(noting));
    expect(line).toMatchObject({ status: 503, token: 'hash', problem: '/problems/x' });
    expect(logged.at(-1)?.level).toBe('error');
  });
});

it('a call that takes too long tells what it waited for', async () => {
  const asking = jsonEndpoint({
    ...described,
    answers: {},
    answer: async (_call, { sources }) => ({ body: await (await sources()).keys.get({} as never, {} as never) }),
  });
  const silent = { keys: { get: () => new Promise(() => {}) } };
  const world = { ...worldWith(), sources: async () => silent as never };
  const { line } = await call(routeTo(asking), { world, deadlineMs: 60 });
  expect(line).toMatchObject({ status: 503, problem: '/problems/deadline-exceeded' });
  expect(line.sources).toEqual([
    { source: 'issuer', what: 'keys', outcome: 'unfinished', durationMs: expect.closeTo(60, -2) },
  ]);
});

it('the line has the time that the call took', async () => {
  const started = performance.now();
  const { line } = await call(routeTo(answering(async () => ({ body: await wait(40, {}) }))));
  expect(line.durationMs).toBeGreaterThanOrEqual(39);
  expect(line.durationMs).toBeLessThanOrEqual(Math.ceil(performance.now() - started));
});

it.each([
  [499, 'information'],
  [500, 'error'],
  [503, 'error'],
])('the line of an answer of %i is of the level %s', async (status, level) => {
  const { logged } = await call(routeTo(answering(async () => ({ status, body: {} }))));
  expect(logged).toMatchObject([{ level }]);
});

describe('the trace of the caller', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
  const telling = jsonEndpoint({
    ...described,
    answers: {},
    answer: async ({ traceparent }) => ({ body: { traceparent } }),
  });

  it.each(['00', '01', 'ff'])('is told to the endpoint and to the log, with flags %s', async (flags) => {
    const traceParent = `00-${TRACE}-00f067aa0ba902b7-${flags}`;
    const { line, json } = await call(routeTo(telling), { traceParent });
    expect([line.traceId, json()]).toEqual([TRACE, { traceparent: traceParent }]);
  });

  it.each([
    ['nothing', undefined],
    ['nothing in it', ''],
    ['another version', `01-${TRACE}-00f067aa0ba902b7-01`],
    ['a version to come, with more in it', `cc-${TRACE}-00f067aa0ba902b7-01-more`],
    ['upper case', `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['one digit too few', `00-${TRACE}-00f067aa0ba902b-01`],
    ['one digit too many', `00-${TRACE}-00f067aa0ba902b7-011`],
    ['no flags', `00-${TRACE}-00f067aa0ba902b7`],
    ['no hex', `00-${TRACE.replace('4', 'g')}-00f067aa0ba902b7-01`],
    ['the older form of .NET', `|${TRACE}.00f067aa0ba902b7.`],
    ['another header behind a line break', `00-${TRACE}-00f067aa0ba902b7-01\r\nx-evil: 1`],
    ['a line break behind it', `00-${TRACE}-00f067aa0ba902b7-01\n`],
    ['a line break before it', `\n00-${TRACE}-00f067aa0ba902b7-01`],
    ['white space around it', ` 00-${TRACE}-00f067aa0ba902b7-01 `],
    ['digits of another script', `00-${TRACE.replaceAll('4', '٤')}-00f067aa0ba902b7-01`],
    ['10 kB', `00-${TRACE}-00f067aa0ba902b7-01${'a'.repeat(10_000)}`],
  ])('is none where the platform tells %s', async (_case, traceParent) => {
    const { line, json, logged } = await call(routeTo(telling), traceParent === undefined ? {} : { traceParent });
    expect([line.traceId, json()]).toEqual([undefined, {}]);
    expect(logged.map(({ text }) => text).join()).not.toMatch(/4bf92f|evil|aaaa/i);
  });
});

describe('what is not for this route', () => {
  it('another method is 405, with what is served', async () => {
    const { status, headers, json } = await call(routeTo(alive), { method: 'GET' });
    expect([status, headers.get('allow'), headers.get('content-type')]).toEqual([
      405,
      'POST',
      'application/problem+json',
    ]);
    expect(Problem.parse(json())).toMatchObject({ status: 405, requestId: 'id-1' });
    expect((await call(routeTo(alive, { method: 'GET' }), { method: 'HEAD' })).status).toBe(200);
  });

  it('a wrong setting it needs is 503 and names it, one it does not need is nothing', async () => {
    const world = worldWith({ TOKEN_DOCTOR_CLOUD: 'canary' });
    const { status, headers, json } = await call(routeTo(alive), { world });
    expect([status, headers.get('retry-after')]).toEqual([503, '60']);
    expect(Problem.parse(json()).detail).toContain('TOKEN_DOCTOR_CLOUD');
    expect(JSON.stringify(json())).not.toContain('canary');
    expect((await call(routeTo(alive, { needs: ['TOKEN_DOCTOR_ISSUERS'] }), { world })).status).toBe(200);
  });

  it('the caller’s fault is its problem, headers included', async () => {
    const fault = new RequestError(
      { type: '/problems/x', title: 'X', status: 400, detail: 'Do y.', errors: [{ pointer: '/a', detail: 'b' }] },
      { 'x-more': '1' },
    );
    const { status, headers, json } = await call(routeTo(answering(() => Promise.reject(fault))));
    expect([status, headers.get('x-more')]).toEqual([400, '1']);
    expect(json()).toEqual({ ...fault.problem, requestId: 'id-1' });
  });
});

describe('a fault of ours', () => {
  it.each([
    ['an error', new TypeError('secret eyJcanary')],
    ['something else', 'secret eyJcanary'],
  ])('%s is a bare 500; the log has name and place, not the message', async (_name, thrown) => {
    const { status, json, logged } = await call(routeTo(answering(() => Promise.reject(thrown))));
    expect(status).toBe(500);
    expect(Problem.parse(json()).type).toBe('/problems/internal-error');
    expect(JSON.stringify([json(), logged])).not.toContain('canary');
    expect(JSON.parse(logged[0]?.text ?? '')).toMatchObject({ event: 'bug', requestId: 'id-1', place: 'f' });
    expect(logged).toHaveLength(2);
  });

  it('that takes too long is 503, and the late failure troubles nobody', async () => {
    const late = answering(async () => {
      await wait(40);
      throw new Error('too late to matter');
    });
    const { status, headers, json } = await call(routeTo(late), { deadlineMs: 20 });
    expect([status, headers.get('retry-after'), json().type]).toEqual([503, '10', '/problems/deadline-exceeded']);
    await wait(40);
  });

  it('that takes more than ten seconds is too long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const stuck = call(routeTo(answering(() => new Promise(() => {}))));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(await Promise.race([stuck, 'still waiting'])).toBe('still waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect((await stuck).status).toBe(503);
    await call(routeTo(alive));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('whose message looks like a stack keeps its message out of the log', async () => {
    const { logged } = await call(
      routeTo(answering(() => Promise.reject(new Error('a\n    at canary (b)\n    at c')))),
    );
    expect(JSON.stringify(logged)).not.toContain('canary');
    expect(JSON.parse(logged[0]?.text ?? '').at.length).toBeGreaterThan(0);
  });

  it('is not loaded again after a call that failed, and loaded again after a load that failed', async () => {
    let loads = 0;
    const handler = handlerOf(
      routeTo(alive, {
        load: async () => {
          loads += 1;
          if (loads === 1) throw new Error('chunk');
          return answering(() => Promise.reject(new Error('bug')));
        },
      }),
      worldWith(),
    );
    for (let calls = 0; calls < 3; calls += 1) {
      const answer = await handler(
        new HttpRequest({ method: 'POST', url: 'http://localhost/' }),
        new InvocationContext({ logHandler: () => {} }),
      );
      expect(answer).toMatchObject({ status: 500 });
    }
    expect(loads).toBe(2);
  });
});

describe('the rate limit', () => {
  const limited = (now: () => Date, more: Record<string, string> = {}) =>
    worldWith({ TOKEN_DOCTOR_RATE_LIMIT: '2', ...more }, now);
  const statuses = async (route: Route, world: World, ...sent: Sent[]) => {
    const got: (number | undefined)[] = [];
    for (const one of sent) got.push((await call(route, { ...one, world })).status);
    return got;
  };
  const withKey = (key: string): Sent => ({ headers: { 'x-functions-key': key } });

  it('is counted by key, header or parameter, and tells when to come back', async () => {
    let now = 0;
    const world = limited(() => new Date(now));
    const route = routeTo(alive);
    const a = withKey('a');
    const again = withKey('a, something else');
    expect(await statuses(route, world, a, { url: 'http://localhost/?Code=a&code=x' }, again, withKey('b'))).toEqual([
      200, 200, 429, 200,
    ]);
    const refused = await call(route, { ...a, world });
    expect([refused.headers.get('retry-after'), refused.json().type]).toEqual(['30', '/problems/too-many-requests']);
    now = 30_000;
    expect(await statuses(route, world, a, a)).toEqual([200, 429]);
  });

  it('is counted by address where there is no key, the one that the platform saw', async () => {
    const from = (forwarded: string): Sent => ({ headers: { 'x-forwarded-for': forwarded } });
    expect(
      await statuses(
        routeTo(alive),
        limited(() => new Date(0)),
        from('8.8.8.8:50612'),
        from('1.1.1.1, 8.8.8.8:50613'),
        from('2.2.2.2,8.8.8.8'),
        from('9.9.9.9'),
      ),
    ).toEqual([200, 200, 429, 200]);
  });

  it('is counted by client where the platform authenticates, whatever key is sent', async () => {
    const world = limited(() => new Date(0), { WEBSITE_AUTH_ENABLED: 'True' });
    const client = (id: string, key: string): Sent => ({
      headers: { 'x-ms-client-principal': 'e30=', 'x-ms-client-principal-id': id, 'x-functions-key': key },
    });
    expect(
      await statuses(routeTo(alive), world, client('a', '1'), client('a', '2'), client('a', '3'), client('b', '1')),
    ).toEqual([200, 200, 429, 200]);
  });

  it('takes no principal’s word where the platform does not authenticate', async () => {
    const client = (id: string): Sent => ({ headers: { 'x-ms-client-principal-id': id } });
    expect(
      await statuses(
        routeTo(alive),
        limited(() => new Date(0)),
        client('a'),
        client('b'),
        client('c'),
      ),
    ).toEqual([200, 200, 429]);
  });

  it.each(['decision', 'anonymous'] as const)('leaves routes of access %s alone', async (access) => {
    const calls = Array.from({ length: 4 }, () => withKey('a'));
    expect(
      await statuses(
        routeTo(alive, { access }),
        limited(() => new Date(0)),
        ...calls,
      ),
    ).toEqual([200, 200, 200, 200]);
  });
});

describe('platform authentication', () => {
  const world = worldWith({ WEBSITE_AUTH_ENABLED: 'true', TOKEN_DOCTOR_OPEN_ROUTES: 'openapi' });
  it.each([
    ['diagnosis', 401],
    ['decision', 200],
    ['anonymous', 200],
    ['openapi', 200],
  ] as const)('a call it did not authenticate, to a route of access %s, is %i', async (access, status) => {
    const answer = await call(routeTo(alive, { access }), { world });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
    const empty = await call(routeTo(alive, { access }), { world, headers: { 'x-ms-client-principal': '' } });
    expect(empty.status).toBe(status);
    const bearer = await call(routeTo(alive, { access }), { world, headers: { authorization: 'Bearer a' } });
    expect(bearer.status).toBe(status);
    expect(
      (await call(routeTo(alive, { access }), { world, headers: { 'x-ms-client-principal': 'e30=' } })).status,
    ).toBe(200);
  });
});

describe('a report', () => {
  const report = (verdict: Report['verdict']): Report => ({
    verdict,
    summary: 'Seen so.',
    basis: 'observed',
    rootCause: verdict === 'fail' ? 'token-expired' : null,
    findings: [],
    evidence: {},
    requestId: 'id-1',
    observedAt: '2026-11-20T10:00:00.000Z',
  });
  const reporting = (verdict: Report['verdict']) =>
    routeTo(reportEndpoint({ ...described, diagnose: async () => report(verdict) }));

  it.each([
    ['pass', 200],
    ['fail', 422],
    ['inconclusive', 424],
  ] as const)('of verdict %s is 200, behind a gate %i, with the same body', async (verdict, status) => {
    const plain = await call(reporting(verdict));
    const gated = await call(reporting(verdict), { url: 'http://localhost/?gate=true' });
    expect([plain.status, gated.status]).toEqual([200, status]);
    expect(gated.text).toBe(plain.text);
    expect((await call(reporting(verdict), { url: 'http://localhost/?gate=false&code=k' })).status).toBe(200);
    expect(gated.line).toMatchObject({ verdict, failed: [], unknown: [] });
    expect(gated.line.rootCause).toBe(verdict === 'fail' ? 'token-expired' : undefined);
  });

  it.each([
    ['?gate=1', 'gate'],
    ['?gate=', 'gate'],
    ['?gate', 'gate'],
    ['?gate=true&gate=true', 'gate'],
    ['?Gate=true', 'Gate'],
    ['?gtae=true', 'gtae'],
  ])('refuses %s, since that gate would never close', async (query, parameter) => {
    const { status, json } = await call(reporting('fail'), { url: `http://localhost/${query}` });
    expect([status, Problem.parse(json()).errors?.map((error) => error.parameter)]).toEqual([400, [parameter]]);
  });

  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['image/png', 'application/json'],
    ['nonsense', 'application/json'],
    ['application/json;q=0.1, text/markdown', 'text/markdown; charset=utf-8'],
    ['text/*', 'text/markdown; charset=utf-8'],
    ['text/markdown; charset=utf-8', 'text/markdown; charset=utf-8'],
    ['text/markdown;charset="UTF-8";q=0.5, text/plain;q=0.9;charset=x', 'text/plain; charset=utf-8'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['application/junit+xml', 'application/junit+xml'],
    ['application/junit+xml;q=0, text/plain;q=0.5', 'text/plain; charset=utf-8'],
  ])('for Accept %s comes as %s', async (accept, contentType) => {
    const { headers, text } = await call(reporting('fail'), { headers: accept === undefined ? {} : { accept } });
    expect([headers.get('content-type'), headers.get('vary')]).toEqual([contentType, 'accept']);
    if (contentType === 'application/json') expect(JSON.parse(text)).toEqual(report('fail'));
    if (contentType === 'application/junit+xml') expect(text).toMatch(/^<\?xml /);
    if (contentType.startsWith('text/')) expect(text).not.toMatch(/^[{<]/);
  });
});

describe('the query of an endpoint', () => {
  const asking = jsonEndpoint({
    ...described,
    answers: {},
    query: z.strictObject({ policy: z.string().default('default') }),
    answer: async ({ query }) => ({ body: query }),
  });

  it.each([
    ['', { policy: 'default' }],
    ['?policy=a%20b', { policy: 'a b' }],
    ['?code=k&clientId=default', { policy: 'default' }],
  ])('%s is read', async (query, read) => {
    const { json } = await call(routeTo(asking), { url: `http://localhost/${query}` });
    expect(json()).toEqual(read);
  });

  it.each(['?polcy=a', '?policy=a&policy=b', '?policy=a&x=1', '?__proto__=1'])('%s is refused', async (query) => {
    expect((await call(routeTo(asking), { url: `http://localhost/${query}` })).status).toBe(400);
  });

  it('repeats no long name', async () => {
    const { text } = await call(routeTo(asking), { url: `http://localhost/?${'a'.repeat(25)}canary=1` });
    expect(text).toContain('a'.repeat(24));
    expect(text).not.toContain('canary');
  });

  it('means nothing where an endpoint has none', async () => {
    expect((await call(routeTo(alive), { url: 'http://localhost/?x=1' })).status).toBe(200);
  });
});
