import type { Check } from './check.ts';
import { federationChecks } from './federation-question.ts';
import { keyChecks } from './key-question.ts';
import { tokenChecks } from './token-question.ts';

/** The catalogue: every check once, those of a question in fix order. */
export const catalogue: readonly Check[] = [...new Set([...tokenChecks, ...keyChecks, ...federationChecks])];
