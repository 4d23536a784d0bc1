import { spawn } from 'node:child_process';

/**
 * Everything CI runs, in one command: `npm test`, which is `npm run check`. Each step says what it is and how long it took;
 * a failed one shows its output and ends the run. The tests come last, so that their closing line is the last line.
 */

interface Step {
  name: string;
  command: readonly string[];
  /** Long steps show their own progress. */
  shown?: boolean;
}

const steps: readonly Step[] = [
  { name: 'format and lint', command: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.'] },
  { name: 'types', command: ['node_modules/typescript/bin/tsc'] },
  { name: 'unused code', command: ['node_modules/knip/bin/knip.js'] },
  { name: 'build', command: ['scripts/build.ts'] },
  { name: 'generated documents', command: ['scripts/docs.ts', '--check'] },
  { name: 'tests', command: ['node_modules/vitest/vitest.mjs', 'run'], shown: true },
];

for (const { name, command, shown = false } of steps) {
  const started = performance.now();
  if (shown) console.log(`▸ ${name}`);
  const { code, output } = await run(command, shown);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code !== 0) {
    console.error(`${output}✗ ${name} failed after ${seconds} s`);
    process.exit(1);
  }
  if (!shown) console.log(`✓ ${name} (${seconds} s)`);
}

function run(command: readonly string[], shown: boolean): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, { stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('close', (code) => resolve({ code, output }));
  });
}
