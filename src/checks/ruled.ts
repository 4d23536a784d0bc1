import type { Grants } from '../contract/policy.ts';
import { pass, type Ruling } from './check.ts';

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
