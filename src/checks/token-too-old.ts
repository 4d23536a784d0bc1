import { defineCheck, fail, pass, UNREADABLE } from './check.ts';
import { breaksRule, NOT_ASKED, UNRESTRICTED } from './ruled.ts';
import { dateOf } from './times.ts';

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
    return breaksRule('token-too-old', { token, issuerFamily, now }, rules)
      ? fail(`The token was issued longer ago than ${title} allows, or does not say when.`, seen)
      : pass('The token is young enough.', seen);
  },
});
