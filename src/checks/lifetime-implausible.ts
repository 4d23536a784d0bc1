import { timeClaim } from '../contract/claims.ts';
import { inWords } from '../contract/duration.ts';
import type { IssuerFamily } from '../contract/evidence.ts';
import { isJsonObject, type JsonObject } from '../contract/json.ts';
import { ENTRA_ACCESS_TOKENS, type TokenKind } from '../contract/token-kind.ts';
import { defineCheck, fail, pass, UNREADABLE } from './check.ts';
import { dateOf } from './times.ts';

const HOUR = 3600;
/** Of clients that answer claims challenges (entra-docs, access-tokens.md). */
const LONGEST_OF_ENTRA_SECONDS = 28 * HOUR;
/** Longest that AKS projects (azure-aks-docs, use-oidc-issuer.md). */
const LONGEST_OF_PODS_SECONDS = 24 * HOUR;

export const lifetimeImplausible = defineCheck({
  id: 'lifetime-implausible',
  title: 'The token lives as long as its issuer lets tokens live',
  // Receivers do not look at it; it shows a token that was made up, or a clock that jumps.
  severity: 'warning',
  needs: ['token', 'tokenKind', 'issuerFamily'],
  behind: UNREADABLE,
  remediation: 'Find out who made this token: its issuer gives none such a lifetime.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime',

  run({ token: { claims }, tokenKind, issuerFamily }) {
    const exp = timeClaim(claims, 'exp');
    const start = ['iat', 'nbf'].find((name) => typeof timeClaim(claims, name) === 'number');
    if (typeof exp !== 'number' || start === undefined)
      return { outcome: 'not-applicable', summary: 'The token does not state its whole lifetime.' };
    const lifetime = exp - Number(timeClaim(claims, start));
    const times = {
      actual: `${dateOf(claims, start)} to ${dateOf(claims, 'exp')}`,
    };
    if (lifetime <= 0) return fail('The token expires before it is issued, so it is never valid.', times);
    const longest = isExtended(claims) ? undefined : longestOf(tokenKind, issuerFamily);
    const lived = `The token lives for ${inWords(lifetime)}`;
    if (longest !== undefined && lifetime > longest)
      return fail(`${lived}; its issuer lets none live longer than ${inWords(longest)}.`, times);
    const challenged = Array.isArray(claims.xms_cc) && claims.xms_cc.includes('cp1');
    return pass(
      challenged
        ? `${lived}. Its client answers claims challenges (\`xms_cc\`), so a receiver may refuse it before it expires and ask for a new one.`
        : `${lived}.`,
    );
  },
});

/** Other clusters, and AKS before 1.30, extend tokens for their own API server to a year. */
function longestOf({ kind }: TokenKind, family: IssuerFamily | 'unknown'): number | undefined {
  if (ENTRA_ACCESS_TOKENS.includes(kind)) return LONGEST_OF_ENTRA_SECONDS;
  return family === 'aks' ? LONGEST_OF_PODS_SECONDS : undefined;
}

/** kubernetes/kubernetes #96273: such a token says when it should have been renewed. */
const isExtended = ({ 'kubernetes.io': kubernetes }: JsonObject): boolean =>
  isJsonObject(kubernetes) && kubernetes.warnafter !== undefined;
