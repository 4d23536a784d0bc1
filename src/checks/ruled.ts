import { type AcceptanceRule, breaks } from '../contract/acceptance.ts';
import type { AcceptanceRules, Grants } from '../contract/policy.ts';
import { type Present, pass, type Ruling } from './check.ts';

/** Whether the token breaks a rule of the target; decisions judge by the same. */
export const breaksRule = (
  rule: AcceptanceRule,
  { token, issuerFamily, now }: Present<'token' | 'issuerFamily' | 'now'>,
  rules: AcceptanceRules,
): boolean => breaks[rule]({ ...token, family: issuerFamily, nowSeconds: now.getTime() / 1000 }, rules);

/** Of targets that have no such rule. */
export const NOT_ASKED: Ruling = { outcome: 'not-applicable', summary: 'The target asks for nothing of this kind.' };

/** Of rules that restrict nothing. */
export const UNRESTRICTED: Ruling = pass('The target restricts nothing of this kind.');

/** What a rule about grants asks for. */
export const grantsInWords = ({ any, all }: Grants): string =>
  [
    ...(all.length > 0 ? [`all of ${all.join(', ')}`] : []),
    ...(any.length > 0 ? [`one of ${any.join(', ')}`] : []),
  ].join('; ');
