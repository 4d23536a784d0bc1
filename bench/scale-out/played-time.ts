/** A time of its own, in whole milliseconds, which stands still while anything is done: an hour takes as long as what happens in it. */
export class PlayedTime {
  readonly #startMs: number;
  readonly #due = new Map<number, (() => void)[]>();
  #ms = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Milliseconds since the start. */
  get ms(): number {
    return this.#ms;
  }

  readonly now = (): Date => new Date(this.#startMs + this.#ms);

  /** Does `act` so much later. */
  after(milliseconds: number, act: () => void): void {
    const at = this.#ms + Math.max(1, Math.round(milliseconds));
    const others = this.#due.get(at);
    if (others) others.push(act);
    else this.#due.set(at, [act]);
  }

  /** For what is waited for within what is played. */
  readonly sleep = async (milliseconds: number): Promise<void> =>
    await new Promise((resolve) => this.after(milliseconds, resolve));

  /** Plays on until then; each millisecond ends when all that it set off waits for a later one. */
  async playUntil(endMs: number): Promise<void> {
    for (; this.#ms < endMs; this.#ms += 1) {
      const acts = this.#due.get(this.#ms);
      if (!acts) continue;
      this.#due.delete(this.#ms);
      for (const act of acts) act();
      await new Promise(setImmediate);
    }
  }
}
