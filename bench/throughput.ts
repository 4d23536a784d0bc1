import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { installLoopbackGuard } from '../local/loopback-guard.ts';
import { buildBundle } from '../scripts/build.ts';
import { keptKeys } from './throughput/kept-keys.ts';
import { type Call, productCalls } from './throughput/product.ts';

/**
 * `npm run bench:throughput`: what a call costs one core, through the objects of the Functions library and without HTTP, one call
 * after the other, keys at hand; what the key sets of many issuers weigh, and what finding a key among them takes. Prints Markdown.
 */

const RUNS = 11;
const RUN_MS = 500;
const ISSUERS = [100, 500, 1_000];

installLoopbackGuard();
await buildBundle();

const costs: string[] = [];
for (const { name, once } of await productCalls()) {
  process.stderr.write(`${name}\n`);
  await run(once);
  const runs: Awaited<ReturnType<typeof run>>[] = [];
  for (let count = 0; count < RUNS; count += 1) runs.push(await run(once));
  const perSecond = told(runs.map(({ calls, ms }) => ((calls / ms) * 1000).toFixed(0)));
  costs.push(`| ${name} | ${perSecond} | ${told(runs.map(({ calls, cpuMs }) => (cpuMs / calls).toFixed(2)))} |`);
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const weights: string[] = [];
// What is loaded and compiled at the first use is no part of it.
await keptKeys(10, collect);
for (const issuers of ISSUERS) {
  const { bytes, microseconds } = await keptKeys(issuers, collect);
  weights.push(`| ${issuers} | ${(bytes / 1024 / 1024).toFixed(1)} MB | ${microseconds.toFixed(0)} µs |`);
}

const lines = [
  `| Call, keys at hand | Calls a second, median of ${RUNS} runs (lowest to highest) | CPU ms a call |`,
  '| --- | --- | --- |',
  ...costs,
  '',
  '| Issuers of policies | Their key sets in memory | Finding a key |',
  '| --- | --- | --- |',
  ...weights,
];
process.stdout.write(`${lines.join('\n')}\n`, () => process.exit(0));

/** Calls again and again for {@link RUN_MS}. CPU of the whole process. */
async function run(once: Call['once']): Promise<{ calls: number; ms: number; cpuMs: number }> {
  const started = performance.now();
  const cpu = process.cpuUsage();
  let calls = 0;
  while (performance.now() - started < RUN_MS) {
    await once();
    calls += 1;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { calls, ms: performance.now() - started, cpuMs: (user + system) / 1000 };
}

function told(figures: readonly string[]): string {
  const sorted = figures.toSorted((a, b) => Number(a) - Number(b));
  return `${sorted[Math.floor(sorted.length / 2)]} (${sorted[0]} to ${sorted.at(-1)})`;
}
