/** How often something may be done: `burst` times at once, and once more each `everyMs`. Needs no timer. */
export interface Allowance {
  burst: number;
  everyMs: number;
}

/** What is left of an allowance, as of `atMs`. */
export interface Bucket {
  left: number;
  atMs: number;
}

/** Takes one if one is left; else tells how many milliseconds until there is. */
export function take(bucket: Bucket, allowance: Allowance, nowMs: number): number {
  const waitMs = waitFor(bucket, allowance, nowMs);
  if (waitMs > 0) return waitMs;
  bucket.left = leftAt(bucket, allowance, nowMs) - 1;
  bucket.atMs = nowMs;
  return 0;
}

/** Milliseconds until one may be taken, 0 when now. */
export function waitFor(bucket: Bucket, allowance: Allowance, nowMs: number): number {
  return Math.max(0, Math.ceil((1 - leftAt(bucket, allowance, nowMs)) * allowance.everyMs));
}

/** A clock that was set back refills nothing. */
const leftAt = ({ left, atMs }: Bucket, { burst, everyMs }: Allowance, nowMs: number): number =>
  Math.min(burst, left + Math.max(0, nowMs - atMs) / everyMs);
