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

/** What the played hour costs issuers and the store. */
export const FETCHES_HEAD = [
  'Tenants',
  'Instances',
  'Fetches at the busy issuer',
  'In vain',
  'Fetches at all others, snapshots on',
  'Snapshots off',
  'Blob reads',
  'Blob writes',
  'Writes too late',
];

/** What callers see of it. */
export const KEYS_HEAD = [
  'Tenants',
  'Instances',
  'New key: refused',
  'New key: known to every instance after',
  'Old key: accepted for',
  'Undecided in the outage, snapshots on',
  'Snapshots off',
];

/** A row of either. */
export async function keyRows(instances: number, tenants: number): Promise<{ fetches: string; keys: string }> {
  const on = await keyHour(instances, tenants, true);
  const off = await keyHour(instances, tenants, false);
  const played = [whole(tenants), whole(instances)];
  return {
    fetches: line([
      ...played,
      whole(on.fetchesBusy),
      whole(on.failed),
      whole(on.fetches - on.fetchesBusy),
      whole(off.fetches - off.fetchesBusy),
      whole(on.blobs.reads),
      whole(on.blobs.writes),
      whole(on.blobs.conflicts),
    ]),
    keys: line([
      ...played,
      whole(on.newKeyRefused),
      `${Math.ceil(on.newKeyEverywhereSeconds)} s`,
      `${Math.ceil(on.oldKeyAcceptedSeconds)} s`,
      percent(on.undecided, on.inOutage),
      percent(off.undecided, off.inOutage),
    ]),
  };
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
