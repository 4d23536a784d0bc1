import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';
import { dateOf, inWords, LARGEST_CLOCK_SKEW_SECONDS, secondsUntil } from './times.ts';

export const tokenNotYetValid = defineCheck({
  id: 'token-not-yet-valid',
  title: 'The token is already valid',
  severity: 'error',
  needs: ['token', 'now'],
  behind: UNREADABLE,
  remediation:
    'Set the clock of the machine that asks for tokens and of the one that checks them by NTP, then get a new token.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5',

  run({ token: { claims }, now }) {
    const wait = secondsUntil(claims, 'nbf', now);
    if (wait === 'absent') return pass('The token states no time before which it is not valid.');
    if (wait === 'malformed') return fail('The claim `nbf` is not a number of seconds.', { actual: shown(claims.nbf) });
    if (wait <= 0) return pass(`The token is valid since ${dateOf(claims, 'nbf')}.`);
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
