import { stringClaim } from '../contract/claims.ts';
import { nearest } from '../contract/difference.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';
import { breaksRule, NOT_ASKED, UNRESTRICTED } from './ruled.ts';

export const subjectNotAccepted = defineCheck({
  id: 'subject-not-accepted',
  title: 'The subject of the token may come in',
  severity: 'error',
  needs: ['token', 'target', 'issuerFamily', 'now'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Get the token for a subject that is accepted, or add this one to `subjects`.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2',

  run({ token, target: { rules, title }, issuerFamily, now }) {
    if (!rules) return NOT_ASKED;
    if (rules.subjects.length === 0) return UNRESTRICTED;
    if (!breaksRule('subject-not-accepted', { token, issuerFamily, now }, rules))
      return pass('The subject is accepted.');
    const sub = stringClaim(token.claims, 'sub');
    const meant = sub === undefined ? undefined : nearest(rules.subjects, sub);
    const alike = meant && meant.difference.kind !== 'other' ? meant : undefined;
    return fail(`${title} does not accept the subject of the token.`, {
      expected: alike?.expected ?? rules.subjects.map(shown).join(' or '),
      actual: shown(token.claims.sub),
      difference: alike?.difference,
    });
  },
});
