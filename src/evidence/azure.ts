import type { AzureSource } from '../azure/azure-reader.ts';
import type { Read, Reading } from '../azure/reads.ts';
import type { Gathered, Source } from '../contract/evidence.ts';
import type { JsonObject } from '../contract/json.ts';
import type { Witness } from './gathered.ts';

/** What may be asked of Azure, and by whom it is asked now. */
export interface Azure {
  /** Undefined where nothing may be read: another cloud is meant. */
  reader: AzureSource | undefined;
  reading: Reading;
  /** Tenants that may be asked about; empty: whichever the own sign-in reads. */
  tenants: readonly string[];
  witness: Witness;
}

export const OTHER_CLOUD =
  'Another cloud than that of this deployment is meant, so it was not read from Azure; hand it in as `evidence`.';

/** Where tenants are limited, one that is not known is none of them. */
export const mayBeAskedAbout = (tenant: string | undefined, { tenants }: Azure): boolean =>
  tenants.length === 0 || tenants.some((own) => own.toLowerCase() === tenant?.trim().toLowerCase());

export const withheld = ({ witness }: Azure): Gathered<never> =>
  witness.absent(
    'arm',
    'forbidden',
    'Token Doctor may not be asked about this tenant: the setting TOKEN_DOCTOR_TENANTS names others.',
  );

/** What was read, with its source and its own time. */
export const gathered = <T>(read: Extract<Read<unknown>, { ok: true }>, source: Source, value: T): Gathered<T> => ({
  state: 'present',
  value,
  source,
  observedAt: read.observedAt,
});

/** Why it could not be read. */
export const unread = (
  { reason, detail, observedAt }: Extract<Read<unknown>, { ok: false }>,
  source: Source,
): Gathered<never> => ({ state: 'absent', reason, detail, source, observedAt });

/** What of all subscriptions fits, and what could not be looked through. */
export interface Search {
  found: readonly JsonObject[];
  observedAt: Date;
  /** Subscriptions that were looked through whole. */
  searched: number;
  /** The first that could not be. */
  failed?: Extract<Read<unknown>, { ok: false }>;
}

/** Looks through the subscriptions that may be read. Fails only where there is none to look through. */
export async function searchSubscriptions(
  { reader, reading }: Azure & { reader: AzureSource },
  kind: 'clusters' | 'identities',
  fits: (document: JsonObject) => boolean,
): Promise<Read<Search>> {
  const subscriptions = await reader.subscriptions(reading);
  if (!subscriptions.ok) return subscriptions;
  const lists = await Promise.all(subscriptions.value.map((id) => reader[kind](id, reading)));
  const read = lists.flatMap((list) => (list.ok ? [list.value] : []));
  const failed = lists.find((list) => !list.ok);
  const { observedAt } = subscriptions;
  const search: Search = {
    found: read.flatMap(({ items }) => items).filter(fits),
    observedAt,
    searched: read.filter(({ complete }) => complete).length,
    ...(failed && { failed }),
  };
  return { ok: true, observedAt, value: search };
}

/** How far a search went, as a sentence goes on after "in". */
export const searchedIn = ({ searched, failed }: Search): string =>
  `the ${searched === 1 ? 'one subscription' : `${searched} subscriptions`} that could be looked through${failed ? ` (others could not: ${failed.detail})` : ''}`;
