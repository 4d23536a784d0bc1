import { type Bucket, take } from '../trust/token-bucket.ts';

/** Callers remembered at once; the least recently seen goes first, so that many callers cannot grow the memory. */
const MAX_CALLERS = 10_000;
const MINUTE_MS = 60_000;

/** Counts one call of a caller and tells how many seconds it must wait, 0 when it may go on. */
export type RateLimit = (caller: string) => number;

/** `perMinute` calls of each caller, all at once if it likes; 0: as many as it likes. Counted by each instance for itself. */
export function rateLimit(perMinute: number, now: () => Date): RateLimit {
  if (perMinute === 0) return () => 0;
  const allowance = { burst: perMinute, everyMs: MINUTE_MS / perMinute };
  const buckets = new Map<string, Bucket>();
  return (caller) => {
    const nowMs = now().getTime();
    const bucket = buckets.get(caller) ?? { left: perMinute, atMs: nowMs };
    buckets.delete(caller);
    buckets.set(caller, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > MAX_CALLERS && oldest !== undefined) buckets.delete(oldest);
    return Math.ceil(take(bucket, allowance, nowMs) / 1000);
  };
}
