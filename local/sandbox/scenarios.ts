import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { PredictedError, Verdict } from '../../src/contract/report.ts';
import { filled } from './placeholders.ts';
import type { SandboxKeys } from './token-bases.ts';

const ScenarioRequest = z.strictObject({
  method: z.enum(['GET', 'POST']),
  path: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.record(z.string(), z.unknown()),
});

/** A story with a request and what must be answered, `before` it what else is sent. Placeholders are filled here (`placeholders.ts`). */
export const Scenario = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  story: z.string(),
  before: z.array(ScenarioRequest).default([]),
  request: ScenarioRequest,
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
  const ready = async (request: Scenario['request']) => ({
    ...request,
    // The stories are about the public cloud unless they say otherwise, whatever the server's setting.
    body: {
      ...(inPublicCloud(request) && { cloud: 'public' }),
      ...((await filled(request.body, keys, nowSeconds)) as Scenario['request']['body']),
    },
  });
  return await Promise.all(
    scenarios.map(async ({ before, request, ...rest }) => ({
      ...rest,
      before: await Promise.all(before.map(ready)),
      request: await ready(request),
    })),
  );
}

const inPublicCloud = ({ path, body }: Scenario['request']): boolean =>
  path.startsWith('/api/keys/') || (path.startsWith('/api/tokens/') && typeof body.target === 'string');
