import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as sendRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Child, child, finished, ROOT } from './child.ts';
import { readyUrl } from './server.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const KEY = 'a-key';

const fixture = (name: string) => `test/local/fixtures/${name}.ts`;

interface Served {
  url: string;
  host: Child;
}

async function serve(entry: string, ...key: string[]): Promise<Served> {
  const host = child(process.execPath, [fixture('run-host'), fixture(entry), ...key]);
  return { url: await readyUrl(host), host };
}

/** What a server answers to these very bytes. */
async function said(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(bytes);
  return await text(socket);
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Answered {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Asks without `fetch`, which would not send every method, header and body that this is about. */
function ask(url: string, { method = 'GET', headers = {}, body = '' }: Asked = {}): Promise<Answered> {
  const length = body === '' || 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    sendRequest(url, { method, headers: { ...length, ...headers }, agent: false }, async (response) => {
      resolve({ status: response.statusCode, headers: response.headers, body: await text(response) });
    })
      .on('error', reject)
      .end(body);
  });
}

describe('the habits of the platform', () => {
  let url: string;
  let host: Child;
  beforeAll(async () => {
    ({ url, host } = await serve('habits'));
  });
  afterAll(() => host.process.kill());

  /** What is printed before an answer may arrive after it. */
  const logged = (line: RegExp) =>
    expect.poll(host.output, { timeout: 5000 }).toMatch(new RegExp(`^log: ${line.source}`, 'm'));
  const answeredBy = async (path: string, asked?: Asked): Promise<{ name: string; params: object }> =>
    JSON.parse((await ask(url + path, asked)).body);
  const echoed = async (path: string, asked?: Asked): Promise<Record<string, unknown>> =>
    JSON.parse((await ask(url + path, asked)).body);

  it('answers a handler that throws with an empty 500, and its message goes to the log', async () => {
    expect(await ask(`${url}/throws`)).toMatchObject({ status: 500, body: '' });
    await logged(/error .*throws.*RangeError.*the reason/);
  });

  it.each([
    ['nothing is returned', '/nothing', 204, ''],
    ['a string is returned', '/text', 500, ''],
    ['the JSON body is null', '/json-null', 200, ''],
    ['the JSON body cannot be written', '/json-bigint', 500, ''],
    ['the status is below the range', '/status/199', 500, ''],
    ['the status is above the range', '/status/600', 500, ''],
    ['the status is the highest', '/status/599', 599, 'a body'],
    ['the status is an ordinary one', '/status/418', 418, 'a body'],
    ['204 takes no body', '/status/204', 204, ''],
    ['304 takes no body', '/status/304', 304, ''],
    ['a function is registered after the start', '/late', 500, ''],
    ['no route matches', '/elsewhere', 404, ''],
  ])('%s', async (_case, path, status, body) => {
    expect(await ask(url + path)).toMatchObject({ status, body });
  });

  it('gives a null JSON body no content type', async () => {
    expect((await ask(`${url}/json-null`)).headers).not.toHaveProperty('content-type');
  });

  it('names the function that came too late', async () => {
    await ask(`${url}/late`);
    await logged(/error .*too-late/);
  });

  it('passes on what a handler logs', async () => {
    await ask(`${url}/logs`);
    await logged(/warning logs .*said by the handler/);
  });

  it('goes on with the trace of the caller, in a span of its own', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`, tracestate: 'a=1' };
    const { traceParent, traceState } = await echoed('/trace', { headers });
    expect(traceParent).toMatch(new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    expect(traceState).toBe('a=1');
  });

  it.each([
    ['none', {}],
    ['one that is none', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }],
  ])('begins a trace where the caller sends %s', async (_case, headers: Record<string, string>) => {
    const first = await echoed('/trace', { headers });
    expect(first.traceParent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect((await echoed('/trace', { headers })).traceParent).not.toBe(first.traceParent);
  });

  it('keeps several cookies apart', async () => {
    expect((await ask(`${url}/cookies`)).headers['set-cookie']).toEqual([
      expect.stringMatching(/^a=1\b/),
      expect.stringMatching(/^b=2\b/),
    ]);
  });

  it('takes GET and POST on a route named after the function, open to all, when nothing else is said', async () => {
    expect((await answeredBy('/defaults')).name).toBe('defaults');
    expect((await answeredBy('/defaults', { method: 'POST' })).name).toBe('defaults');
    expect((await ask(`${url}/defaults`, { method: 'PUT' })).status).toBe(404);
    const [, list = '[]'] = /^functions: (.*)$/m.exec(host.output()) ?? [];
    expect(JSON.parse(list)).toContainEqual({
      name: 'defaults',
      route: 'defaults',
      methods: ['GET', 'POST'],
      authLevel: 'anonymous',
    });
  });

  it('answers a method that is not registered with 404, not 405', async () => {
    expect(await ask(`${url}/only-put`)).toMatchObject({ status: 404, body: '' });
    expect((await ask(`${url}/only-put`, { method: 'PUT' })).status).toBe(200);
  });

  it('compares literals without case and keeps the case of names and values', async () => {
    expect(await answeredBy('/aPI/mixedcase/Value')).toEqual({ name: 'mixed-case', params: { Name: 'Value' } });
  });

  it.each([
    ['/items/special', 'special', {}],
    ['/items/7', 'item', { id: '7' }],
    ['/items/seven', 'rest', { rest: 'seven' }],
    ['/items/7/parts', 'rest', { rest: '7/parts' }],
  ])('leads %s to the most specific function, %s', async (path, name, params) => {
    expect(await answeredBy(path)).toEqual({ name, params });
  });

  it('lets two functions share a route by method', async () => {
    expect((await answeredBy('/items/7', { method: 'PUT' })).name).toBe('item-put');
  });

  it('serves at the root, as the routePrefix of host.json is empty', async () => {
    const { extensions } = JSON.parse(readFileSync(join(ROOT, 'host.json'), 'utf8'));
    expect(extensions.http.routePrefix).toBe('');
    expect((await ask(`${url}/api/defaults`)).status).toBe(404);
  });

  it('gives a query name that comes twice joined, and whole in the URL', async () => {
    expect(await echoed('/echo?a=1&a=2')).toMatchObject({ query: ['1,2'], inUrl: ['1', '2'] });
  });

  it('hands on method, address, headers and body', async () => {
    expect(
      await echoed('/echo?a=%C3%A9', { method: 'POST', body: 'ünï', headers: { 'X-MIXED-case': 'Kept' } }),
    ).toEqual({ method: 'POST', url: `${url}/echo?a=%C3%A9`, query: ['é'], inUrl: ['é'], header: 'Kept', body: 'ünï' });
  });

  it('hands on a body in chunks as an empty one', async () => {
    const headers = { 'transfer-encoding': 'chunked' };
    expect(await echoed('/echo', { method: 'POST', headers, body: 'chunked' })).toMatchObject({ body: '' });
  });

  it('drops the body of a GET', async () => {
    expect(await echoed('/echo', { body: 'a body' })).toMatchObject({ method: 'GET', body: '' });
  });

  it('answers HEAD without a body', async () => {
    expect(await ask(`${url}/status/200`, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('takes a body of the largest size', async () => {
    const { body } = await echoed('/echo', { method: 'POST', body: 'a'.repeat(MAX_BODY_BYTES) });
    expect(body).toHaveLength(MAX_BODY_BYTES);
  });

  it('answers 413 to a body that is larger', async () => {
    const answer = await ask(`${url}/echo`, { method: 'POST', body: 'a'.repeat(MAX_BODY_BYTES + 1) });
    expect(answer).toMatchObject({ status: 413, body: '', headers: { 'x-fixture': 'yes' } });
  });

  it.each(['//elsewhere.example/defaults', '//', 'http://elsewhere.example/defaults'])(
    'answers 400 to the address %s',
    async (path) => {
      expect(await said(url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 400/,
      );
    },
  );

  it('answers 403 to a host whose port is none', async () => {
    expect(await said(url, 'GET /defaults HTTP/1.1\r\nHost: localhost:999999\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 403/,
    );
  });

  it('asks its caller first whether a path is its own', async () => {
    expect(await ask(`${url}/aside`)).toMatchObject({ status: 200, body: 'aside' });
  });

  it.each([
    ['an answer of a function', '/defaults', {}],
    ['204', '/nothing', {}],
    ['404', '/elsewhere', {}],
    ['500', '/throws', {}],
    ['an answer of the caller', '/aside', {}],
    ['403', '/defaults', { host: 'elsewhere.example' }],
  ])('adds its headers to %s', async (_case, path, headers) => {
    expect((await ask(url + path, { headers })).headers).toMatchObject({ 'x-fixture': 'yes' });
  });

  it.each([
    ['another name that leads here', () => ({ host: 'elsewhere.example' })],
    ['another name that begins like ours', () => ({ host: 'localhost.elsewhere.example' })],
    ['another address', () => ({ host: '192.0.2.1' })],
    ['a page of another site', () => ({ origin: 'https://elsewhere.example' })],
    ['a page of another local server', () => ({ origin: 'http://127.0.0.1:1' })],
    ['a page without an origin', () => ({ origin: 'null' })],
    ['a page whose name leads here', () => ({ host: 'elsewhere.example', origin: 'http://elsewhere.example' })],
  ])('refuses %s', async (_case, headers) => {
    for (const path of ['/defaults', '/aside', '/elsewhere'])
      expect((await ask(url + path, { headers: headers() })).status).toBe(403);
  });

  it.each([
    ['its own pages', () => ({ origin: url })],
    ['localhost', () => ({ host: `localhost:${new URL(url).port}` })],
    ['LOCALHOST', () => ({ host: 'LOCALHOST' })],
    ['the IPv6 loopback', () => ({ host: '[::1]:80', origin: 'http://[::1]:80' })],
  ])('serves %s', async (_case, headers) => {
    expect((await ask(`${url}/defaults`, { headers: headers() })).status).toBe(200);
  });

  it('needs no key where none is set', async () => {
    expect((await ask(`${url}/keyed`)).status).toBe(200);
  });

  it('listens on the loopback only', () => {
    expect(new URL(url).hostname).toBe('127.0.0.1');
  });

  it('answers what is not HTTP and serves on', async () => {
    expect(await said(url, 'not HTTP\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    expect((await ask(`${url}/defaults`)).status).toBe(200);
  });
});

describe('with a function key', () => {
  let url: string;
  let host: Child;
  beforeAll(async () => {
    ({ url, host } = await serve('habits', KEY));
  });
  afterAll(() => host.process.kill());

  it.each([
    ['no key', '/keyed', {}, 401],
    ['the key in the header', '/keyed', { 'x-functions-key': KEY }, 200],
    ['another key in the header', '/keyed', { 'x-functions-key': `${KEY}x` }, 401],
    ['an empty key', '/keyed?code=', { 'x-functions-key': '' }, 401],
    ['the key in the query', `/keyed?code=${KEY}`, {}, 200],
    ['another key in the query', '/keyed?code=b', {}, 401],
    ['the admin level without a key', '/admin-keyed', {}, 401],
    ['the admin level with the key', '/admin-keyed', { 'x-functions-key': KEY }, 200],
    ['an anonymous route', '/open', {}, 200],
    ['a route that says nothing of keys', '/defaults', {}, 200],
    ['the caller’s own path', '/aside', {}, 200],
  ])('%s', async (_case, path, headers, status) => {
    const answer = await ask(url + path, { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'x-fixture': 'yes' });
  });
});

describe('hooks', () => {
  const ran = (host: Child) =>
    [...host.output().matchAll(/^(?:ran: (.*)|(closed))$/gm)].map(([, what, end]) => what ?? end);

  it('run in order, from the start to the end', async () => {
    const { url, host } = await serve('hooks');
    onTestFinished(() => void host.process.kill('SIGKILL'));
    expect(ran(host)).toEqual(['appStart']);

    expect(await ask(`${url}/hooked`)).toMatchObject({ status: 200, headers: { 'x-hook': 'seen' }, body: 'handled' });
    host.process.kill('SIGTERM');
    expect(await host.ended).toBe(0);
    expect(ran(host)).toEqual([
      'appStart',
      'first preInvocation',
      'second preInvocation',
      'wrapper',
      'handler',
      'postInvocation after preInvocation with no error',
      'appTerminate',
      'closed',
    ]);
  });

  it('may take an error away', async () => {
    const { url, host } = await serve('hooks');
    onTestFinished(() => void host.process.kill('SIGKILL'));
    expect(await ask(`${url}/fails`)).toMatchObject({ status: 200, headers: { 'x-hook': 'seen' } });
    host.process.kill('SIGTERM');
    await host.ended;
    expect(ran(host)).toContain('postInvocation after preInvocation with handler failed');
  });

  it('do not wait for a connection on which nothing is asked', async () => {
    const { url, host } = await serve('hooks');
    onTestFinished(() => void host.process.kill('SIGKILL'));
    const idle = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
    await once(idle, 'connect');
    host.process.kill('SIGTERM');
    expect(await host.ended).toBe(0);
  });

  it('let a call under way finish before the end', async () => {
    const { url, host } = await serve('hooks');
    onTestFinished(() => void host.process.kill('SIGKILL'));
    const slow = ask(`${url}/slow`);
    await vi.waitFor(() => expect(ran(host)).toContain('slow handler'), { timeout: 5000, interval: 10 });
    host.process.kill('SIGTERM');
    expect(await slow).toMatchObject({ status: 200, body: 'finished' });
    expect(await host.ended).toBe(0);
    expect(ran(host).slice(-4)).toEqual([
      'slow handler to its end',
      'postInvocation after preInvocation with no error',
      'appTerminate',
      'closed',
    ]);
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('an entry that cannot be served', () => {
  it.each([
    ['no-functions', /registered no function/],
    ['streaming', /streaming/],
    ['timer', /"nightly".*HTTP/],
  ])('%s is refused with the reason', async (entry, reason) => {
    const { code, lines } = await finished(process.execPath, [fixture('run-host'), fixture(entry)]);
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^refused: /);
    expect(lines.at(-1)).toMatch(reason);
  });
});
