import type { Absence, Gathered, IssuerMetadata, KeyPlace, PublishedKey, SigningKeys } from '../contract/evidence.ts';
import type { Bucket } from '../trust/token-bucket.ts';
import type { VerifyingKey } from './jwk-set.ts';
import type { KeySet, Retrieval } from './key-retrieval.ts';
import { mergedSeen, type Restored, type SeenKids, seenIn } from './key-snapshot.ts';

/** After a failed fetch the next waits so long, twice as long after each further failure, and by chance up to half as long again. */
const SHORTEST_BACKOFF_SECONDS = 1;
export const LONGEST_BACKOFF_SECONDS = 60;
/** The longest that a `Retry-After` of an issuer is heeded: what it asks for must not become an outage of ours. */
export const LONGEST_RETRY_AFTER_SECONDS = 300;
/** How long the last good set may still explain a token while its issuer cannot be reached. Decisions name a shorter time. */
export const STALE_LIMIT_SECONDS = 24 * 3600;

/** Whose allowance a refresh is taken from: who diagnoses must not use up what decisions need in a rotation. */
export type Purpose = 'deciding' | 'diagnosing';

/** How a caller was served. */
export type How = 'fresh' | 'refreshed' | 'throttled' | 'negative';

/** What is known of the keys of a place. `keys` are for the verifier and for whoever describes them. */
export interface IssuerKeys {
  metadata: Gathered<IssuerMetadata>;
  signingKeys: Gathered<SigningKeys>;
  keys: readonly VerifyingKey[];
  /** When asking again may bring something else. */
  nextRefreshAt: Date;
  /** What the address serves in place of keys, where none were ever had and that can be told. */
  served?: { page: 'html' | 'metadata'; jwksUri?: string };
  /** All kids that are known to have been published, with those that are gone. */
  seen: SeenKids;
}

/** A fetch under way. */
export interface Running {
  /** Its place in the order of calls and fetches: what it brings is of a time after all calls before it. */
  order: number;
  /** Its outcome is known by then. */
  done: Promise<void>;
  /** The snapshot is written by then, too. */
  kept: Promise<void>;
}

type Good = Retrieval & { set: KeySet };

/** What a caller is told by. */
interface Circumstances {
  kid: string | undefined;
  how: How;
  now: Date;
  nextRefreshAt: Date;
  freshSeconds: number;
  /** Whether the caller would have had the issuer asked. */
  asked: boolean;
}

/** The keys of one place, as they were had. Asks nobody. */
export class KeptKeys {
  readonly place: KeyPlace;
  readonly budgets: Record<Purpose, Bucket>;
  /** The last fetch that brought keys, by this instance or, through a snapshot, by another. */
  good: Good | undefined;
  /** The last fetch of this instance, whatever it brought. */
  last: Retrieval | undefined;
  running: Running | undefined;
  /** The first look at the snapshot. */
  seeding: Promise<void> | undefined;
  seen: SeenKids = new Map();
  #failures = 0;
  #failedAtMs = 0;
  #retryAtMs = 0;

  constructor(place: KeyPlace, budgets: Record<Purpose, Bucket>) {
    this.place = place;
    this.budgets = budgets;
  }

  /** Seconds since the good set was fetched, or until then: a clock that was set back makes no key younger. */
  ageSeconds(nowMs: number): number {
    return this.good ? Math.abs(nowMs - this.good.at.getTime()) / 1000 : Number.POSITIVE_INFINITY;
  }

  /** When a failed fetch may be repeated, 0 where none is waited for; a clock that was set back prolongs no wait. */
  retryAtMs(nowMs: number): number {
    return nowMs >= this.#failedAtMs && nowMs < this.#retryAtMs ? this.#retryAtMs : 0;
  }

  /** Whether the good set has the key; any key will do where none is named. */
  has(kid: string | undefined): boolean {
    if (kid === undefined) return this.good !== undefined;
    return this.good?.set.keys.some(({ jwk }) => jwk.kid === kid) ?? false;
  }

  /** Whether the last fetch of this instance brought keys. */
  get answered(): boolean {
    return this.last?.set.ok === true;
  }

  /** Takes over what a fetch brought. `random`: from 0 up to 1. */
  learn(fetched: Retrieval, nowMs: number, random: number): void {
    const brought = this.#withoutLoss(fetched);
    this.last = brought;
    if (isGood(brought)) {
      this.good = brought;
      this.#failures = 0;
      this.#retryAtMs = 0;
      this.seen = mergedSeen(this.seen, seenIn(brought.set, brought.at));
      return;
    }
    this.#failures += 1;
    const backoff = SHORTEST_BACKOFF_SECONDS * 2 ** (this.#failures - 1) * (1 + random / 2);
    const asked = brought.set.ok ? 0 : (brought.set.retryAfterSeconds ?? 0);
    const seconds = Math.max(Math.min(backoff, LONGEST_BACKOFF_SECONDS), Math.min(asked, LONGEST_RETRY_AFTER_SECONDS));
    this.#failedAtMs = nowMs;
    this.#retryAtMs = nowMs + seconds * 1000;
  }

  /**
   * What a fetch brought, or its failure where it would replace keys that verify by such that do not: none that are long enough,
   * or those of another issuer. Keys whose secret is published replace all, since the old ones may be the same.
   */
  #withoutLoss(fetched: Retrieval): Retrieval {
    const { metadata, set, at } = fetched;
    if (!set.ok || !this.good || !this.#worth(this.good) || this.#worth(fetched)) return fetched;
    const detail = set.keys.some(isWorth)
      ? 'The metadata name another issuer now, so the keys that they name were not taken.'
      : `The document at ${set.jwksUri} has no key that verifies signatures any more.`;
    return { metadata, at, set: { ok: false, absent: absence('malformed', detail, at) } };
  }

  #worth({ metadata, set }: Retrieval): boolean {
    const named = metadata.state === 'present' ? metadata.value.issuer : undefined;
    return set.ok && set.keys.some(isWorth) && named === this.place.issuer;
  }

  /** Takes over what a snapshot has, where that is newer. */
  adopt({ retrieval, seen }: Restored): void {
    this.seen = mergedSeen(this.seen, seen);
    if (!this.good || retrieval.at > this.good.at) this.good = retrieval;
  }

  /** In the words of the evidence. */
  told({ kid, how, now, nextRefreshAt, freshSeconds, asked }: Circumstances): IssuerKeys {
    const { good, last, seen } = this;
    const age = this.ageSeconds(now.getTime());
    if (!good || age > STALE_LIMIT_SECONDS) return { ...this.#absence(now, asked), keys: [], nextRefreshAt, seen };
    const { metadata, set, at } = good;
    const failed = last && !last.set.ok && last.at >= at ? last.set.absent : undefined;
    const kidSeen = kid === undefined ? undefined : seen.get(kid);
    return {
      metadata,
      keys: set.keys,
      nextRefreshAt,
      seen,
      signingKeys: {
        state: 'present',
        source: 'keys',
        observedAt: at,
        value: {
          jwksUri: set.jwksUri,
          keys: set.keys.map(publicMembers),
          keysLeftOut: set.leftOut,
          ...(kid !== undefined && { kidPublished: this.has(kid) }),
          ...(kidSeen && { kidSeen }),
          cache: {
            state: failed?.reason === 'malformed' ? 'degraded' : age >= freshSeconds ? 'stale' : how,
            fetchedAt: at,
            ageSeconds: Math.round(age),
            nextRefreshAt,
            kidsAvailable: set.keys.flatMap(({ jwk }) => jwk.kid ?? []),
            ...(failed && { refreshFailed: { reason: failed.reason, detail: failed.detail, at: failed.observedAt } }),
          },
        },
      },
    };
  }

  /** Why there are no keys to tell of. */
  #absence(observedAt: Date, asked: boolean): Pick<IssuerKeys, 'metadata' | 'signingKeys' | 'served'> {
    const absent = (reason: Absence, detail: string) => absence(reason, detail, observedAt);
    if (this.last && !this.last.set.ok) {
      const { absent: why, served: page, jwksUri } = this.last.set;
      const served = page && { page, ...(jwksUri !== undefined && { jwksUri }) };
      return { metadata: this.last.metadata, signingKeys: why, ...(served && { served }) };
    }
    const why = this.good
      ? absent('unreachable', 'The last good key set is too old to use.')
      : asked
        ? absent('unreachable', 'Too many issuers are being asked at once; this one was not. Try again.')
        : absent('not-provided', 'Nothing is known of its keys here, and its issuer was not to be asked.');
    return { metadata: { ...why, source: 'issuer' }, signingKeys: why };
  }
}

const isWorth = ({ fault }: VerifyingKey): boolean => fault === undefined || fault === 'secret-published';

const absence = (reason: Absence, detail: string, observedAt: Date) =>
  ({ state: 'absent', reason, detail, source: 'keys', observedAt }) as const;

const isGood = (retrieval: Retrieval): retrieval is Good => retrieval.set.ok;

/** What a reader needs of a key. */
export const publicMembers = ({ jwk: { kid, kty, use, alg, issuer }, fault }: VerifyingKey): PublishedKey => ({
  ...(kid !== undefined && { kid }),
  kty,
  ...(use !== undefined && { use }),
  ...(alg !== undefined && { alg }),
  ...(issuer !== undefined && { issuer }),
  ...(fault && { fault }),
});
