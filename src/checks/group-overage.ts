import { stringClaim } from '../contract/claims.ts';
import { isJsonObject, type JsonObject } from '../contract/json.ts';
import { defineCheck, fail, pass, UNREADABLE, unknown } from './check.ts';

export const groupOverage = defineCheck({
  id: 'group-overage',
  title: 'The caller’s groups are in the token, or the target can look them up',
  severity: 'error',
  needs: ['token', 'target'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted', 'audience-not-accepted'],
  remediation:
    'Bring the service principal down to 200 groups or fewer, or use one of its own for this cluster; then get a new token.',
  reference: 'https://learn.microsoft.com/azure/aks/kubelogin-authentication',

  run({ token: { claims }, target }) {
    if (target.name !== 'aks-api-server')
      return { outcome: 'not-applicable', summary: 'Groups in the token matter to the AKS API server only.' };
    if (!overflowed(claims)) return pass('The token carries its groups, or there are none.');
    const idtyp = stringClaim(claims, 'idtyp');
    if (idtyp === 'user' || (idtyp === undefined && stringClaim(claims, 'scp') !== undefined)) {
      return pass('The user is in too many groups for the token; AKS looks them up.');
    }
    if (idtyp === 'app') {
      return fail('The service principal is in more than 200 groups, so the token lists none, and AKS answers 401.', {
        expected: 'at most 200 groups',
        actual: '`_claim_names` or `hasgroups` in place of `groups`',
      });
    }
    return unknown(
      'The caller is in too many groups for the token. AKS looks those of a user up and refuses a service principal; the token does not say which it is.',
    );
  },
});

/** entra-docs, access-token-claims-reference.md: above the limit a pointer stands in place of the list. */
function overflowed(claims: JsonObject): boolean {
  if (claims.groups !== undefined) return false;
  const names = claims._claim_names;
  return (
    (claims.hasgroups !== undefined && claims.hasgroups !== false) ||
    (isJsonObject(names) && names.groups !== undefined)
  );
}
