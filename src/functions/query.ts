import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { shownName, understand } from '../contract/problem.ts';
import { invalidRequest } from './body.ts';
import type { Endpoint, QuerySchema } from './endpoint.ts';

/** Read by the platform, never by an endpoint: a function key and its name. */
const PLATFORM_PARAMETERS = ['code', 'clientId'];

/** What every report takes besides the parameters of its own. */
const ReportQuery = z.strictObject({
  gate: z.enum(['true', 'false']).optional().meta({
    description: '`true`: the status tells the verdict, 200 pass, 422 fail, 424 inconclusive; for pipelines.',
  }),
});

/** The parameters of an endpoint; undefined where they mean nothing. */
export const querySchemaOf = (endpoint: Endpoint): QuerySchema | undefined =>
  'diagnose' in endpoint ? ReportQuery.extend(endpoint.query?.shape ?? {}) : endpoint.query;

/** Each parameter once and known: one that is misspelt would silently ask for something else, a gate that never closes. */
export function readQuery(request: HttpRequest, schema: QuerySchema | undefined): Record<string, unknown> {
  if (!schema) return {};
  const given = new URL(request.url).searchParams;
  const names = [...new Set(given.keys())].filter((name) => !PLATFORM_PARAMETERS.includes(name));
  const title = 'The query cannot be understood';
  const twice = names.filter((name) => given.getAll(name).length > 1);
  if (twice.length > 0) {
    throw invalidRequest(
      title,
      twice.map((name) => ({ parameter: shownName(name), detail: 'This parameter stands there twice.' })),
    );
  }
  const understood = understand(schema, Object.fromEntries(names.map((name) => [name, given.get(name)])));
  if (understood.ok) return understood.value as Record<string, unknown>;
  throw invalidRequest(
    title,
    understood.faults.map(({ pointer, detail }) => ({ parameter: pointer.slice(1), detail })),
  );
}
