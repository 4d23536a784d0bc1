import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { KeyPlace, TrustedIssuer } from '../contract/evidence.ts';
import type { Port } from '../trust/guarded-port.ts';
import { take, waitFor } from '../trust/token-bucket.ts';
import { type How, type IssuerKeys, KeptKeys, type Purpose, type Running, STALE_LIMIT_SECONDS } from './kept-keys.ts';
import { retrieveKeys } from './key-retrieval.ts';
import { nameOf, restored, snapshotOf } from './key-snapshot.ts';
import { Misses } from './misses.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** Places remembered at once; the least recently used goes first, so that offered issuers cannot grow the memory. */
export const MAX_PLACES = 500;
/** Fetches that unknown kids, or callers who insist, may cause at once: a rotation right after a fetch is seen at once. */
export const REFRESH_BURST = 2;
/** One more of them after each of these, so that a flood is not followed. */
export const REFRESH_EVERY_SECONDS = 10;
const REFRESH_ALLOWANCE = { burst: REFRESH_BURST, everyMs: REFRESH_EVERY_SECONDS * 1000 };
/** Fetches under way for all places together, so that offered issuers cannot open connections without end. */
export const MAX_FETCHES_AT_ONCE = 32;
/** A fetch longer ago tells nothing of today: the longest that keys may be fresh. */
const RECENT_SECONDS = 3600;
/** How long a caller with an old key waits for a refresh, before that key must do. */
const STALE_AFTER_MS = 500;

/** What a caller wants of the keys of a place. */
export interface Wanted {
  /** The key looked for; any of the set when left out. */
  kid?: string | undefined;
  /**
   * What may cost a fetch. `auto`: a set that is too old, a `kid` that is not in it. `when-old`: only the former, for tokens that
   * could not pass anyway. `force`: this call itself. `never`: nothing. Default `auto`.
   */
  refresh?: 'auto' | 'when-old' | 'force' | 'never' | undefined;
  purpose: Purpose;
  /** The oldest set that helps the caller: with an older one it rather waits. Default {@link STALE_LIMIT_SECONDS}. */
  oldestSeconds?: number;
}

type Cause = 'forced' | 'old' | 'unknown-kid';

export interface KeyCacheParts {
  port: Port;
  now: () => Date;
  freshSeconds: number;
  /** Issuers that decisions rest on; whoever else is offered can neither push them out nor crowd them out. */
  neverForgotten?: readonly TrustedIssuer[];
  snapshots?: SnapshotStore | undefined;
  /** For jitter: from 0 up to 1. */
  random?: () => number;
}

/**
 * The keys of trusted places, kept whole sets at a time. Fetched again when older than `freshSeconds`, or when the `kid` asked for
 * is not among them (key rotation: OpenID Connect Core 1.0 §10.1.1), within an allowance; a failed fetch backs off. Concurrent
 * callers share one fetch; who finds a fresh key waits for none, and nobody waits for an allowance. A set that brings no usable
 * key never replaces one that does. Losing the memory costs a fetch, never an answer.
 */
export class KeyCache {
  readonly #port: Port;
  readonly #now: () => Date;
  readonly #freshSeconds: number;
  readonly #snapshots: SnapshotStore | undefined;
  readonly #random: () => number;
  readonly #neverForgotten: ReadonlySet<string>;
  readonly #places = new Map<string, KeptKeys>();
  readonly #misses = new Misses();
  #fetching = 0;
  #order = 0;

  constructor({ port, now, freshSeconds, neverForgotten = [], snapshots, random = Math.random }: KeyCacheParts) {
    this.#port = port;
    this.#now = now;
    this.#freshSeconds = freshSeconds;
    this.#snapshots = snapshots;
    this.#random = random;
    this.#neverForgotten = new Set(neverForgotten.map(nameOf));
  }

  async get(place: KeyPlace, wanted: Wanted): Promise<IssuerKeys> {
    const kept = this.#keptOf(place);
    if (!kept.last) {
      kept.seeding ??= this.#seed(kept);
      await kept.seeding;
    }
    const how = await this.#refresh(kept, wanted);
    const { kid, purpose } = wanted;
    if (how === 'refreshed' && kid !== undefined && !kept.has(kid)) this.#misses.add(missOf(place, kid), this.#nowMs());
    return kept.told({
      kid,
      how,
      now: this.#now(),
      nextRefreshAt: this.#nextRefreshAt(kept, kid, purpose, how),
      freshSeconds: this.#freshSeconds,
      asked: wanted.refresh !== 'never',
    });
  }

  /** What the last fetch for an issuer brought, within {@link RECENT_SECONDS}; asks nobody. */
  lastSeen(issuer: TrustedIssuer): 'reachable' | 'unreachable' | 'not-asked' {
    const { last, good } = this.#places.get(nameOf(issuer)) ?? {};
    const latest = last ?? good;
    if (!latest || (this.#nowMs() - latest.at.getTime()) / 1000 > RECENT_SECONDS) return 'not-asked';
    return latest.set.ok ? 'reachable' : 'unreachable';
  }

  #nowMs(): number {
    return this.#now().getTime();
  }

  /** Has the keys fetched where that is called for and allowed, and tells how the caller is served. */
  async #refresh(kept: KeptKeys, wanted: Wanted): Promise<How> {
    const { kid, oldestSeconds = STALE_LIMIT_SECONDS } = wanted;
    const arrival = ++this.#order;
    let how: How = 'fresh';
    // Who joins a fetch that began before it came may need one that begins after; a third would tell nothing more.
    for (const round of [1, 2]) {
      const cause = this.#causeOf(kept, wanted);
      if (cause === undefined) return how;
      const refusal = this.#refusal(kept, cause, wanted);
      if (refusal !== undefined) return round === 2 && cause === 'forced' ? how : refusal;

      const own = kept.running ? undefined : this.#start(kept);
      const running = kept.running ?? own;
      if (!running) return how;
      // An old key that would do is better soon than a new one late.
      const wouldDo = cause === 'old' && kept.has(kid) && kept.ageSeconds(this.#nowMs()) <= oldestSeconds;
      if (!(wouldDo ? await endsWithin(STALE_AFTER_MS, running.done) : await running.done.then(() => true))) return how;
      // The process may be frozen once the answer is out, so whoever began the fetch stays until it is stored.
      if (own) await own.kept;
      if (!kept.answered) return 'fresh';
      how = 'refreshed';
      if (running.order > arrival) return how;
    }
    return how;
  }

  /** Why this call would have the keys fetched, if it would. */
  #causeOf(kept: KeptKeys, { kid, refresh = 'auto' }: Wanted): Cause | undefined {
    if (refresh === 'never') return undefined;
    if (refresh === 'force') return 'forced';
    if (kept.ageSeconds(this.#nowMs()) >= this.#freshSeconds) return 'old';
    return refresh === 'auto' && !kept.has(kid) ? 'unknown-kid' : undefined;
  }

  /** How the caller is served where it may neither have a fetch nor join one; undefined when it may. */
  #refusal(kept: KeptKeys, cause: Cause, { kid, purpose }: Wanted): How | undefined {
    const nowMs = this.#nowMs();
    if (cause === 'unknown-kid' && this.#missWaitMs(kept, kid) > 0) return 'negative';
    if (kept.running) return undefined;
    const crowded = this.#fetching >= MAX_FETCHES_AT_ONCE && !this.#neverForgotten.has(nameOf(kept.place));
    if (crowded) return 'throttled';
    if (kept.retryAtMs(nowMs) > 0) return 'fresh';
    return cause === 'old' || take(kept.budgets[purpose], REFRESH_ALLOWANCE, nowMs) === 0 ? undefined : 'throttled';
  }

  #start(kept: KeptKeys): Running {
    this.#fetching += 1;
    const done = retrieveKeys(kept.place, this.#port, this.#now)
      .then(async (brought) => {
        kept.learn(brought, this.#nowMs(), this.#random());
        // Another instance may have had an answer since.
        if (!kept.answered) await this.#seed(kept);
        for (const { jwk } of kept.good?.set.keys ?? [])
          if (jwk.kid !== undefined) this.#misses.remove(missOf(kept.place, jwk.kid));
      })
      .finally(() => {
        this.#fetching -= 1;
        kept.running = undefined;
      });
    // A bug of ours is told to whoever waits for `done`.
    const running = { order: ++this.#order, done, kept: done.then(() => this.#keep(kept)).catch(() => {}) };
    kept.running = running;
    return running;
  }

  async #seed(kept: KeptKeys): Promise<void> {
    const { place } = kept;
    if (!this.#snapshots || place.passing) return;
    // A store that breaks its word costs a fetch, never every answer about this place from then on.
    const stored = await this.#snapshots.read(nameOf(place)).catch(() => undefined);
    const found = restored(stored, place, this.#now());
    if (found) kept.adopt(found);
  }

  async #keep({ place, good, last, seen }: KeptKeys): Promise<void> {
    if (!this.#snapshots || place.passing || !good || last !== good) return;
    await this.#snapshots.update(nameOf(place), (stored) => snapshotOf(good, seen, stored, place, this.#now()));
  }

  #keptOf(place: KeyPlace): KeptKeys {
    const name = nameOf(place);
    const bucket = () => ({ left: REFRESH_BURST, atMs: this.#nowMs() });
    const kept = this.#places.get(name) ?? new KeptKeys(place, { deciding: bucket(), diagnosing: bucket() });
    this.#places.delete(name);
    this.#places.set(name, kept);
    if (this.#places.size > MAX_PLACES) this.#forgetOne(name);
    return kept;
  }

  /** The least recently used one without keys, so that offered issuers cannot push out those that matter in an outage. */
  #forgetOne(used: string): void {
    const idle = [...this.#places].filter(
      ([name, { running }]) => name !== used && !running && !this.#neverForgotten.has(name),
    );
    const [forgotten] = idle.find(([, { good }]) => !good) ?? idle[0] ?? [];
    if (forgotten !== undefined) this.#places.delete(forgotten);
  }

  #nextRefreshAt(kept: KeptKeys, kid: string | undefined, purpose: Purpose, how: How): Date {
    const nowMs = this.#nowMs();
    const { good, budgets } = kept;
    const expires = good ? good.at.getTime() + this.#freshSeconds * 1000 : 0;
    const next = {
      throttled: nowMs + waitFor(budgets[purpose], REFRESH_ALLOWANCE, nowMs),
      negative: nowMs + this.#missWaitMs(kept, kid),
      fresh: kept.retryAtMs(nowMs) || expires,
      refreshed: expires,
    }[how];
    return new Date(Math.max(nowMs, next));
  }

  #missWaitMs({ place }: KeptKeys, kid: string | undefined): number {
    return kid === undefined ? 0 : this.#misses.waitMs(missOf(place, kid), this.#nowMs());
  }
}

/** Hashed, since a caller may send names of any length. */
const missOf = (place: KeyPlace, kid: string): string => hash('sha256', `${nameOf(place)} ${kid}`);

async function endsWithin(milliseconds: number, done: Promise<void>): Promise<boolean> {
  return await Promise.race([done.then(() => true), wait(milliseconds, false, { ref: false })]);
}
