import type { Target } from '../contract/target.ts';
import type { Check } from './check.ts';

/** What is asked: the checks in fix order, and which of them must pass, by what was asked about. */
export interface Question {
  checks: readonly Check[];
  deciding: Readonly<Record<Target['name'], readonly string[]>>;
  /** Decide where a whole token was handed in, and not where only claims were. */
  ofWholeTokens: readonly string[];
  /** Decide where there is a header. */
  ofHeaders: readonly string[];
}

/** The checks that decide about this target, given what was handed in. */
export function decidingChecks(
  { deciding, ofWholeTokens, ofHeaders }: Question,
  target: Target['name'],
  handedIn: 'token' | 'header-and-claims' | 'claims',
): readonly string[] {
  const left = handedIn === 'token' ? [] : handedIn === 'claims' ? [...ofWholeTokens, ...ofHeaders] : ofWholeTokens;
  return deciding[target].filter((id) => !left.includes(id));
}
