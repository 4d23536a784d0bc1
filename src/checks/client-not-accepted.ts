import { clientOf } from '../contract/claims.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';
import { breaksRule, NOT_ASKED, UNRESTRICTED } from './ruled.ts';

export const clientNotAccepted = defineCheck({
  id: 'client-not-accepted',
  title: 'The client that asked for the token may come in',
  severity: 'error',
  needs: ['token', 'target', 'issuerFamily', 'now'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Have a client that is accepted ask for the token, or add this one to `clients`.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/claims-validation',

  run({ token, target: { rules, title }, issuerFamily, now }) {
    if (!rules) return NOT_ASKED;
    if (rules.clients.length === 0) return UNRESTRICTED;
    const seen = { expected: rules.clients.join(' or '), actual: shown(clientOf(token.claims, issuerFamily)) };
    return breaksRule('client-not-accepted', { token, issuerFamily, now }, rules)
      ? fail(`${title} does not accept the client the token was issued to.`, seen)
      : pass('The client is accepted.');
  },
});
