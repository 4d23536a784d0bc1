import { randomBytes } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpCall, type Registered, type RegisteredFunction, startApp } from './functions-app.ts';
import type { Matched } from './route-template.ts';

/**
 * Serves the very registrations of a built Functions entry without the Functions host, on 127.0.0.1. It keeps the
 * platform's real habits, the unpleasant ones included: an empty 500 for a handler that throws, 404 for a method that is not
 * registered, and a body sent in chunks that arrives empty, since streaming is off.
 */

export interface HostOptions {
  /** The built entry (ES module) that registers the functions. */
  entry: string;
  /** 0 takes a free port. */
  port: number;
  /**
   * Asked for on routes of authLevel `function` and `admin`, as `x-functions-key` or `?code=`: by name of the function, as on
   * the platform, and the one named `*` opens them all, as a host key does. A function that has neither is open.
   */
  functionKeys?: Readonly<Record<string, string>>;
  /** Added to every answer. */
  headers?: Readonly<Record<string, string>>;
  /** Asked first: answers what is not the product's and returns true. */
  aside?: (url: URL, response: ServerResponse) => boolean;
  /** `extensions.http.routePrefix` of host.json; the platform's own default is `api`. */
  routePrefix: string;
  log: (line: string) => void;
}

export interface RunningHost {
  url: string;
  functions: readonly RegisteredFunction[];
  /** Stops listening, lets calls under way finish, then runs the appTerminate hooks. */
  close(): Promise<void>;
}

/** Keeps a workstation's memory safe; the platform takes more, the product far less. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Longer than any answer may take to finish on a workstation; what is open then is not being answered. */
const CLOSE_GRACE_MS = 3_000;
const EMPTY = Buffer.alloc(0);

export async function startFunctionsHost(options: HostOptions): Promise<RunningHost> {
  const app = await startApp(options.entry, options.routePrefix, options.log);

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
    void serve(request, response).catch((error: unknown) => {
      options.log(`the local host failed: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!fromThisMachine(request))
      return plain(
        response,
        403,
        'Only this machine is served: call it by its loopback address, from its own pages.\n',
      );
    const { method = 'GET', headers } = request;
    const url = urlOf(request);
    if (!url) return plain(response, 400, '');
    if (options.aside?.(url, response)) return;
    const found = find(app.functions, method, url.pathname);
    if (!found) return plain(response, 404, '');
    if (!mayCall(found.function, request, url, options.functionKeys)) return plain(response, 401, '');
    const body = await readBody(request);
    if (body === 'too-large') return plain(response, 413, '');
    if (body === 'aborted') return;
    const { parameters } = found;
    const traceContext = continued(headers);
    const answer = await app.invoke(found.function, { method, url, headers, parameters, body, traceContext });
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    const bare = method === 'HEAD' || [204, 205, 304].includes(answer.status);
    response.writeHead(answer.status).end(bare ? undefined : answer.body);
  }

  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    functions: app.functions.map(({ name, route, methods, authLevel }) => ({ name, route, methods, authLevel })),
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // A browser keeps connections open on which it never asks anything.
        setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
      });
      await app.end();
    },
  };
}

/**
 * The host is a part of the caller's trace: the worker is told the same trace id, with the id of the host's own span as the parent of
 * whatever comes next. Who sends no trace, or none that can be read, begins one (W3C Trace Context §4.3).
 */
function continued({ traceparent, tracestate }: IncomingHttpHeaders): HttpCall['traceContext'] {
  const [, trace, flags] =
    /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/.exec(String(traceparent)) ?? [];
  const id = (bytes: number) => randomBytes(bytes).toString('hex');
  if (trace === undefined) return { traceParent: `00-${id(16)}-${id(8)}-00` };
  return { traceParent: `00-${trace}-${id(8)}-${flags}`, ...(tracestate && { traceState: String(tracestate) }) };
}

interface Found {
  function: Registered;
  parameters: Matched;
}

function find(functions: readonly Registered[], method: string, path: string): Found | undefined {
  for (const candidate of functions) {
    if (!candidate.methods.includes(method)) continue;
    const parameters = candidate.match(path);
    if (parameters) return { function: candidate, parameters };
  }
  return undefined;
}

function mayCall(
  { name, authLevel }: Registered,
  request: IncomingMessage,
  url: URL,
  keys: Readonly<Record<string, string>> = {},
): boolean {
  const opening = [keys[name], keys['*']].filter((key) => key !== undefined);
  if (authLevel === 'anonymous' || opening.length === 0) return true;
  // Of several header lines the platform looks at the first.
  const header = request.headers['x-functions-key'];
  const given = header === undefined ? url.searchParams.get('code') : String(header).split(',')[0]?.trim();
  return typeof given === 'string' && opening.includes(given);
}

/** A web page on another origin, or one whose name was pointed at the loopback, must not reach what the developer can. */
function fromThisMachine({ headers: { host, origin } }: IncomingMessage): boolean {
  const local = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
  return local.test(host ?? '') && (origin === undefined || origin.toLowerCase() === `http://${host?.toLowerCase()}`);
}

/** The address asked for, when it is a path on this host: `//other/path` and the absolute form are not. */
function urlOf({ url = '/', headers: { host } }: IncomingMessage): URL | undefined {
  const address = `http://${host}${url}`;
  return /^\/(?!\/)/.test(url) && URL.canParse(address) ? new URL(address) : undefined;
}

/** Empty for a chunked body, like the platform without streaming. */
async function readBody(request: IncomingMessage): Promise<Buffer | 'too-large' | 'aborted'> {
  if (request.headers['content-length'] === undefined) {
    request.resume();
    return EMPTY;
  }
  const chunks: Buffer[] = [];
  try {
    // What is too large is still read to its end, so that its sender is there to hear the answer.
    const kept = Number(request.headers['content-length']) <= MAX_BODY_BYTES;
    for await (const chunk of request as AsyncIterable<Buffer>) if (kept) chunks.push(chunk);
    return kept ? Buffer.concat(chunks) : 'too-large';
  } catch {
    // The caller went away in the middle of its own request.
    return 'aborted';
  }
}

const plain = (response: ServerResponse, status: number, body: string) => void response.writeHead(status).end(body);

const listen = (server: Server, port: number) =>
  new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
