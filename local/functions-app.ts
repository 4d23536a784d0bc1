import { randomUUID } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders } from 'node:http';
import { Module } from 'node:module';
import { pathToFileURL } from 'node:url';
import { compileRoute, ENDED, type Matched } from './route-template.ts';

/**
 * The worker's side of Azure Functions: supplies the contract that `@azure/functions` finds under the name
 * `@azure/functions-core`, takes the registrations of a built entry and invokes them, hooks included.
 */

export interface RegisteredFunction {
  name: string;
  route: string;
  methods: readonly string[];
  authLevel: string;
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

export interface Registered extends RegisteredFunction {
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

/** A started app. */
export interface App {
  /** In the order in which routes are tried. */
  functions: readonly Registered[];
  invoke(called: Registered, call: HttpCall): Promise<HttpAnswer>;
  /** Runs the appTerminate hooks. */
  end(): Promise<void>;
}

export interface HttpCall {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  parameters: Matched;
  body: Uint8Array;
  /** As the host tells the worker of its own part of the trace. */
  traceContext: { traceParent: string; traceState?: string };
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Uint8Array;
}

const EMPTY = new Uint8Array();

/** Every answer of every function, with the call it answers. Whoever watches subscribes; tests do. */
export const ANSWERS = 'token-doctor.local.answer';
export interface Answered {
  /** The built entry that registered the function. */
  entry: string;
  name: string;
  call: HttpCall;
  answer: HttpAnswer;
}
const answers = channel(ANSWERS);

/** Imports the entry (ES module) and starts what it registers. One app a process, as in the worker. */
export async function startApp(entry: string, routePrefix: string, log: (line: string) => void): Promise<App> {
  const core = supplyCore(entry, routePrefix, log);
  await import(pathToFileURL(entry).href);
  return await core.start();
}

function supplyCore(entry: string, routePrefix: string, log: (line: string) => void): { start(): Promise<App> } {
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
    start: async () => {
      Module.prototype.require = load;
      await runHooks('appStart', { hookData: {}, appHookData });
      if (!model) throw new Error('The entry registered no function: on the platform it would answer 404 everywhere.');
      const programmingModel = model;
      const capabilities = await programmingModel.getCapabilities({});
      if (capabilities.HttpUri) throw new Error('The entry turned HTTP streaming on, which this host does not speak.');
      started = true;
      return {
        functions: registered.toSorted(bySpecificity),
        invoke: async (called, call) => {
          const answer = await invoke({ programmingModel, runHooks, appHookData, log }, called, call);
          answers.publish({ entry, name: called.name, call, answer } satisfies Answered);
          return answer;
        },
        end: () => runHooks('appTerminate', { hookData: {}, appHookData }),
      };
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

interface Running {
  programmingModel: ProgrammingModel;
  runHooks(name: string, context: HookContext): Promise<void>;
  appHookData: HookContext;
  log: (line: string) => void;
}

/** One invocation. A handler that throws becomes the platform's empty 500, and its message goes to the log. */
async function invoke(
  { programmingModel, runHooks, appHookData, log }: Running,
  called: Registered,
  { method, url, headers, parameters, body, traceContext }: HttpCall,
): Promise<HttpAnswer> {
  const invocationId = randomUUID();
  const nullable = (entries: readonly [string, unknown][]) =>
    Object.fromEntries(entries.map(([name, value]) => [name, { value: String(value) }]));
  const http = {
    method,
    url: url.href,
    nullableHeaders: nullable(Object.entries(headers)),
    nullableParams: nullable(Object.entries(parameters)),
    nullableQuery: nullable([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name).join()])),
    body: { bytes: body },
  };
  const coreContext: Record<string, unknown> = {
    invocationId,
    metadata: called.metadata,
    request: { inputData: [{ name: called.trigger, data: { http } }], triggerMetadata: {}, traceContext },
    log: (level: string, _category: string, message: string) => log(`${level} ${called.name} ${message}`),
  };
  const invocation = programmingModel.getInvocationModel(coreContext);
  try {
    const { context, inputs } = await invocation.getArguments();
    const hook: HookContext = {
      hookData: {},
      appHookData,
      invocationContext: context,
      functionCallback: called.handler,
      inputs,
    };
    await runHooks('preInvocation', hook);
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
    await runHooks('postInvocation', after);
    if (after.error) throw after.error;
    return answerOf((await invocation.getResponse(context, after.result)).returnValue?.http);
  } catch (error) {
    log(`error ${called.name} threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
    return { status: 500, headers: {}, body: EMPTY };
  }
}

function answerOf(http: RpcHttp | undefined): HttpAnswer {
  if (!http) return { status: 204, headers: {}, body: EMPTY };
  const cookies = (http.cookies ?? []).map(({ name, value }) => `${name}=${value}`);
  return {
    status: Number(http.statusCode),
    headers: { ...http.headers, ...(cookies.length > 0 && { 'set-cookie': cookies }) },
    body: http.body?.bytes ?? new TextEncoder().encode(http.body?.string ?? ''),
  };
}
