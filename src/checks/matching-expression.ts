import type { MatchingExpression } from '../contract/federation.ts';
import type { JsonObject } from '../contract/json.ts';

/** One comparison of an expression. */
interface Comparison {
  claim: string;
  operator: 'eq' | 'matches';
  comparand: string;
}

/** `claims['sub'] matches 'repo:contoso/*'`, several joined by `and`; single spaces between. */
const COMPARISON = /^claims\['([A-Za-z0-9_]+)'\] (eq|matches) '([^']*)'/;

/** Longer ones cannot be stored. */
const LONGEST_EXPRESSION = 600;

/** Undefined where it is not of the language that is documented. */
function parseExpression(
  { value, languageVersion = 1 }: MatchingExpression,
  known: readonly string[],
): Comparison[] | undefined {
  if (languageVersion !== 1 || value.length > LONGEST_EXPRESSION) return undefined;
  const comparisons: Comparison[] = [];
  for (let rest = value; ; ) {
    const [whole, claim, operator, comparand] = COMPARISON.exec(rest) ?? [];
    if (whole === undefined || claim === undefined || comparand === undefined) return undefined;
    if (!known.includes(claim)) return undefined;
    comparisons.push({ claim, operator: operator === 'eq' ? 'eq' : 'matches', comparand });
    rest = rest.slice(whole.length);
    if (rest === '') return comparisons;
    if (!rest.startsWith(' and ')) return undefined;
    rest = rest.slice(' and '.length);
  }
}

/** Subjects have at most 600 characters; of longer claims no source says what is made. */
const LONGEST_VALUE = 2_000;

/**
 * Whether claims fulfil an expression (entra-docs, flexible federated identity credentials); undefined where no source settles it: a form
 * or claim that is not documented for the issuer, or one that is not known. `*` stands for any characters, `?` for one. `lookups`: claims
 * that may be looked up; `complete`: whether these claims are all there are.
 */
export function fulfils(
  claims: JsonObject,
  expression: MatchingExpression,
  lookups: readonly string[],
  complete: boolean,
): boolean | undefined {
  const comparisons = parseExpression(expression, lookups);
  if (!comparisons) return undefined;
  const outcomes = comparisons.map(({ claim, operator, comparand }) => {
    const value = claims[claim];
    if (typeof value !== 'string') return complete ? false : undefined;
    if (value.length > LONGEST_VALUE) return undefined;
    return operator === 'eq' ? value === comparand : matches(value, comparand);
  });
  return outcomes.includes(false) ? false : outcomes.includes(undefined) ? undefined : true;
}

/** Walks both texts once, going back to the last `*` at most, so that no pattern costs more than their product. */
function matches(text: string, pattern: string): boolean {
  let [at, of, star, retry] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[of] === '*') {
      star = of;
      retry = at;
      of += 1;
    } else if (of < pattern.length && (pattern[of] === '?' || pattern[of] === text[at])) {
      at += 1;
      of += 1;
    } else if (star >= 0) {
      retry += 1;
      at = retry;
      of = star + 1;
    } else return false;
  }
  while (pattern[of] === '*') of += 1;
  return of === pattern.length;
}
