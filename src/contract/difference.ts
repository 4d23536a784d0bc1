import type { Difference, DifferenceKind } from './finding.ts';

/** Names the slip that turns `expected` into `actual`; undefined when they are equal. For the hint, never for a verdict. */
export function difference(expected: string, actual: string): Difference | undefined {
  if (expected === actual) return undefined;
  let at = 0;
  while (expected.charAt(at) === actual.charAt(at)) at += 1;
  return { kind: kindOf(expected, actual), at };
}

function kindOf(expected: string, actual: string): DifferenceKind {
  if (`${expected}/` === actual || expected === `${actual}/`) return 'trailing-slash';
  if (expected === actual.trim() || expected.trim() === actual) return 'white-space';
  if (expected.toLowerCase() === actual.toLowerCase()) return 'letter-case';
  return 'other';
}

/** The one of `candidates` that `actual` was most likely meant to be: a slip away, else the first. */
export function nearest(
  candidates: readonly string[],
  actual: string,
): { expected: string; difference: Difference } | undefined {
  const found = candidates.flatMap((expected) => {
    const slip = difference(expected, actual);
    return slip ? [{ expected, difference: slip }] : [];
  });
  return found.find((candidate) => candidate.difference.kind !== 'other') ?? found[0];
}
