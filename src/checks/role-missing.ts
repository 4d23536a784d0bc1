import { rolesOf } from '../contract/claims.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';
import { breaksRule, grantsInWords, NOT_ASKED, UNRESTRICTED } from './ruled.ts';

export const roleMissing = defineCheck({
  id: 'role-missing',
  title: 'The token has the roles that are asked for',
  severity: 'error',
  needs: ['token', 'target', 'issuerFamily', 'now'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation:
    'Assign the role to the caller in the enterprise application of the API, with consent for an application, then get a new token.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/howto-add-app-roles-in-apps',

  run({ token, target: { rules, title }, issuerFamily, now }) {
    if (!rules) return NOT_ASKED;
    if (grantsInWords(rules.roles) === '') return UNRESTRICTED;
    const seen = { expected: grantsInWords(rules.roles), actual: shown(rolesOf(token.claims).join(' ') || 'none') };
    return breaksRule('role-missing', { token, issuerFamily, now }, rules)
      ? fail(`The token lacks a role that ${title} asks for.`, seen)
      : pass('The roles are granted.');
  },
});
