import { inWords } from '../contract/duration.ts';
import type { JsonObject } from '../contract/json.ts';
import { defineCheck, fail, pass, type Ruling, shown, UNREADABLE, unknown } from './check.ts';
import { breaksRule } from './ruled.ts';
import { dateOf, LARGEST_CLOCK_SKEW_SECONDS, secondsUntil } from './times.ts';

export const tokenNotYetValid = defineCheck({
  id: 'token-not-yet-valid',
  title: 'The token is already valid',
  severity: 'error',
  needs: ['token', 'now', 'target', 'issuerFamily'],
  behind: UNREADABLE,
  remediation:
    'Set the clock of the machine that asks for tokens and of the one that checks them by NTP, then get a new token.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5',

  run({ token, now, target, issuerFamily }) {
    const { claims } = token;
    if (target.rules?.clockToleranceSeconds !== undefined) {
      return breaksRule('token-not-yet-valid', { token, issuerFamily, now }, target.rules)
        ? fail(
            `By \`nbf\` or \`iat\` the token is not valid yet, beyond the ${target.rules.clockToleranceSeconds} s that ${target.title} allows for.`,
            {
              expected: `at or before ${now.toISOString()}`,
              actual: shown({ nbf: claims.nbf, iat: claims.iat }),
            },
          )
        : pass('The token is valid already.');
    }
    const wait = secondsUntil(claims, 'nbf', now);
    if (wait === 'absent') return notIssuedYet(claims, now);
    if (wait === 'malformed') return fail('The claim `nbf` is not a number of seconds.', { actual: shown(claims.nbf) });
    if (wait <= 0) return notIssuedYet(claims, now);
    const times = { expected: `at or before ${now.toISOString()}`, actual: dateOf(claims, 'nbf') };
    if (wait <= LARGEST_CLOCK_SKEW_SECONDS) {
      return unknown(
        `The token becomes valid in ${inWords(wait)}. Receivers allow for clock differences up to ${LARGEST_CLOCK_SKEW_SECONDS} s, each its own.`,
        times,
      );
    }
    return fail(`The token becomes valid in ${inWords(wait)} only.`, times);
  },
});

/** No rule of the known receivers speaks of `iat`; one in the future shows a clock that is wrong, or a token that was made up. */
function notIssuedYet(claims: JsonObject, now: Date): Ruling {
  const since = typeof claims.nbf === 'number' ? ` since ${dateOf(claims, 'nbf')}` : '';
  const wait = secondsUntil(claims, 'iat', now);
  if (wait === 'absent') return pass(`The token is valid${since}.`);
  if (wait === 'malformed')
    return unknown('The claim `iat` is not a number of seconds.', { actual: shown(claims.iat) });
  if (wait <= LARGEST_CLOCK_SKEW_SECONDS) return pass(`The token is valid${since}.`);
  return unknown(
    `The token is said to be issued in ${inWords(wait)}: the clock of its issuer or the one here is wrong. Some receivers refuse it.`,
    {
      expected: `at or before ${now.toISOString()}`,
      actual: dateOf(claims, 'iat'),
    },
  );
}
