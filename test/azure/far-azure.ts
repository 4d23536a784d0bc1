import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { AzureReader, type AzureScope } from '../../src/azure/azure-reader.ts';
import type { Read, Reading } from '../../src/azure/reads.ts';
import { ownIdentity } from '../../src/trust/own-identity.ts';
import { type FarSide, playHttp, playHttps } from '../far-side.ts';

export const ARM = 'https://management.azure.com';
export const GRAPH = 'https://graph.microsoft.com';
export const SUBSCRIPTION = '5b0c7a10-1111-4222-8333-9c9c9c9c9c01';
export const OTHER_SUBSCRIPTION = '5b0c7a10-2222-4222-8333-9c9c9c9c9c02';
export const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
export const CORRELATION = '7d1f0c55-aaaa-4bbb-8ccc-0123456789ab';

/** What one request to the far side was. */
export interface Asked {
  method: string;
  host: string;
  /** Path and query, as they were sent. */
  url: string;
  headers: IncomingMessage['headers'];
  /** Requests under way when it came, itself included. */
  atOnce: number;
}

/** `nth` counts the requests under this word, from 0. */
export type Answer = (response: ServerResponse, nth: number, request: IncomingMessage) => void;

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      .end(JSON.stringify(body));
/** An error as ARM and Graph write it. */
export const refusal = (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  json({ error: { code, message: 'SECRET words of Azure' } }, status, {
    'x-ms-correlation-request-id': CORRELATION,
    ...headers,
  });
export const text =
  (body: string, type = 'application/json'): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': type }).end(body);
/** Answers these one after the other, the last for good. */
export const inTurn =
  (...answers: Answer[]): Answer =>
  (response, nth, request) =>
    answers[Math.min(nth, answers.length - 1)]?.(response, nth, request);
export const reset: Answer = (response) => void response.socket?.destroy();
export const silence: Answer = () => {};

/** What the words that tests made up are answered with: an address belongs to the one whose word stands in it. */
const answers = new Map<string, { answer: Answer; asked: Asked[] }>();
const everything: Asked[] = [];
let underWay = 0;

/** Answers every request whose address holds `word`; gives those that came. */
export function play(word: string, answer: Answer): Asked[] {
  const asked: Asked[] = [];
  answers.set(word.toLowerCase(), { answer, asked });
  return asked;
}

function listener(request: IncomingMessage, response: ServerResponse): void {
  underWay += 1;
  response.once('close', () => {
    underWay -= 1;
  });
  const { method = '', headers, url = '' } = request;
  const one: Asked = { method, host: headers.host ?? '', url, headers, atOnce: underWay };
  everything.push(one);
  const found = [...answers].find(([word]) => decodeURIComponent(url).toLowerCase().includes(word))?.[1];
  if (!found) return void response.writeHead(418).end();
  found.asked.push(one);
  found.answer(response, found.asked.length - 1, request);
}

const tokenFor = (resource: string) => `invented-token-for-${new URL(resource).host}`;
/** What the identity endpoint does about a resource, instead of handing out a token. */
const signIns = new Map<string, (response: ServerResponse, nth: number) => boolean>();
export const playSignIn = (resource: string, answer: (response: ServerResponse, nth: number) => boolean): void =>
  void signIns.set(resource, answer);
/** Resources that tokens were asked for, in order. */
export const signedIn: string[] = [];

/**
 * Plays Azure Resource Manager, Microsoft Graph, `hosts` and the identity endpoint of App Service for a whole file. At its end it is
 * sure that nothing but GETs came, each with the token of its own host, and none to a host that is not Azure's.
 */
export function playAzure(...hosts: string[]): void {
  const sides: FarSide[] = [];
  beforeAll(async () => {
    for (const host of [ARM, GRAPH, ...hosts].map((address) => new URL(address).host))
      sides.push(await playHttps(host, listener));
    const endpoint = await playHttp((request, response) => {
      const resource = new URL(request.url ?? '', 'http://localhost').searchParams.get('resource') ?? '';
      const nth = signedIn.filter((one) => one === resource).length;
      signedIn.push(resource);
      if (signIns.get(resource)?.(response, nth)) return;
      const expires = Math.floor(Date.now() / 1000) + 86_400;
      json({ access_token: tokenFor(resource), expires_on: String(expires), resource, token_type: 'Bearer' })(
        response,
        nth,
        request,
      );
    });
    sides.push(endpoint);
    vi.stubEnv('IDENTITY_ENDPOINT', `http://127.0.0.1:${endpoint.port}/msi/token`);
    vi.stubEnv('IDENTITY_HEADER', 'invented-identity-header');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all(sides.map((side) => side.close()));
    expect(everything.length).toBeGreaterThan(0);
    for (const { method, host, url, headers } of everything)
      expect([method, host, url, headers.authorization]).toEqual([
        'GET',
        host,
        url,
        `Bearer ${tokenFor(`https://${host}`)}`,
      ]);
    expect(everything.map(({ host }) => host).filter((host) => host.endsWith('.test'))).toEqual([]);
  });
}

/** A clock that can be moved, and a reader that goes by it. */
export function world(scope: Partial<AzureScope> = {}) {
  const clock = { aheadMs: 0 };
  const reader = new AzureReader({
    arm: ARM,
    graph: GRAPH,
    credential: async () => await ownIdentity(process.env),
    subscriptions: [],
    now: () => new Date(Date.now() + clock.aheadMs),
    ...scope,
  });
  return { reader, clock };
}

export const reading = (over: Partial<Reading> = {}): Reading => ({
  refresh: 'auto',
  requestId: '11112222-3333-4444-8555-666677778888',
  traceparent: TRACEPARENT,
  signal: new AbortController().signal,
  ...over,
});

export const named = (name: string) => ({ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-invented', name });

export function got<T>(read: Read<T>): T {
  if (read.ok) return read.value;
  expect.fail(`${read.reason}: ${read.detail}`);
}
export function missed(read: Read<unknown>): Extract<Read<unknown>, { ok: false }> {
  if (!read.ok) return read;
  expect.fail(`read: ${JSON.stringify(read.value).slice(0, 200)}`);
}
/** How long it took, too. */
export async function timed<T>(run: Promise<T>): Promise<{ read: T; ms: number }> {
  const before = performance.now();
  const read = await run;
  return { read, ms: performance.now() - before };
}
