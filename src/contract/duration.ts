/** A duration in words, rounded down to its largest unit. */
export function inWords(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 1) return 'less than a second';
  const units: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ];
  const [size, unit] = units.find(([limit]) => whole >= limit) ?? [1, 'second'];
  const count = Math.floor(whole / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
