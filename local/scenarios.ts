import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { installLoopbackGuard } from './loopback-guard.ts';
import { ownServer } from './own-server.ts';
import { Scenario } from './sandbox/scenarios.ts';

/**
 * `npm run scenarios [base URL]`: sends every scenario to a running server with a sandbox and prints expected beside
 * reported. Where none runs, one is started for the time of the run. Exit status 1 when one differs.
 */

const ScenarioList = z.object({ scenarios: z.array(Scenario) });
const Refusals = z.object({ refusals: z.array(z.string()) });

export interface Result {
  name: string;
  expected: string;
  reported: string;
  agrees: boolean;
}

/** Runs all scenarios of the server at `base`. */
export async function runScenarios(base: string): Promise<Result[]> {
  const listed = await fetch(`${base}/sandbox/scenarios`);
  const { scenarios } = ScenarioList.parse(await listed.json());
  const results: Result[] = [];
  const send = async ({ method, path, headers, body }: Scenario['request']): Promise<Response> => {
    for (;;) {
      const init = { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
      const response = await fetch(base + path, init);
      // A run shortly after another is more than one caller may ask in a minute.
      if (response.status !== 429) return response;
      await wait(Number(response.headers.get('retry-after') ?? 1) * 1000);
    }
  };
  for (const { name, before, request, expect } of scenarios) {
    for (const earlier of before) await (await send(earlier)).text();
    const response = await send(request);
    const body: unknown = await response.json();
    const answer =
      typeof body === 'object' && body !== null ? { ...body, status: response.status } : { status: response.status };
    // Only what the scenario states is compared: a member it leaves out may be anything.
    const expected = told(expect);
    const reported = told(
      Object.fromEntries(Object.keys(expect).map((member) => [member, Reflect.get(answer, member)])),
    );
    results.push({ name, expected, reported, agrees: expected === reported });
  }
  return results;
}

/** What the server was refused because it was beyond this machine: scenarios name outside addresses, none may be contacted. */
async function refusalsOf(base: string): Promise<readonly string[]> {
  return Refusals.parse(await (await fetch(`${base}/sandbox/refusals`)).json()).refusals;
}

const told = (members: object) =>
  ['status', 'verdict', 'rootCause', 'predictedError', 'active']
    .flatMap((member) => {
      const value: unknown = Reflect.get(members, member);
      if (value === undefined) return [];
      if (member === 'active') return value === true ? 'active' : 'inactive';
      return typeof value === 'object' && value !== null ? Object.values(value).join('/') : String(value ?? '-');
    })
    .join(' ');

async function runningServer(): Promise<{ base: string; stop(): void }> {
  const base = process.argv[2] ?? `http://127.0.0.1:${process.env.PORT || 7071}`;
  const sandboxed = await fetch(`${base}/api/health`).then(
    (response) => response.headers.has('x-token-doctor-sandbox'),
    () => undefined,
  );
  if (sandboxed) return { base, stop: () => {} };
  if (process.argv[2] !== undefined) {
    console.error(
      `${base} ${sandboxed === undefined ? 'does not answer' : 'has no sandbox'}. Start one with \`npm start\`.`,
    );
    process.exit(1);
  }
  console.log('No sandbox is running; one is started for this run.');
  return await ownServer();
}

if (import.meta.main) {
  installLoopbackGuard();
  const { base, stop } = await runningServer();
  const refusedBefore = await refusalsOf(base);
  const results = await runScenarios(base);
  const refused = (await refusalsOf(base)).slice(refusedBefore.length);
  const width = Math.max(...results.map(({ name }) => name.length));
  const expectedWidth = Math.max(...results.map(({ expected }) => expected.length));
  const differing = results.filter(({ agrees }) => !agrees).length;
  const lines = [
    ...results.map(
      ({ name, expected, reported, agrees }) =>
        `${agrees ? 'ok  ' : 'DIFF'} ${name.padEnd(width)}  ${expected.padEnd(expectedWidth)}  ${agrees ? reported : `reported: ${reported}`}`,
    ),
    `${results.length - differing} of ${results.length} scenarios as expected at ${base}`,
    ...refused.map((what) => `Refused: the server tried to leave this machine, ${what}`),
  ];
  stop();
  // To a pipe all of it goes out before the process may end.
  process.stdout.write(`${lines.join('\n')}\n`, () => process.exit(differing === 0 && refused.length === 0 ? 0 : 1));
}
