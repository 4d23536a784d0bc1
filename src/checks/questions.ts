import type { Evidence } from '../contract/evidence.ts';
import type { Check } from './check.ts';

/** What is gathered for one question; what it does not gather was not asked for. */
export type Given = Partial<Evidence>;

/** What is asked: the checks in fix order, and which of them must pass, given what was handed in. */
export interface Question {
  checks: readonly Check[];
  deciding(given: Given): readonly string[];
}

/** Whether the caller left it out, or the question does not know it. */
export const isLeftOut = (item: Given[keyof Evidence]): boolean =>
  item === undefined || (item.state === 'absent' && item.reason === 'not-provided');
