import { defineCheck, fail, pass, UNREADABLE, unknown } from './check.ts';
import { breaksRule, NOT_ASKED, UNRESTRICTED } from './ruled.ts';
import { dateOf, LARGEST_CLOCK_SKEW_SECONDS } from './times.ts';

export const tokenTooOld = defineCheck({
  id: 'token-too-old',
  title: 'The token was issued recently enough',
  severity: 'error',
  needs: ['token', 'target', 'issuerFamily', 'now'],
  behind: UNREADABLE,
  remediation:
    'Get a new token: the receiver takes none that was issued longer ago than it allows, whatever `exp` says.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6',

  run({ token, target: { rules, title }, issuerFamily, now }) {
    if (!rules) return NOT_ASKED;
    if (rules.maxTokenAgeSeconds === null) return UNRESTRICTED;
    const seen = {
      expected: `at most ${rules.maxTokenAgeSeconds} s before ${now.toISOString()}`,
      actual: dateOf(token.claims, 'iat'),
    };
    const presented = { token, issuerFamily, now };
    const broken = breaksRule('token-too-old', presented, rules);
    const atMost = { ...rules, clockToleranceSeconds: rules.clockToleranceSeconds ?? LARGEST_CLOCK_SKEW_SECONDS };
    if (broken && !breaksRule('token-too-old', presented, atMost))
      return unknown(`The token is about as old as ${title} allows. Nothing says what it allows for clocks.`, seen);
    return broken
      ? fail(`The token was issued longer ago than ${title} allows, or does not say when.`, seen)
      : pass('The token is young enough.', seen);
  },
});
