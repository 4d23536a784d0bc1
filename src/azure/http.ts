import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { AccessToken, TokenCredential } from '@azure/identity';
import pLimit from 'p-limit';
import { isJsonObject, type JsonObject } from '../contract/json.ts';
import { NotAskedError, SignInLateError, ThrottledError } from './failures.ts';
import type { Asker } from './reads.ts';

/** So many requests are under way at once, whoever waits for them: ARM allows an identity ten a second in a subscription. */
const MOST_AT_ONCE = 8;
/** One answer of Azure. */
const ANSWER_DEADLINE_MS = 3_000;
/** The longest `Retry-After` that is waited for within a request. */
const LONGEST_WAIT_MS = 1_000;
/** The longest that it is heeded at all: what Azure asks for must not become an outage of ours. */
const LONGEST_THROTTLE_MS = 5 * 60_000;
/** What goes wrong for a moment is tried again: three times, within a second and a half. */
export const RETRIES = { maxRetries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 800 };
/** One sign-in; `az` on a workstation takes a few seconds. */
const SIGN_IN_DEADLINE_MS = 5_000;
/** A new token is asked for so long before the old one ends. */
const RENEWED_BEFORE_MS = 5 * 60_000;

/**
 * The one way of every Azure client here to the network: GETs alone, and to `endpoint` alone, whatever a client or an answer (a
 * redirect, a next page) would have, since each request carries a token of ours.
 */
export function getOnly(endpoint: string, limit = pLimit(MOST_AT_ONCE)): HttpClient {
  const { origin } = new URL(endpoint);
  const inner = createDefaultHttpClient();
  return {
    sendRequest: async (request) => {
      if (request.method !== 'GET' || new URL(request.url).origin !== origin) throw new NotAskedError('not asked');
      request.timeout = ANSWER_DEADLINE_MS;
      const response = await limit(() => inner.sendRequest(request));
      const waitMs = retryAfterMs(response);
      if (waitMs > LONGEST_WAIT_MS)
        throw new ThrottledError(new Date(Date.now() + Math.min(waitMs, LONGEST_THROTTLE_MS)));
      if (response.status === 200 && !isDocument(parsed(response.bodyAsText ?? '')))
        throw new RestError('no document', { code: 'PARSE_ERROR', statusCode: 200, request, response });
      return response;
    },
  };
}

/** Whatever is read here is a thing with an id or a list; the clients of the libraries make an empty one of anything else. */
const isDocument = (body: unknown): body is JsonObject =>
  isJsonObject(body) && (Array.isArray(body.value) || (body.value === undefined && typeof body.id === 'string'));

/** What a 429 or 503 asks for (RFC 9110 §10.2.3), 0 where it asks for nothing. */
function retryAfterMs({ status, headers }: PipelineResponse): number {
  if (status !== 429 && status !== 503) return 0;
  // Azure’s own headers, which the libraries heed first.
  const ms = headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms') ?? '';
  if (/^\d+$/.test(ms)) return Number(ms);
  const value = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** Whoever hands out tokens heeds no signal, and one that hangs must not keep every later read waiting. */
async function inTime<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SignInLateError('late')), SIGN_IN_DEADLINE_MS);
  });
  return await Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

/** One token a scope for all clients: each would ask for its own. Nothing is kept of a failure. */
export function sharedTokens(credential: () => Promise<TokenCredential>): TokenCredential {
  const held = new Map<string, { token: Promise<AccessToken | null>; renewAt: number }>();
  return {
    async getToken(scopes, options) {
      // A claims challenge asks for another token than the one that is held.
      if (options?.claims !== undefined) return await inTime(credential().then((own) => own.getToken(scopes, options)));
      const scope = [scopes].flat().join(' ');
      const found = held.get(scope);
      if (found && found.renewAt > Date.now()) return await found.token;
      const token = inTime(credential().then((own) => own.getToken(scopes)));
      const entry = { token, renewAt: Number.POSITIVE_INFINITY };
      held.set(scope, entry);
      try {
        entry.renewAt = ((await token)?.expiresOnTimestamp ?? 0) - RENEWED_BEFORE_MS;
      } catch (error) {
        held.delete(scope);
        throw error;
      }
      return await token;
    },
  };
}

/**
 * Lays on each request what belongs to one read. It is the last before the network, so that no policy of a client (one for tracing
 * would write a `traceparent` of its own) and no next page, to which a client may give neither options nor headers, comes after it.
 */
export const ofRead = ({ requestId, traceparent }: Asker, abortSignal: AbortSignal, inner: HttpClient): HttpClient => ({
  sendRequest: async (request) => {
    request.headers.set('x-ms-client-request-id', requestId);
    if (traceparent !== undefined) request.headers.set('traceparent', traceparent);
    request.abortSignal = abortSignal;
    return await inner.sendRequest(request);
  },
});

/** GETs JSON of `endpoint`, where no client of a library has the operation. */
export function plainGets(
  endpoint: string,
  credential: TokenCredential,
): (path: string, httpClient: HttpClient) => Promise<JsonObject> {
  return async (path, httpClient) => {
    // One for each request: the policy would renew its token in the background, and end the process where that fails.
    const pipeline = createPipelineFromOptions({ retryOptions: RETRIES });
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: `${endpoint}/.default` }));
    const request = createPipelineRequest({
      url: new URL(path, endpoint).href,
      headers: createHttpHeaders({ accept: 'application/json' }),
    });
    const response = await pipeline.sendRequest(httpClient, request);
    if (response.status !== 200) throw new RestError('refused', { statusCode: response.status, request, response });
    return JSON.parse(response.bodyAsText ?? '');
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
