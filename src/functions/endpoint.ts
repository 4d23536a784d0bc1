import type * as z from 'zod';
import type { RequestLine } from '../contract/log-line.ts';
import type { Report } from '../contract/report.ts';
import type { Sources } from '../evidence/gather.ts';
import type { ReadSettings, SettingName } from '../settings.ts';
import type { Access } from './access.ts';
import type { Bodies } from './body.ts';
import type { RateLimit } from './rate-limit.ts';

/** What a route may use of the deployment. */
export interface World extends ReadSettings {
  routes: readonly Route[];
  secondsToWait: RateLimit;
  /** Made at the first call that needs it, and kept: what it loads is most of the bundle. */
  sources(): Promise<Sources>;
}

/** A line of the route table: what is known of a route before its first call. */
export interface Route {
  /** Name of the function and of the operation. Public: keys of callers hang on it. */
  name: string;
  path: string;
  method: 'GET' | 'POST';
  access: Access;
  /** Settings this route cannot work without: where one is wrong it answers 503. */
  needs: readonly SettingName[];
  /** Loads the rest, at its first call: most instances serve few of the routes. */
  load(): Promise<Endpoint>;
}

/** What an endpoint may add to the log line of a call. */
export type LogFields = Partial<RequestLine>;

/** One call, understood. */
export interface Call<Body, Query> {
  body: Body;
  query: Query;
  requestId: string;
  /** Goes along with what is read of Azure; undefined where the call belongs to no trace. */
  traceparent: string | undefined;
  /** Scheme and host the caller used. */
  origin: string;
  /** Adds to the log line of this call. */
  note(fields: LogFields): void;
  /** Logs a fault of ours: its name and where it was thrown, never its message, which may repeat input. */
  reportBug(place: string, error: unknown): void;
}

/** A request as anybody may send it to the sandbox; the OpenAPI document shows it with its answer. */
export interface Example {
  name: string;
  summary: string;
  query?: Readonly<Record<string, string>>;
  body?: object;
}

interface Described<Body, Query> {
  /** One line. */
  summary: string;
  description: string;
  /** Left out where a request has none. */
  bodies?: Bodies<Body>;
  /** Left out where parameters mean nothing and pass by. */
  query?: QuerySchema<Query>;
  examples: readonly Example[];
}

/** Parameters by name, each once. */
export type QuerySchema<Query = unknown> = z.ZodObject & z.ZodType<Query>;

/** Answers with a report, in the format and with the gate that the caller asks for. */
export interface ReportEndpoint<Body = unknown, Query = unknown> extends Described<Body, Query> {
  /** Gather, check, report. Throws `RequestError` for the caller's faults. */
  diagnose(call: Call<Body, Query>, world: World): Promise<Report>;
}

/** Answers with JSON of its own. */
export interface JsonEndpoint<Body = unknown, Query = unknown> extends Described<Body, Query> {
  /** Schemas by status. */
  answers: Readonly<Record<number, z.ZodType>>;
  /** `status` is 200 when left out. Throws `RequestError` for the caller's faults. */
  answer(call: Call<Body, Query>, world: World): Promise<{ status?: number; body: object }>;
}

export type Endpoint = ReportEndpoint | JsonEndpoint;

/** Infer what a call carries from the schemas. */
export const reportEndpoint = <Body = undefined, Query = object>(endpoint: ReportEndpoint<Body, Query>): Endpoint =>
  endpoint as ReportEndpoint;
export const jsonEndpoint = <Body = undefined, Query = object>(endpoint: JsonEndpoint<Body, Query>): Endpoint =>
  endpoint as JsonEndpoint;
