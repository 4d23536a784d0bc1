/** Kids looked for in vain that are remembered; the one that was so the longest ago goes first. */
export const MAX_MISSES = 1000;
/** For so long a `kid` that was looked for in vain is not looked for again, twice as long after each further time. */
const SHORTEST_MISS_SECONDS = 10;
const LONGEST_MISS_SECONDS = 60;

interface Miss {
  seconds: number;
  untilMs: number;
}

/** Remembers what was looked for and is not there, so that one wrong `kid` does not cost fetch after fetch. */
export class Misses {
  readonly #misses = new Map<string, Miss>();

  /** Notes that it was looked for and is not there. */
  add(name: string, nowMs: number): void {
    const known = this.#misses.get(name);
    // Several callers of one fetch are one time.
    const again = known && this.waitMs(name, nowMs) === 0;
    const seconds = again
      ? Math.min(2 * known.seconds, LONGEST_MISS_SECONDS)
      : (known?.seconds ?? SHORTEST_MISS_SECONDS);
    this.#misses.delete(name);
    this.#misses.set(name, { seconds, untilMs: known && !again ? known.untilMs : nowMs + seconds * 1000 });
    const [oldest] = this.#misses.keys();
    if (this.#misses.size > MAX_MISSES && oldest !== undefined) this.#misses.delete(oldest);
  }

  /** Notes that it is there. */
  remove(name: string): void {
    this.#misses.delete(name);
  }

  /** Milliseconds until it may be looked for again, 0 when now. A clock that was set back prolongs nothing. */
  waitMs(name: string, nowMs: number): number {
    const miss = this.#misses.get(name);
    const waitMs = miss ? miss.untilMs - nowMs : 0;
    return miss && waitMs > 0 && waitMs <= miss.seconds * 1000 ? waitMs : 0;
  }
}
