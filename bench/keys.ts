import { installLoopbackGuard } from '../local/loopback-guard.ts';
import { stopwatch } from './keys/clock.ts';
import { NAMES } from './keys/contenders.ts';
import { startKeyServer } from './keys/key-server.ts';
import { makeWorld, probes, run } from './keys/probes.ts';

/**
 * `npm run bench:keys`: what becomes of tokens and of the issuer’s key server when keys rotate, vanish or cannot be had, by jose,
 * jwks-rsa, aws-jwt-verify, each with its defaults, and Token Doctor, against the same key server on the loopback. Prints a
 * Markdown table; exit status 1 when Token Doctor does not show what is asked of it. Progress goes to stderr.
 */

installLoopbackGuard();
const elapsed = stopwatch();
const server = await startKeyServer();
const world = await makeWorld(server);
const rows: string[][] = [];
const unmet: string[] = [];
for (const probe of probes) {
  const cells: string[] = [];
  for (const name of NAMES) {
    process.stderr.write(`${Math.round(elapsed() / 1000)} s  ${probe.id} ${probe.title}: ${name}\n`);
    const { text, met } = await run(probe, name, world);
    cells.push(text);
    if (name === 'Token Doctor' && !met) unmet.push(`${probe.id}: ${text}, asked: ${probe.asked}`);
  }
  rows.push([`${probe.id}. ${probe.title}`, ...cells, probe.asked]);
}
server.close();

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const head = ['Probe', ...NAMES, 'Asked of Token Doctor'];
const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const verdict =
  unmet.length === 0 ? `Every one of the ${probes.length} is as asked.` : `Not as asked:\n${unmet.join('\n')}`;
process.stdout.write(`${table}\n\n${verdict}\n`, () => process.exit(unmet.length === 0 ? 0 : 1));
