/** The time of this process, which probes move on: key sets grow old in minutes, and a benchmark has seconds. Timers are left alone. */

const realNow = Date.now.bind(Date);
const realPerformanceNow = performance.now.bind(performance);
let offsetMs = 0;

Date.now = () => realNow() + offsetMs;
performance.now = () => realPerformanceNow() + offsetMs;

export const now = (): Date => new Date(Date.now());

/** Moves the time on. */
export function advance(seconds: number): void {
  offsetMs += seconds * 1000;
}

/** Milliseconds that pass outside. */
export const stopwatch = (): (() => number) => {
  const started = realPerformanceNow();
  return () => realPerformanceNow() - started;
};
