import type { HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import type { Finding } from '../contract/finding.ts';
import type { LogLine, RequestLine } from '../contract/log-line.ts';
import { RequestError } from '../contract/problem.ts';
import type { Report } from '../contract/report.ts';
import { callerOf, requirePrincipal } from './access.ts';
import { readBody } from './body.ts';
import type { Call, Endpoint, LogFields, Route, World } from './endpoint.ts';
import { kept } from './kept.ts';
import { measured, SourceReads } from './measured.ts';
import { querySchemaOf, readQuery } from './query.ts';
import { GATE_STATUS, mediaTypeFor, render } from './rendering.ts';
import {
  internalError,
  jsonResponse,
  methodNotAllowed,
  problemResponse,
  type Response,
  settingsWrong,
  textResponse,
  tooManyRequests,
  tooSlow,
} from './response.ts';
import { traceOf } from './trace.ts';

/** Any answer is given within this: gateways and pipelines wait no longer, and two upstream answers fit into it. */
const ANSWER_DEADLINE_MS = 10_000;

/** Turns a route into a handler that answers whatever happens, and logs one line for it. */
export function handlerOf(route: Route, world: World, deadlineMs = ANSWER_DEADLINE_MS): HttpHandler {
  const load = kept(route.load);

  return async (request, context) => {
    const started = performance.now();
    const requestId = context.invocationId;
    const trace = traceOf(context.traceContext?.traceParent);
    const reads = new SourceReads();
    const noted: LogFields = {};
    const tools: Tools = {
      requestId,
      traceparent: trace?.traceparent,
      note: (fields) => void Object.assign(noted, fields),
      reportBug: (place, error) =>
        context.error(JSON.stringify({ event: 'bug', requestId, place, ...traced(error) } satisfies LogLine)),
    };
    const response = await within(deadlineMs, async () => {
      admit(route, world, request);
      const sources = async () => measured(await world.sources(), reads);
      return await respond(await load(), request, tools, { ...world, sources });
    }).catch((error: unknown) => {
      if (error instanceof RequestError) {
        noted.problem = error.problem.type;
        return problemResponse({ ...error.problem, requestId }, error.headers);
      }
      tools.reportBug(context.functionName, error);
      return problemResponse(internalError(requestId));
    });
    const sources = reads.told();
    logRequest(context, {
      event: 'request',
      requestId,
      ...(trace && { traceId: trace.traceId }),
      route: route.name,
      method: request.method,
      status: response.status,
      durationMs: Math.round(performance.now() - started),
      ...noted,
      ...(sources.length > 0 && { sources }),
    });
    return response;
  };
}

type Tools = Omit<Call<unknown, unknown>, 'origin' | 'body' | 'query'>;

/** Whether this call is for this route at all: method, settings, caller, rate. Nothing of its content is looked at. */
function admit(route: Route, { faults, settings, secondsToWait }: World, request: HttpRequest): void {
  const methods = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
  if (!methods.includes(request.method)) throw methodNotAllowed(methods);
  const wrong = faults.filter(({ setting }) => route.needs.includes(setting));
  if (wrong.length > 0) throw settingsWrong(wrong);
  requirePrincipal(route.access, settings, request);
  if (route.access === 'anonymous' || route.access === 'decision') return;
  const waitSeconds = secondsToWait(callerOf(route.access, settings, request));
  if (waitSeconds > 0) throw tooManyRequests(waitSeconds, settings.rateLimit);
}

async function respond(endpoint: Endpoint, request: HttpRequest, tools: Tools, world: World): Promise<Response> {
  const query = readQuery(request, querySchemaOf(endpoint));
  const body = endpoint.bodies && (await readBody(request, endpoint.bodies));
  const call = { ...tools, origin: new URL(request.url).origin, body, query };
  if ('answer' in endpoint) {
    const { status = 200, body: answer } = await endpoint.answer(call, world);
    return jsonResponse(status, answer, tools.requestId);
  }
  const report = await endpoint.diagnose(call, world);
  tools.note(outcomesOf(report));
  const mediaType = mediaTypeFor(request.headers.get('accept') ?? undefined);
  const status = query.gate === 'true' ? GATE_STATUS[report.verdict] : 200;
  const response = textResponse(status, mediaType, await render(mediaType, report), tools.requestId);
  return { ...response, headers: { ...response.headers, vary: 'accept' } };
}

/** The verdict, the checks that failed, and those that keep it open. */
function outcomesOf({ verdict, rootCause, findings }: Report): LogFields {
  const ids = (of: (finding: Finding) => boolean) => findings.filter(of).map(({ id }) => id);
  return {
    verdict,
    ...(rootCause !== null && { rootCause }),
    failed: ids(({ outcome }) => outcome === 'fail'),
    unknown: ids(({ outcome, deciding }) => outcome === 'unknown' && deciding),
  };
}

/** What `run` gives, or a refusal once it took too long; what it still does then is not waited for. */
async function within<T>(deadlineMs: number, run: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooSlow(deadlineMs)), deadlineMs);
  });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One JSON line. Our own failures are errors to whoever watches the log. */
function logRequest(context: InvocationContext, line: RequestLine): void {
  const text = JSON.stringify(line);
  if (line.status >= 500) context.error(text);
  else context.log(text);
}

function traced(error: unknown): { name: string; at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  // The stack begins with the message, of which a line may look like a frame.
  const frames = (error.stack ?? '')
    .split('\n')
    .slice(error.message.split('\n').length)
    .filter((line) => /^\s+at /.test(line));
  return { name: error.name, at: frames.slice(0, 8).map((line) => line.trim()) };
}
