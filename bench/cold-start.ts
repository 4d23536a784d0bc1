import { spawn } from 'node:child_process';
import { installLoopbackGuard } from '../local/loopback-guard.ts';
import { writePackage } from '../scripts/package.ts';

/**
 * `npm run bench:cold-start`: from spawn to the first answer, the package under the local host beside a bare CommonJS
 * server, in turn and in the same run, both under the loopback guard. Also what loading the entry alone takes, and the first analysis after it.
 */

const RUNS = 15;
installLoopbackGuard();
const { files } = await writePackage();

const bare = `const server = require('node:http').createServer((_, response) => response.end('{}'));
server.listen(0, '127.0.0.1', () => console.log('listening', server.address().port));`;
const ours = `const { startFunctionsHost } = await import('./local/functions-host.ts');
const before = performance.now();
const host = await startFunctionsHost({ entry: 'package/app/dist/index.js', port: 0, routePrefix: '', log: () => {} });
console.log('listening', new URL(host.url).port, performance.now() - before);`;

interface Start {
  answeredMs: number;
  loadedMs: number;
  analysedMs: number;
}

async function start(args: readonly string[], analyse: boolean): Promise<Start> {
  const spawned = performance.now();
  const child = spawn(process.execPath, ['--import', './test/preload.ts', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += text;
    if (/^listening .*\n/m.test(printed)) break;
  }
  const [, port, loadedMs = '0'] = /^listening (\d+) ?(\S*)/m.exec(printed) ?? [];
  await (await fetch(`http://127.0.0.1:${port}/api/health`)).text();
  const answered = performance.now();
  // No issuer is named, so nothing is fetched: this is what loading the analysis costs.
  if (analyse) {
    const body = JSON.stringify({ target: 'arm', token: 'not-a-token' });
    await (
      await fetch(`http://127.0.0.1:${port}/api/tokens/analyze`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    ).text();
  }
  const analysedMs = performance.now() - answered;
  child.kill('SIGKILL');
  return { answeredMs: answered - spawned, loadedMs: Number(loadedMs), analysedMs };
}

const rows = { bare: [] as Start[], ours: [] as Start[] };
for (let run = 0; run < RUNS; run += 1) {
  rows.bare.push(await start(['-e', bare], false));
  rows.ours.push(await start(['--input-type=module', '-e', ours], true));
}

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const quantile = (values: readonly number[], share: number) =>
  sorted(values)[Math.floor(share * (values.length - 1))] ?? Number.NaN;
const told = (values: readonly number[]) =>
  `${quantile(values, 0.5).toFixed(0)} ms (quartiles ${quantile(values, 0.25).toFixed(0)}–${quantile(values, 0.75).toFixed(0)})`;
const ratios = rows.ours.map((row, index) => row.answeredMs / (rows.bare[index]?.answeredMs ?? Number.NaN));

const kib = (of: typeof files) => `${(of.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1024).toFixed(0)} KiB`;
const entry = files.filter(({ path }) => path === 'dist/index.js');
console.log(`Package: ${kib(files)} in ${files.length} files, of which the entry ${kib(entry)}`);
console.log(
  `Spawn to first answer, ${RUNS} pairs: bare CommonJS server ${told(rows.bare.map((row) => row.answeredMs))}`,
);
console.log(
  `  the entry under the local host ${told(rows.ours.map((row) => row.answeredMs))}, ${quantile(ratios, 0.5).toFixed(2)} × (${quantile(ratios, 0.25).toFixed(2)}–${quantile(ratios, 0.75).toFixed(2)})`,
);
console.log(`  of that, loading and starting the entry ${told(rows.ours.map((row) => row.loadedMs))}`);
console.log(`First analysis after it (loads what analysis needs): ${told(rows.ours.map((row) => row.analysedMs))}`);
