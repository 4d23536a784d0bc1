import type { Absence } from '../contract/evidence.ts';

/** What a read of Azure brought, or why it brought nothing. */
export type Read<T> = { ok: true; value: T; observedAt: Date } | ({ ok: false; observedAt: Date } & ReadFailure);

export interface ReadFailure {
  reason: Absence;
  /** In our own words: nothing that Azure wrote is repeated but its correlation id. */
  detail: string;
  /** Of `not-found`: whether Azure says that there is no such resource, and not only that it does not see it. */
  settled?: boolean;
  /** Of `throttled`: not before then. */
  until?: Date;
}

/** The request that has Azure read. Of a read that several share, it is the one that began it. */
export interface Asker {
  /** Sent along as `x-ms-client-request-id`. */
  requestId: string;
  /** Sent along, so that what Azure logs belongs to the trace of the caller (W3C Trace Context, one that is valid). */
  traceparent?: string | undefined;
}

/** How a caller reads. */
export interface Reading extends Asker {
  /** `force`: what was read before does not count. */
  refresh: 'auto' | 'force';
  /** When the caller can wait no longer. */
  signal: AbortSignal;
}

/** What was read is used again for so long: a fix must be seen soon, and a person presses the button twice. */
const KEPT_SECONDS = 30;
/** The same of a failure: a role that was just assigned should count at the next try. */
const FAILURE_KEPT_SECONDS = 5;
/** So many resources are kept. */
const MOST_KEPT = 1_000;
/** One read, sign-in and all pages and repetitions included; whoever waits leaves earlier, or at the same time. */
const READ_DEADLINE_MS = 8_000;

interface Kept {
  read: Promise<Read<unknown>>;
  /** Undefined while it is under way. */
  validUntil?: number;
  throttledUntil?: number;
}

/** Reads of one deployment: one at a time of each resource, kept for a short while. A resource that is throttled is left alone. */
export class Reads {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** What `run` gives of this resource; it may be what another caller waits for, under that one's id and trace. Never rejects. */
  async get<T>(
    resource: string,
    { refresh, signal }: Reading,
    run: (signal: AbortSignal) => Promise<T>,
    failureOf: (error: unknown) => ReadFailure,
  ): Promise<Read<T>> {
    const kept = this.#usable(resource, refresh) ?? this.#start(resource, run, failureOf);
    const late: Read<T> = {
      ok: false,
      reason: 'unreachable',
      detail: 'Azure did not answer within the time of a request.',
      observedAt: this.#now(),
    };
    return await Promise.race([kept.read as Promise<Read<T>>, aborted(signal).then(() => late)]);
  }

  #usable(resource: string, refresh: Reading['refresh']): Kept | undefined {
    const kept = this.#kept.get(resource);
    const now = this.#now().getTime();
    if (!kept || kept.validUntil === undefined) return kept;
    if (kept.throttledUntil !== undefined && kept.throttledUntil > now) return kept;
    return refresh === 'auto' && kept.validUntil > now ? kept : undefined;
  }

  #start<T>(
    resource: string,
    run: (signal: AbortSignal) => Promise<T>,
    failureOf: (error: unknown) => ReadFailure,
  ): Kept {
    const signal = AbortSignal.timeout(READ_DEADLINE_MS);
    // The credential of a managed identity heeds no signal, so the race does.
    const brought = Promise.race([run(signal), aborted(signal).then(() => Promise.reject(new Late()))]).then(
      (value): Read<T> => ({ ok: true, value, observedAt: this.#now() }),
      (error: unknown): Read<T> => ({ ok: false, observedAt: this.#now(), ...failure(error, failureOf) }),
    );
    const kept: Kept = { read: brought };
    void brought.then((read) => {
      const seconds = read.ok ? KEPT_SECONDS : FAILURE_KEPT_SECONDS;
      kept.validUntil = read.observedAt.getTime() + seconds * 1000;
      if (!read.ok && read.until) kept.throttledUntil = read.until.getTime();
    });
    this.#forgetOld();
    this.#kept.delete(resource);
    this.#kept.set(resource, kept);
    for (const oldest of [...this.#kept.keys()].slice(0, this.#kept.size - MOST_KEPT)) this.#kept.delete(oldest);
    return kept;
  }

  /** What nobody would be given any more; whole lists of clusters are large. */
  #forgetOld(): void {
    const now = this.#now().getTime();
    for (const [resource, { validUntil = Number.POSITIVE_INFINITY, throttledUntil = 0 }] of this.#kept)
      if (validUntil <= now && throttledUntil <= now) this.#kept.delete(resource);
  }
}

class Late extends Error {}

const failure = (error: unknown, failureOf: (error: unknown) => ReadFailure): ReadFailure =>
  error instanceof Late
    ? { reason: 'unreachable', detail: `Azure did not answer within ${READ_DEADLINE_MS / 1000} s.` }
    : failureOf(error);

/** Resolves once the signal is given. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
