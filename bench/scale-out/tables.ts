import { keyHour } from './key-hour.ts';
import { armReads, letThrough } from './limits.ts';

/** The tables of docs/operate.md. */

export const INSTANCES = [1, 10, 100] as const;
export const TENANTS = [1, 20, 500] as const;
/** Diagnoses a minute. */
const DIAGNOSES = [6, 60, 600] as const;

const whole = (count: number): string => Math.round(count).toLocaleString('en').replaceAll(',', ' ');
const percent = (part: number, of: number): string => `${Math.round((100 * part) / of)} %`;
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

export const table = (head: readonly string[], rows: readonly string[]): string =>
  [line(head), line(head.map(() => '---')), ...rows].join('\n');

export const KEY_HEAD = [
  'Tenants',
  'Instances',
  'Fetches at the busy issuer',
  'of them in vain',
  'At all others: snapshots on',
  'off',
  'Blob reads',
  'Blob writes',
  'of them too late',
  'New key: refused',
  'at every instance after',
  'Old key accepted for',
  'Undecided in the outage: snapshots on',
  'off',
];

export async function keyRow(instances: number, tenants: number): Promise<string> {
  const on = await keyHour(instances, tenants, true);
  const off = await keyHour(instances, tenants, false);
  return line([
    whole(tenants),
    whole(instances),
    whole(on.fetchesBusy),
    whole(on.failed),
    whole(on.fetches - on.fetchesBusy),
    whole(off.fetches - off.fetchesBusy),
    whole(on.blobs.reads),
    whole(on.blobs.writes),
    whole(on.blobs.conflicts),
    whole(on.newKeyRefused),
    `${Math.ceil(on.newKeyEverywhereSeconds)} s`,
    `${Math.ceil(on.oldKeyAcceptedSeconds)} s`,
    percent(on.undecided, on.inOutage),
    percent(off.undecided, off.inOutage),
  ]);
}

export const LIMITS_HEAD = [
  'Instances',
  'One caller gets through, a minute',
  ...DIAGNOSES.map((diagnoses) => `Reads of Azure a minute at ${diagnoses} diagnoses`),
];

export async function limitsRow(instances: number): Promise<string> {
  const cells: string[] = [];
  for (const diagnoses of DIAGNOSES) {
    const { asked, wanted } = await armReads(instances, diagnoses);
    cells.push(`${whole(asked)} of ${whole(wanted)}`);
  }
  return line([whole(instances), whole(letThrough(instances)), ...cells]);
}
