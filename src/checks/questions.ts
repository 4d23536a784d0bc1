import type { TargetName } from '../contract/target.ts';
import type { Check } from './check.ts';

/** What is asked: the checks in fix order, and which of them must pass, by what was asked about. */
export interface Question {
  checks: readonly Check[];
  deciding: Readonly<Record<TargetName, readonly string[]>>;
}
