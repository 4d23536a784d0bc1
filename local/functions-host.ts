import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Module } from 'node:module';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { compileRoute, ENDED, type Matched } from './route-template.ts';

/**
 * Serves the very registrations of a built Functions entry without the Functions host, by supplying the contract that
 * `@azure/functions` finds under the name `@azure/functions-core`. It keeps the platform's real habits, the unpleasant ones
 * included: an empty 500 for a handler that throws, 404 for a method that is not registered, and a body sent in chunks that
 * arrives empty, since streaming is off.
 */

export interface HostOptions {
  /** The built entry (ES module) that registers the functions. */
  entry: string;
  /** 0 takes a free port. */
  port: number;
  /** Asked for on routes of authLevel `function` and `admin`, as `x-functions-key` or `?code=`; without it they are open. */
  functionKey?: string | undefined;
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

export interface RegisteredFunction {
  name: string;
  route: string;
  methods: readonly string[];
  authLevel: string;
}

/** Keeps a workstation's memory safe; the platform takes more, the product far less. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Longer than any answer may take to finish on a workstation; what is open then is not being answered. */
const CLOSE_GRACE_MS = 3_000;
const EMPTY = Buffer.alloc(0);

export async function startFunctionsHost(options: HostOptions): Promise<RunningHost> {
  const core = supplyCore(options.routePrefix, options.log);
  await import(pathToFileURL(options.entry).href);
  const { model, registered } = await core.finish();

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
    const url = urlOf(request);
    if (!url) return plain(response, 400, '');
    if (options.aside?.(url, response)) return;
    const found = find(registered, request.method ?? 'GET', url.pathname);
    if (!found) return plain(response, 404, '');
    if (!mayCall(found.function, request, url, options.functionKey)) return plain(response, 401, '');
    const body = await readBody(request);
    if (body === 'too-large') return plain(response, 413, '');
    if (body === 'aborted') return;
    const answer = await invoke(core, model, found, request, url, body, options.log);
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    const bare = request.method === 'HEAD' || [204, 205, 304].includes(answer.status);
    response.writeHead(answer.status).end(bare ? undefined : answer.body);
  }

  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    functions: registered.map(({ name, route, methods, authLevel }) => ({ name, route, methods, authLevel })),
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // A browser keeps connections open on which it never asks anything.
        setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
      });
      await core.runHooks('appTerminate', { hookData: {}, appHookData: core.appHookData });
    },
  };
}

type Handler = (...args: unknown[]) => unknown;
type HookContext = Record<string, unknown>;
type Hook = (context: HookContext) => unknown;

interface HttpTrigger {
  type: string;
  route?: string;
  methods?: string[];
  authLevel?: string;
}

interface FunctionMetadata {
  name: string;
  bindings: Record<string, HttpTrigger>;
}

interface Registered extends RegisteredFunction {
  metadata: FunctionMetadata;
  trigger: string;
  handler: Handler;
  match(path: string): Matched | undefined;
  specificity: readonly number[];
}

interface RpcHttp {
  statusCode: string;
  headers: Record<string, string>;
  cookies?: { name: string; value: string }[];
  body?: { bytes?: Uint8Array; string?: string } | null;
}

interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], handler: Handler): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<{ returnValue?: { http?: RpcHttp } | null }>;
}

interface ProgrammingModel {
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
  getInvocationModel(context: object): InvocationModel;
}

interface Core {
  appHookData: HookContext;
  /** Ends the start: no registration after it, as in the worker. */
  finish(): Promise<{ model: ProgrammingModel; registered: readonly Registered[] }>;
  runHooks(name: string, context: HookContext): Promise<void>;
}

/** What the Functions worker supplies under `@azure/functions-core`. One app a process, as there. */
function supplyCore(routePrefix: string, log: (line: string) => void): Core {
  const registered: Registered[] = [];
  const hooks: Record<string, Hook[]> = {};
  const appHookData: HookContext = {};
  let model: ProgrammingModel | undefined;
  let started = false;

  const api = {
    version: '3.0.0',
    hostVersion: '4.1041.0',
    Disposable: class {
      readonly dispose: () => void;
      constructor(dispose: () => void) {
        this.dispose = dispose;
      }
    },
    log: (level: string, _category: string, message: string) => log(`${level} ${message}`),
    registerHook: (name: string, hook: Hook) => {
      hooks[name] = [...(hooks[name] ?? []), hook];
      return new api.Disposable(() => {
        hooks[name] = (hooks[name] ?? []).filter((other) => other !== hook);
      });
    },
    setProgrammingModel: (given: ProgrammingModel) => {
      model = given;
    },
    getProgrammingModel: () => model,
    registerFunction: (metadata: FunctionMetadata, handler: Handler) => {
      if (started) throw new Error(`Function "${metadata.name}" was registered after the app started.`);
      registered.push(describe(metadata, routePrefix, handler));
      return new api.Disposable(() => {});
    },
  };
  const load = Module.prototype.require;
  Module.prototype.require = function (this: NodeJS.Module, id: string) {
    return id === '@azure/functions-core' ? api : Reflect.apply(load, this, [id]);
  } as typeof load;

  const runHooks = async (name: string, context: HookContext) => {
    for (const hook of hooks[name] ?? []) await hook(context);
  };
  return {
    appHookData,
    runHooks,
    finish: async () => {
      Module.prototype.require = load;
      await runHooks('appStart', { hookData: {}, appHookData });
      if (!model) throw new Error('The entry registered no function: on the platform it would answer 404 everywhere.');
      const capabilities = await model.getCapabilities({});
      if (capabilities.HttpUri) throw new Error('The entry turned HTTP streaming on, which this host does not speak.');
      started = true;
      return { model, registered: registered.toSorted(bySpecificity) };
    },
  };
}

function describe(metadata: FunctionMetadata, routePrefix: string, handler: Handler): Registered {
  const [trigger, binding] = Object.entries(metadata.bindings).find(([, { type }]) => type === 'httpTrigger') ?? [];
  if (trigger === undefined || binding === undefined)
    throw new Error(`Function "${metadata.name}" has no HTTP trigger, and nothing else is served here.`);
  const route = [routePrefix, binding.route ?? metadata.name].filter((part) => part !== '').join('/');
  return {
    name: metadata.name,
    route,
    methods: (binding.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase()),
    authLevel: binding.authLevel ?? 'anonymous',
    metadata,
    trigger,
    handler,
    ...compileRoute(route),
  };
}

/** Segment by segment the higher rank is tried first; of a route and its continuation, the route. */
function bySpecificity(a: Registered, b: Registered): number {
  const length = Math.max(a.specificity.length, b.specificity.length);
  const ranks = ({ specificity }: Registered) => Array.from({ length }, (_, index) => specificity[index] ?? ENDED);
  const [first, second] = [ranks(a), ranks(b)];
  const at = first.findIndex((rank, index) => rank !== second[index]);
  return (second[at] ?? 0) - (first[at] ?? 0);
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

function mayCall({ authLevel }: Registered, request: IncomingMessage, url: URL, key: string | undefined): boolean {
  if (key === undefined || authLevel === 'anonymous') return true;
  return [request.headers['x-functions-key'], url.searchParams.get('code')].includes(key);
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

interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Uint8Array;
}

async function invoke(
  core: Core,
  model: ProgrammingModel,
  { function: called, parameters }: Found,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  log: (line: string) => void,
): Promise<Answer> {
  const invocationId = randomUUID();
  const http = {
    method: request.method,
    url: url.href,
    nullableHeaders: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, { value: String(value) }]),
    ),
    nullableParams: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }])),
    nullableQuery: Object.fromEntries(
      [...new Set(url.searchParams.keys())].map((name) => [name, { value: url.searchParams.getAll(name).join() }]),
    ),
    body: { bytes: body },
  };
  const coreContext: Record<string, unknown> = {
    invocationId,
    metadata: called.metadata,
    request: { inputData: [{ name: called.trigger, data: { http } }], triggerMetadata: {} },
    log: (level: string, _category: string, message: string) => log(`${level} ${called.name} ${message}`),
  };
  const invocation = model.getInvocationModel(coreContext);
  try {
    const { context, inputs } = await invocation.getArguments();
    const hook: HookContext = {
      hookData: {},
      appHookData: core.appHookData,
      invocationContext: context,
      functionCallback: called.handler,
      inputs,
    };
    await core.runHooks('preInvocation', hook);
    const after: HookContext = { ...hook, result: undefined, error: undefined };
    try {
      after.result = await invocation.invokeFunction(
        context,
        hook.inputs as unknown[],
        hook.functionCallback as Handler,
      );
    } catch (error) {
      after.error = error;
    }
    coreContext.state = 'postInvocationHooks';
    await core.runHooks('postInvocation', after);
    if (after.error) throw after.error;
    return answerOf((await invocation.getResponse(context, after.result)).returnValue?.http);
  } catch (error) {
    log(`error ${called.name} threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
    return { status: 500, headers: {}, body: EMPTY };
  }
}

function answerOf(http: RpcHttp | undefined): Answer {
  if (!http) return { status: 204, headers: {}, body: EMPTY };
  const cookies = (http.cookies ?? []).map(({ name, value }) => `${name}=${value}`);
  return {
    status: Number(http.statusCode),
    headers: { ...http.headers, ...(cookies.length > 0 && { 'set-cookie': cookies }) },
    body: http.body?.bytes ?? Buffer.from(http.body?.string ?? ''),
  };
}

const plain = (response: ServerResponse, status: number, body: string) => void response.writeHead(status).end(body);

const listen = (server: Server, port: number) =>
  new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
