import type { HttpHandler, HttpMethod, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { type Problem, RequestError } from '../contract/problem.ts';
import type { SettingFault, SettingName } from '../settings.ts';

/** One call, as far as a function may know of it. */
export interface Call {
  request: HttpRequest;
  requestId: string;
  /** Logs a fault of ours: its name and where it was thrown, never its message, which may repeat input. */
  reportBug(place: string, error: unknown): void;
}

/** What a route does: gather, check, report. Returns the JSON to answer with; throws `RequestError` for the caller's faults. */
export type Endpoint = (call: Call) => Promise<object>;

export interface Route {
  methods: readonly HttpMethod[];
  /** Settings this route cannot work without: where one is wrong it answers 503. */
  needs: readonly SettingName[];
  /** Loads what the route needs, at its first call: most instances serve few of the routes. */
  load(): Promise<Endpoint>;
}

/** Turns a route into a handler that answers whatever happens: JSON, or a problem document (RFC 9457). */
export function endpoint(route: Route, faults: readonly SettingFault[]): HttpHandler {
  const wrong = faults.filter(({ setting }) => route.needs.includes(setting));
  let loaded: Promise<Endpoint> | undefined;

  return async (request, context) => {
    const requestId = context.invocationId;
    const reportBug = (place: string, error: unknown) =>
      context.error(JSON.stringify({ event: 'bug', requestId, place, ...traced(error) }));
    try {
      if (!route.methods.some((method) => method === request.method)) throw methodNotAllowed(route.methods);
      if (wrong.length > 0) throw settingsWrong(wrong);
      loaded ??= route.load().catch((error: unknown) => {
        // A chunk that failed to load once may load the next time.
        loaded = undefined;
        throw error;
      });
      const run = await loaded;
      return answer(200, 'application/json', await run({ request, requestId, reportBug }), requestId);
    } catch (error) {
      if (error instanceof RequestError) return problem({ ...error.problem, requestId }, error.headers);
      reportBug(context.functionName, error);
      return problem(internalError(context));
    }
  };
}

const problem = (document: Problem, headers: Readonly<Record<string, string>> = {}): HttpResponseInit =>
  answer(document.status, 'application/problem+json', document, document.requestId, headers);

/** Indented, because people read these with curl; what is said of a token is never kept by a cache. */
const answer = (
  status: number,
  contentType: string,
  body: object,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit => ({
  status,
  headers: {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...headers,
  },
  body: `${JSON.stringify(body, null, 2)}\n`,
});

function methodNotAllowed(methods: readonly string[]): RequestError {
  const allow = methods.join(', ');
  return new RequestError(
    {
      type: '/problems/method-not-allowed',
      title: 'The method is not served here',
      status: 405,
      detail: `Use ${allow}.`,
    },
    { allow },
  );
}

function settingsWrong(wrong: readonly SettingFault[]): RequestError {
  return new RequestError(
    {
      type: '/problems/setting-invalid',
      title: 'This deployment is set up wrongly',
      status: 503,
      detail: `Correct the setting and restart: ${wrong.map(({ setting, detail }) => `${setting} ${detail}`).join('; ')}.`,
    },
    { 'retry-after': '60' },
  );
}

const internalError = ({ invocationId }: InvocationContext): Problem => ({
  type: '/problems/internal-error',
  title: 'Token Doctor failed',
  status: 500,
  detail: 'This is a fault of Token Doctor, not of the request. The log has more under the request id.',
  requestId: invocationId,
});

function traced(error: unknown): { name: string; at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, at: frames.slice(0, 8).map((line) => line.trim()) };
}
