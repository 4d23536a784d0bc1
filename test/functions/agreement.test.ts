import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { SANDBOX_POLICIES } from '../../local/sandbox/world.ts';
import { Report } from '../../src/contract/report.ts';
import { type StartedServer, startServer } from '../local/server.ts';

/** Decisions and diagnosis judge the same tokens by the same policies, so they must say the same. */

const Listed = z.object({
  scenarios: z.array(z.object({ name: z.string(), request: z.object({ body: z.record(z.string(), z.unknown()) }) })),
});
const Line = z.looseObject({ requestId: z.string(), reason: z.string().optional() });
const policies = Object.keys(JSON.parse(SANDBOX_POLICIES));

/** Checks that say with more words what a decision says with one. */
const SAID_MORE_PRECISELY: Readonly<Record<string, readonly string[]>> = {
  'token-malformed': ['critical-header-not-supported'],
  'key-refresh-throttled': ['key-not-found'],
  'issuer-not-accepted': ['issuer-tenant-mismatch', 'issuer-version-mismatch', 'issuer-metadata-mismatch'],
};

let server: StartedServer;
let tokens: { name: string; token: string }[];
beforeAll(async () => {
  server = await startServer({ env: { TOKEN_DOCTOR_RATE_LIMIT: '100000' } });
  const { scenarios } = Listed.parse(await (await fetch(`${server.url}/sandbox/scenarios`)).json());
  tokens = scenarios.flatMap(({ name, request: { body } }) =>
    typeof body.token === 'string' ? [{ name, token: body.token }] : [],
  );
});
afterAll(async () => {
  await server.stop();
});

const post = async (path: string, body: object) =>
  await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Why a decision was what it was stands in its log line alone; the last line may still be on its way. */
async function reasonOf(requestId: string): Promise<string | undefined> {
  const line = () =>
    server
      .output()
      .split('\n')
      .slice(0, -1)
      .find((text) => text.includes(requestId)) ?? '';
  await expect.poll(line, { timeout: 10_000 }).not.toBe('');
  const text = line();
  return Line.parse(JSON.parse(text.slice(text.indexOf('{')))).reason;
}

async function decided(token: string, policy: string) {
  const response = await post(`/api/introspect?policy=${policy}`, { token });
  if (response.status === 503) return { verdict: 'inconclusive', reason: undefined };
  const { active } = z.object({ active: z.boolean() }).parse(await response.json());
  const reason = active ? undefined : await reasonOf(response.headers.get('x-request-id') ?? '');
  return { verdict: active ? 'pass' : 'fail', reason };
}

describe.each(policies)('by the policy %s', (policy) => {
  it('analysis and introspection agree about every token of every scenario', async () => {
    expect(tokens.length).toBeGreaterThan(150);
    const disagreements: string[] = [];
    for (const { name, token } of tokens) {
      const { verdict, reason } = await decided(token, policy);
      const report = Report.parse(await (await post('/api/tokens/analyze', { token, target: { policy } })).json());
      // Diagnosis takes away what was pasted along with a token; decisions do not.
      const form = z.object({ removed: z.array(z.string()) }).parse(report.evidence.tokenForm?.value);
      if (form.removed.length > 0 && reason === 'token-malformed') continue;
      const failed = report.findings.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);
      // What stands behind a broken link is not judged, so that one fault is not blamed twice.
      const unjudged = report.findings.filter(({ outcome }) => outcome === 'not-applicable').map(({ id }) => id);
      const sameReason =
        reason === undefined ||
        [reason, ...(SAID_MORE_PRECISELY[reason] ?? [])].some((id) => [...failed, ...unjudged].includes(id));
      if (verdict !== report.verdict || !sameReason)
        disagreements.push(`${name}: ${verdict} ${reason ?? ''}, but ${report.verdict} ${failed.join(' ')}`);
    }
    expect(disagreements).toEqual([]);
  }, 60_000);
});

it('some tokens come in, some are refused, and of some nothing can be said', async () => {
  const verdicts = await Promise.all(policies.flatMap((policy) => tokens.map(({ token }) => decided(token, policy))));
  expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['pass', 'fail', 'inconclusive']));
  expect(new Set(verdicts.map(({ reason }) => reason)).size).toBeGreaterThanOrEqual(14);
}, 60_000);
