import { stringClaim } from '../contract/claims.ts';
import { entraIssuer } from '../contract/clouds.ts';
import { inWords } from '../contract/duration.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';
import { breaksRule } from './ruled.ts';
import { dateOf, LARGEST_CLOCK_SKEW_SECONDS, secondsUntil } from './times.ts';

export const tokenExpired = defineCheck({
  id: 'token-expired',
  title: 'The token has not expired',
  severity: 'error',
  needs: ['token', 'now', 'target', 'issuerFamily'],
  behind: UNREADABLE,
  remediation: 'Get a new token, and have the caller ask for one before the old one expires instead of keeping it.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4',

  run({ token, now, target, issuerFamily }) {
    const { claims } = token;
    const left = secondsUntil(claims, 'exp', now);
    if (left === 'absent' && !target.rules && entraIssuer(stringClaim(claims, 'iss') ?? '') === undefined) {
      return unknown(
        'The token has no `exp`. Entra issues none without it; another issuer may, and its receivers may take it.',
      );
    }
    if (left === 'absent')
      return fail('The token has no `exp`: it would be valid for ever, and Entra issues none like it.', {
        actual: shown(claims.exp),
      });
    if (left === 'malformed') return fail('The claim `exp` is not a number of seconds.', { actual: shown(claims.exp) });
    if (left > 0) return pass(`The token is valid for another ${inWords(left)}, until ${dateOf(claims, 'exp')}.`);
    const times = { expected: `after ${now.toISOString()}`, actual: dateOf(claims, 'exp') };
    const tolerance = target.rules?.clockToleranceSeconds;
    if (target.rules && tolerance !== undefined) {
      return breaksRule('token-expired', { token, issuerFamily, now }, target.rules)
        ? fail(`The token expired ${inWords(-left)} ago; ${target.title} allows for ${tolerance} s.`, times)
        : pass(
            `The token expired ${inWords(-left)} ago, within the ${tolerance} s that ${target.title} allows for.`,
            times,
          );
    }
    if (-left <= LARGEST_CLOCK_SKEW_SECONDS) {
      return unknown(
        `The token expired ${inWords(-left)} ago. Receivers allow for clock differences up to ${LARGEST_CLOCK_SKEW_SECONDS} s, each its own: get a new one.`,
        times,
      );
    }
    return fail(`The token expired ${inWords(-left)} ago.`, times);
  },
});
