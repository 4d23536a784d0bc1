import * as z from 'zod';
import { Problem } from '../contract/problem.ts';
import { Report } from '../contract/report.ts';
import { VERSION } from '../version.ts';
import type { Endpoint, Example, Route } from './endpoint.ts';
import { querySchemaOf } from './query.ts';
import { GATE_STATUS, REPORT_MEDIA_TYPES } from './rendering.ts';

/** Answers to examples, by operation and name of the example: what the sandbox said. */
export type ExampleAnswers = Readonly<Record<string, Readonly<Record<string, { status: number; body: unknown }>>>>;

type Json = Record<string, unknown>;

const PROBLEM_TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be understood; `errors` names each place.',
  401: 'The caller has no key (the platform says so, without a body), or platform authentication does not know it.',
  405: 'The method is not served here.',
  411: 'The body was sent in chunks.',
  413: 'The body is too large.',
  415: 'The body is of a type that is not read here.',
  429: 'Too many requests of this caller; `Retry-After` tells when to come back.',
  500: 'A fault of Token Doctor.',
  503: 'Try again: keys could not be had, an answer took too long, or a setting is wrong.',
};

/**
 * The OpenAPI 3.0 document of the given routes, from the schemas that requests and answers are judged by. Kept within what
 * the importer of ServiceNow's Integration Hub takes (its documentation of the OpenAPI step): JSON bodies, no `oneOf`,
 * `anyOf`, discriminator or recursion, the function key as a plain header parameter instead of a security scheme.
 */
export async function openapiDocument(routes: readonly Route[], answers: ExampleAnswers): Promise<Json> {
  const loaded = await Promise.all(routes.map(async (route) => ({ route, endpoint: await route.load() })));
  const components = componentSchemas();
  return {
    openapi: '3.0.3',
    info: {
      title: 'Token Doctor',
      version: VERSION,
      description:
        'Why is this token refused, and what fixes it? What is wrong with a token is never an HTTP error: reports come with status 200, unless `gate=true` asks for the verdict as status. In Azure every operation with the parameter `x-functions-key` asks for a function key; where platform authentication is on, it takes the place of the key, except for introspection. Enumerations and members may grow with any version: ignore what is not known.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: '/' }],
    security: [],
    paths: Object.fromEntries(
      loaded.map(({ route, endpoint }) => [
        `/${route.path}`,
        { [route.method.toLowerCase()]: operation(route, endpoint, answers[route.name] ?? {}) },
      ]),
    ),
    components: { schemas: components },
  };
}

function operation(route: Route, endpoint: Endpoint, answers: ExampleAnswers[string]): Json {
  const { summary, description, bodies, examples } = endpoint;
  return {
    operationId: route.name,
    summary,
    description,
    parameters: [...queryParameters(endpoint), ...(route.access === 'anonymous' ? [] : [FUNCTION_KEY])],
    ...(bodies && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: schemaOf(bodies.json),
            ...named(examples, (example) => ({ summary: example.summary, value: example.body })),
          },
        },
      },
    }),
    responses: { ...answersOf(endpoint, answers), ...problemsOf(route, endpoint) },
  };
}

const FUNCTION_KEY: Json = {
  name: 'x-functions-key',
  in: 'header',
  required: false,
  description: 'The function key, where this deployment asks for one.',
  schema: { type: 'string' },
};

const header = (description: string, type: string): Json => ({ description, schema: { type } });
const REQUEST_ID: Json = { 'x-request-id': header('The id of this call, also in the log.', 'string') };
const RETRY_AFTER = { 'retry-after': header('Seconds until another try is worth it.', 'integer') };
const HEADERS_OF_PROBLEMS: Readonly<Record<number, Json>> = {
  401: { 'www-authenticate': header('How to authenticate (RFC 6750 §3).', 'string') },
  405: { allow: header('What is served here.', 'string') },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
};

function queryParameters(endpoint: Endpoint): Json[] {
  const schema = querySchemaOf(endpoint);
  if (!schema) return [];
  const { properties = {} } = schemaOf(schema) as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: rest,
  }));
}

function answersOf(endpoint: Endpoint, answers: ExampleAnswers[string]): Json {
  const examplesOf = (status: number) =>
    named(
      endpoint.examples.filter(({ name }) => answers[name]?.status === status),
      ({ name, summary }) => ({ summary, value: answers[name]?.body }),
    );
  if ('answer' in endpoint) {
    return Object.fromEntries(
      Object.entries(endpoint.answers).map(([status, schema]) => [
        status,
        {
          description: status === '200' ? 'The answer.' : 'The same, where something is wrong.',
          headers: REQUEST_ID,
          content: { 'application/json': { schema: schemaOf(schema), ...examplesOf(Number(status)) } },
        },
      ]),
    );
  }
  return Object.fromEntries(
    Object.entries(GATE_STATUS).map(([verdict, status]) => [
      status,
      {
        description: status === 200 ? 'The report.' : `The report; with \`gate=true\`, verdict ${verdict}.`,
        headers: REQUEST_ID,
        content: Object.fromEntries(
          REPORT_MEDIA_TYPES.map((type) => [
            type,
            type === 'application/json'
              ? { schema: schemaOf(Report), ...examplesOf(status) }
              : { schema: { type: 'string' } },
          ]),
        ),
      },
    ]),
  );
}

/** Problems a caller may meet, beside what the endpoint itself answers with that status. */
function problemsOf(route: Route, endpoint: Endpoint): Json {
  const limited = route.access !== 'anonymous' && route.access !== 'decision';
  const statuses = [
    ...(endpoint.bodies || querySchemaOf(endpoint) ? [400] : []),
    ...(limited ? [401] : []),
    405,
    ...(endpoint.bodies ? [411, 413, 415] : []),
    ...(limited ? [429] : []),
    500,
    503,
  ];
  const problem = { 'application/problem+json': { schema: schemaOf(Problem) } };
  return {
    ...(route.access === 'decision' && {
      401: { description: 'The caller has no key; the platform says so, without a body.' },
    }),
    ...Object.fromEntries(
      statuses.map((status) => [
        status,
        {
          description: PROBLEM_TITLES[status],
          headers: { ...REQUEST_ID, ...HEADERS_OF_PROBLEMS[status] },
          content: { ...('answer' in endpoint ? jsonContent(endpoint.answers[status]) : {}), ...problem },
        },
      ]),
    ),
  };
}

const jsonContent = (schema: z.ZodType | undefined): Json =>
  schema ? { 'application/json': { schema: schemaOf(schema) } } : {};

function named(examples: readonly Example[], of: (example: Example) => Json): Json {
  return examples.length === 0
    ? {}
    : { examples: Object.fromEntries(examples.map((example) => [example.name, of(example)])) };
}

const options = {
  target: 'openapi-3.0',
  io: 'input',
  uri: (id: string) => `#/components/schemas/${id}`,
  // The format says it already; generators apply the pattern to values that are no text any more.
  // What may be one thing or another is described in words, since importers know no `anyOf`.
  override: ({ jsonSchema }: { jsonSchema: { format?: string; pattern?: string; anyOf?: unknown } }) => {
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    delete jsonSchema.anyOf;
  },
} as const;

/** Schemas with an id, each once. What is registered is what has been loaded. */
function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, options);
  // OpenAPI 3.0 knows no `$id`.
  return Object.fromEntries(Object.entries(schemas).map(([id, { $id: _, ...schema }]) => [id, schema]));
}

/** A reference where the schema has an id, else the schema itself. */
function schemaOf(schema: z.ZodType): Json {
  const id = z.globalRegistry.get(schema)?.id;
  return id === undefined ? { ...z.toJSONSchema(schema, options) } : { $ref: options.uri(id) };
}
