import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createHttpHeaders, createPipelineRequest, type HttpMethods } from '@azure/core-rest-pipeline';
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { playHost } from '../../local/loopback-guard.ts';
import { NotAskedError, ThrottledError } from '../../src/azure/failures.ts';
import { getOnly, ofRead, plainGets, sharedTokens } from '../../src/azure/http.ts';
import { type FarSide, playHttps } from '../far-side.ts';

const ENDPOINT = 'https://management.azure.com';
const BODY = JSON.stringify({ value: [] });

describe('getOnly', () => {
  let far: FarSide;
  let status = 200;
  let headers: Record<string, string> = {};
  /** Counts connections to hosts that nothing may connect to. */
  let trap: Server;
  let connections = 0;
  beforeAll(async () => {
    far = await playHttps(new URL(ENDPOINT).host, (_request, response) => {
      response.writeHead(status, headers).end(BODY);
    });
    trap = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const { port } = trap.address() as AddressInfo;
    for (const host of ['elsewhere.test', 'management.azure.com.elsewhere.test', 'azure.com']) playHost(host, { port });
  });
  afterAll(async () => {
    await far.close();
    await new Promise((resolve) => trap.close(resolve));
  });

  const send = async (url: string, method: HttpMethods = 'GET') =>
    await getOnly(ENDPOINT).sendRequest(
      createPipelineRequest({ url, method, headers: createHttpHeaders({ authorization: 'Bearer SECRET' }) }),
    );

  it('lets a GET of its own origin through', async () => {
    expect(await send(`${ENDPOINT}/a?b=c`)).toMatchObject({ status: 200, bodyAsText: BODY });
    expect(far.seen.splice(0)).toEqual(['GET management.azure.com/a?b=c']);
    // The same origin in other words.
    expect((await send('https://MANAGEMENT.azure.com:443/a')).status).toBe(200);
    expect(far.seen.splice(0)).toEqual(['GET management.azure.com/a']);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'] as const)('asks no %s', async (method) => {
    await expect(send(`${ENDPOINT}/a`, method)).rejects.toBeInstanceOf(NotAskedError);
    expect(far.seen).toEqual([]);
  });

  it.each([
    ['another host', 'https://elsewhere.test/a'],
    ['a host that begins alike', 'https://management.azure.com.elsewhere.test/a'],
    ['a host that ends alike', 'https://azure.com/a'],
    ['user information of its name', 'https://management.azure.com@elsewhere.test/a'],
    ['another port', 'https://management.azure.com:8443/a'],
    ['http', 'http://management.azure.com/a'],
    ['http at its port', 'http://management.azure.com:443/a'],
  ])('asks not %s', async (_name, url) => {
    await expect(send(url)).rejects.toBeInstanceOf(NotAskedError);
    expect([far.seen, connections]).toEqual([[], 0]);
  });

  it.each([
    ['429', 429, '2', true],
    ['429 in a second', 429, '1', false],
    ['429 in the past', 429, new Date(0).toUTCString(), false],
    ['503', 503, '2', true],
    ['500', 500, '2', false],
    ['200', 200, '2', false],
  ])('tells to wait: %s', async (_name, code, after, told) => {
    [status, headers] = [code, { 'retry-after': after }];
    const before = Date.now();
    const outcome = await send(`${ENDPOINT}/a`).catch((error: unknown) => error);
    [status, headers] = [200, {}];
    far.seen.length = 0;
    if (!told) return expect(outcome).toMatchObject({ status: code });
    expect(outcome).toBeInstanceOf(ThrottledError);
    const wait = (outcome as ThrottledError).until.getTime() - before;
    expect(wait).toBeGreaterThanOrEqual(2_000);
    expect(wait).toBeLessThan(4_000);
  });
});

describe('sharedTokens', () => {
  const SCOPE = `${ENDPOINT}/.default`;
  const MINUTE = 60_000;

  /** A credential whose tokens are numbered, and end so long after they were given. */
  function tokens(lifetimeMs = 60 * MINUTE) {
    const state = { calls: [] as GetTokenOptions[], made: 0, fails: false };
    const own: TokenCredential = {
      getToken: async (_scopes, options = {}): Promise<AccessToken> => {
        state.calls.push(options);
        const nth = state.calls.length;
        await Promise.resolve();
        if (state.fails) throw new Error('refused');
        return { token: `token-${nth}`, expiresOnTimestamp: Date.now() + lifetimeMs };
      },
    };
    const shared = sharedTokens(async () => {
      state.made += 1;
      return own;
    });
    return { state, get: async (scope = SCOPE) => (await shared.getToken(scope))?.token, shared };
  }

  it('asks once for many', async () => {
    const { state, get } = tokens();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => get())))).toEqual(new Set(['token-1']));
    expect(await get()).toBe('token-1');
    expect(state.calls).toHaveLength(1);
  });

  it('makes the credential only when it is wanted', async () => {
    const { state, get } = tokens();
    expect(state.made).toBe(0);
    await get();
    expect(state.made).toBe(1);
  });

  it('keeps scopes apart', async () => {
    const { state, get } = tokens();
    expect([await get('a'), await get('b'), await get('a')]).toEqual(['token-1', 'token-2', 'token-1']);
    expect(state.calls).toHaveLength(2);
  });

  it('renews a token five minutes before its end', async () => {
    const { get } = tokens();
    const start = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    try {
      await get();
      vi.setSystemTime(start + 55 * MINUTE - 1_000);
      expect(await get()).toBe('token-1');
      vi.setSystemTime(start + 55 * MINUTE);
      expect(await Promise.all([get(), get()])).toEqual(['token-2', 'token-2']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('keeps no failure', async () => {
    const { state, get } = tokens();
    state.fails = true;
    const outcomes = await Promise.allSettled([get(), get()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(state.calls).toHaveLength(1);
    state.fails = false;
    expect(await get()).toBe('token-2');
  });

  it('asks anew for what a claims challenge wants, and keeps the other', async () => {
    const { state, get, shared } = tokens();
    await get();
    expect((await shared.getToken(SCOPE, { claims: '{}' }))?.token).toBe('token-2');
    expect(state.calls[1]).toMatchObject({ claims: '{}' });
    expect(await get()).toBe('token-1');
  });
});

describe('ofRead', () => {
  it('has the last word about id, trace and signal of a request', async () => {
    const request = createPipelineRequest({
      url: `${ENDPOINT}/a`,
      headers: createHttpHeaders({ traceparent: 'of a library', 'x-ms-client-request-id': 'of a library' }),
      abortSignal: new AbortController().signal,
    });
    const { signal } = new AbortController();
    const sendRequest = vi.fn(async () => ({ status: 200, headers: createHttpHeaders(), request }));
    await ofRead({ requestId: 'id', traceparent: 'of the caller' }, signal, { sendRequest }).sendRequest(request);
    expect(sendRequest).toHaveBeenCalledExactlyOnceWith(request);
    expect([request.headers.get('x-ms-client-request-id'), request.headers.get('traceparent')]).toEqual([
      'id',
      'of the caller',
    ]);
    expect(request.abortSignal).toBe(signal);
  });
});

describe('plainGets', () => {
  it('leaves no failure to renew a token to nobody: it would end the process', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => unheard.push(reason);
    process.on('unhandledRejection', hear);
    try {
      let calls = 0;
      const credential = sharedTokens(async () => ({
        getToken: async () => {
          calls += 1;
          if (calls > 1) throw new Error('refused');
          return { token: 'token', expiresOnTimestamp: Date.now() + 2_000 };
        },
      }));
      const get = plainGets(ENDPOINT, credential);
      const asked = async () =>
        await get('/a', {
          sendRequest: async (request) => ({ status: 200, headers: createHttpHeaders(), request, bodyAsText: BODY }),
        });
      await asked();
      await asked().catch(() => {});
      // The library tries again after three seconds, and gives up once the token has ended.
      await setTimeout(3_500);
      expect(unheard).toEqual([]);
    } finally {
      process.off('unhandledRejection', hear);
    }
  });
});
