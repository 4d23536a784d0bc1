import { installLoopbackGuard } from '../local/loopback-guard.ts';
import {
  FETCHES_HEAD,
  INSTANCES,
  KEYS_HEAD,
  keyRows,
  LIMITS_HEAD,
  limitsRow,
  TENANTS,
  table,
} from './scale-out/tables.ts';

/**
 * `npm run bench:scale-out`: what becomes of issuers, snapshots, Azure and the limit of a caller when the platform scales out: the
 * product’s own key caches, reads and rate limits, one an instance, on a played clock. Opens no socket, and tells the same each
 * time. Prints the tables of docs/operate.md; progress goes to stderr.
 */

installLoopbackGuard();
const started = performance.now();
const progress = (what: string) =>
  process.stderr.write(`${Math.round((performance.now() - started) / 1000)} s  ${what}\n`);

const hours: Awaited<ReturnType<typeof keyRows>>[] = [];
for (const tenants of TENANTS)
  for (const instances of INSTANCES) {
    progress(`keys: ${instances} instances, ${tenants} tenants`);
    hours.push(await keyRows(instances, tenants));
  }
const limits: string[] = [];
for (const instances of INSTANCES) {
  progress(`limits: ${instances} instances`);
  limits.push(await limitsRow(instances));
}
const tables = [
  table(
    FETCHES_HEAD,
    hours.map(({ fetches }) => fetches),
  ),
  table(
    KEYS_HEAD,
    hours.map(({ keys }) => keys),
  ),
  table(LIMITS_HEAD, limits),
];
process.stdout.write(`${tables.join('\n\n')}\n`, () => process.exit(0));
