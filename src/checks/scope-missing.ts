import { scopesOf } from '../contract/claims.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';
import { breaksRule, grantsInWords, NOT_ASKED, UNRESTRICTED } from './ruled.ts';

export const scopeMissing = defineCheck({
  id: 'scope-missing',
  title: 'The token has the scopes that are asked for',
  severity: 'error',
  needs: ['token', 'target', 'issuerFamily', 'now'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation:
    'Ask for the scopes at Entra (v2 `scope=…`) and have them consented to; an application has roles instead.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/scopes-oidc',

  run({ token, target: { rules, title }, issuerFamily, now }) {
    if (!rules) return NOT_ASKED;
    if (grantsInWords(rules.scopes) === '') return UNRESTRICTED;
    const seen = {
      expected: grantsInWords(rules.scopes),
      actual: shown(scopesOf(token.claims, issuerFamily).join(' ') || 'none'),
    };
    return breaksRule('scope-missing', { token, issuerFamily, now }, rules)
      ? fail(`The token lacks a scope that ${title} asks for.`, seen)
      : pass('The scopes are granted.');
  },
});
