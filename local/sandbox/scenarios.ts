import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { PredictedError, Verdict } from '../../src/contract/report.ts';
import type { SandboxKeys } from './token-bases.ts';
import { draftOf, mint } from './tokens.ts';

/** A story with a request and what must be answered. Placeholders `{{token:recipe}}`, `{{claims:recipe}}`,
 * `{{header:recipe}}` and `{{time:seconds}}` are filled here. */
export const Scenario = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  story: z.string(),
  request: z.strictObject({
    method: z.enum(['GET', 'POST']),
    path: z.string().startsWith('/'),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.record(z.string(), z.unknown()),
  }),
  expect: z.strictObject({
    status: z.int(),
    verdict: Verdict.optional(),
    rootCause: z.string().nullable().optional(),
    predictedError: PredictedError.optional(),
    active: z.boolean().optional(),
  }),
});
export type Scenario = z.infer<typeof Scenario>;

const FILE = new URL('./scenarios.json', import.meta.url);

/** The scenarios with fresh tokens: what time and keys decide is decided now. */
export async function filledScenarios(keys: SandboxKeys, nowSeconds: number): Promise<Scenario[]> {
  const scenarios = z.array(Scenario).parse(JSON.parse(readFileSync(FILE, 'utf8')));
  return await Promise.all(
    scenarios.map(async ({ request, ...rest }) => ({
      ...rest,
      request: {
        ...request,
        // The stories are about the public cloud unless they say otherwise, whatever the server's setting.
        body: {
          ...(request.path.startsWith('/api/tokens/') &&
            typeof request.body.target === 'string' && { cloud: 'public' }),
          ...(await filled(request.body, keys, nowSeconds)),
        },
      },
    })),
  );
}

async function filled(
  body: Record<string, unknown>,
  keys: SandboxKeys,
  nowSeconds: number,
): Promise<Record<string, unknown>> {
  const entries = Object.entries(body).map(async ([name, value]) => {
    const [, kind, recipe = ''] = /^\{\{(token|claims|header|time):(.*)\}\}$/s.exec(String(value)) ?? [];
    if (kind === 'token') return [name, await mint(recipe, keys, nowSeconds)];
    if (kind === 'claims' || kind === 'header') return [name, draftOf(recipe, keys, nowSeconds)[kind]];
    if (kind === 'time') return [name, new Date((nowSeconds + Number(recipe)) * 1000).toISOString()];
    return [name, value];
  });
  return Object.fromEntries(await Promise.all(entries));
}
