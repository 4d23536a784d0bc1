/** From 0 up to 1, the same sequence for the same seed (mulberry32). */
export type Chance = () => number;

export function chance(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (count: number, random: Chance): number => Math.floor(random() * count);

/** Time until the next of many callers who know nothing of each other. */
export const gap = (meanMs: number, random: Chance): number => -meanMs * Math.log(1 - random());
