import { stringClaim } from '../contract/claims.ts';
import { isJsonObject } from '../contract/json.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

/** entra-docs, access-token-claims-reference.md: above the limit `_claim_names` (implicit flow: `hasgroups`) points elsewhere. */
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
    const { groups, hasgroups, _claim_names: names } = claims;
    if ((given(groups) && !isListOfStrings(groups)) || (given(names) && !isJsonObject(names))) {
      return fail(
        'The claim `groups` or `_claim_names` has no form that AKS can read, and it refuses the token then.',
        {
          actual: shown({ groups, _claim_names: names }),
          remediation: { text: 'Get a new token and send it unaltered: Entra writes both in a form that AKS reads.' },
        },
      );
    }
    const pointed = isJsonObject(names) && names.groups !== undefined;
    if (isListOfStrings(groups) || (!pointed && !hasgroups))
      return pass('The token carries its groups, or there are none.');
    const idtyp = stringClaim(claims, 'idtyp');
    if (idtyp === 'user' || (idtyp === undefined && stringClaim(claims, 'scp') !== undefined)) {
      return pass('The user is in too many groups for the token; AKS looks them up.');
    }
    if (idtyp === 'app' && pointed) {
      return fail('The service principal is in more than 200 groups, so the token lists none, and AKS answers 401.', {
        expected: 'at most 200 groups',
        actual: '`_claim_names` in place of `groups`',
      });
    }
    return unknown(
      'The caller is in too many groups for the token. AKS looks those of a user up and refuses a service principal; the token does not say which it is.',
    );
  },
});

const given = (value: unknown): boolean => value !== undefined && value !== null;
const isListOfStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
