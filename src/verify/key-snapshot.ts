import * as z from 'zod';
import type { KeyPlace, KeySeen } from '../contract/evidence.ts';
import { mayPublishAt } from '../trust/families.ts';
import { canVerify, Jwk, MAX_KEYS, verifyingKey } from './jwk-set.ts';
import type { KeySet, Retrieval } from './key-retrieval.ts';

/** Kids remembered of one place after they are gone: years of an issuer that rotates each month. */
const MOST_SEEN = 200;
/** A longer `kid` is in use nowhere; it is looked for, and not remembered. */
const LONGEST_KID = 256;
/** How far clocks of instances may differ; what one from further in the future left must not stay until then. */
const CLOCKS_APART_MS = 300_000;

const Time = z.iso.datetime().transform((text) => new Date(text));

/** A key set as an instance fetched it, with what is known of its kids. */
const Snapshot = z.strictObject({
  format: z.literal(1),
  issuer: z.string(),
  metadata: z.strictObject({
    url: z.string(),
    issuer: z.string(),
    jwksUri: z.string(),
    cloudInstance: z.string().optional(),
  }),
  fetchedAt: Time,
  keys: z.array(z.strictObject({ jwk: z.strictObject(Jwk.shape), secretPublished: z.boolean() })).max(MAX_KEYS),
  leftOut: z.int().nonnegative(),
  seen: z.array(z.strictObject({ kid: z.string().max(LONGEST_KID), firstAt: Time, lastAt: Time })).max(MOST_SEEN),
});

/** When each `kid` was published. */
export type SeenKids = ReadonlyMap<string, KeySeen>;

export interface Restored {
  retrieval: Retrieval & { set: KeySet };
  seen: SeenKids;
}

/**
 * By issuer too: two that differ in a slash at the end name one document, which is the one's or the other's. What is only looked
 * into is apart from what is trusted, whose hosts may be fewer.
 */
export const nameOf = ({ issuer, metadataUrl, jwksUri, passing }: KeyPlace): string =>
  `${issuer} ${metadataUrl} ${jwksUri ?? ''}${passing ? ' passing' : ''}`;

/**
 * What a snapshot of `place` says, or undefined: a snapshot is input like any other, so it is taken whole or not at all. One from
 * the future is not taken, since it would outlive its age.
 */
export function restored(stored: unknown, place: KeyPlace, now: Date): Restored | undefined {
  const parsed = Snapshot.safeParse(stored);
  if (!parsed.success) return undefined;
  const { issuer, metadata, fetchedAt, keys: kept, leftOut, seen } = parsed.data;
  const ofPlace =
    issuer === place.issuer &&
    (place.jwksUri === undefined
      ? metadata.url === place.metadataUrl && mayPublishAt(place, metadata.jwksUri)
      : metadata.jwksUri === place.jwksUri);
  const keys = kept.map(({ jwk, secretPublished }) => verifyingKey(jwk, secretPublished));
  if (!ofPlace || fetchedAt > now || !keys.some(canVerify)) return undefined;
  return {
    retrieval: {
      metadata: { state: 'present', source: 'issuer', observedAt: fetchedAt, value: metadata },
      set: { ok: true, jwksUri: metadata.jwksUri, keys, leftOut },
      at: fetchedAt,
    },
    seen: new Map(
      seen.map(({ kid, firstAt, lastAt }) => [
        kid,
        { firstAt: earlier(firstAt, fetchedAt), lastAt: earlier(lastAt, fetchedAt) },
      ]),
    ),
  };
}

/** No kid was seen after the last fetch; one that says so would be remembered in place of all others. */
const earlier = (one: Date, other: Date): Date => (one < other ? one : other);

/** What to store in place of `stored`: the newer key set, and all that either knows of the kids. */
export function snapshotOf(
  { metadata, set, at }: Retrieval & { set: KeySet },
  seen: SeenKids,
  stored: unknown,
  place: KeyPlace,
  now: Date,
): object | undefined {
  if (metadata.state === 'absent') return undefined;
  const there = restored(stored, place, new Date(now.getTime() + CLOCKS_APART_MS));
  const known = [...mergedSeen(seen, there?.seen ?? new Map())].map(([kid, { firstAt, lastAt }]) => ({
    kid,
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
  }));
  if (there && there.retrieval.at > at) return { ...(stored as object), seen: known };
  return {
    format: 1,
    issuer: place.issuer,
    metadata: metadata.value,
    fetchedAt: at.toISOString(),
    keys: set.keys.map(({ jwk, fault }) => ({ jwk, secretPublished: fault === 'secret-published' })),
    leftOut: set.leftOut,
    seen: known,
  } satisfies z.input<typeof Snapshot>;
}

/** What a key set, had at `at`, adds to what is known of kids. */
export const seenIn = (set: KeySet, at: Date): SeenKids =>
  new Map(set.keys.flatMap(({ jwk: { kid } }) => (kid === undefined ? [] : [[kid, { firstAt: at, lastAt: at }]])));

/** Both, of each `kid` the earliest and the latest; the longest gone are left out first. */
export function mergedSeen(one: SeenKids, other: SeenKids): SeenKids {
  const merged = new Map(one);
  for (const [kid, { firstAt, lastAt }] of other) {
    const known = merged.get(kid);
    merged.set(kid, {
      firstAt: known && known.firstAt < firstAt ? known.firstAt : firstAt,
      lastAt: known && known.lastAt > lastAt ? known.lastAt : lastAt,
    });
  }
  return new Map(
    [...merged]
      .filter(([kid]) => kid.length <= LONGEST_KID)
      .toSorted(([, a], [, b]) => b.lastAt.getTime() - a.lastAt.getTime())
      .slice(0, MOST_SEEN),
  );
}
