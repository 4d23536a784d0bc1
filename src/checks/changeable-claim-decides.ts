import { stringClaim } from '../contract/claims.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';
import { NOT_ASKED } from './ruled.ts';

/** Claims that users or their administrators change (entra-docs, claims-validation.md). */
const CHANGEABLE = ['email', 'upn', 'preferred_username', 'unique_name', 'name'];

export const changeableClaimDecides = defineCheck({
  id: 'changeable-claim-decides',
  title: 'The rules decide by ids and not by names or addresses',
  severity: 'warning',
  needs: ['token', 'target'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation:
    'Decide by `oid` and `tid`, or by the `sub` of the token: names and addresses can be changed and given to somebody else. `subjects` is compared with `sub` alone.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/claims-validation',

  run({ token: { claims }, target: { name, rules } }) {
    if (name === 'servicenow-oidc')
      return unknown(
        'ServiceNow finds the user by the claim in its field User Claim. Of those it is mostly set to, `upn`, `email` and the like can be changed.',
        {
          expected: '`oid` or `sub`',
          actual: CHANGEABLE.filter((claim) => stringClaim(claims, claim) !== undefined).join(', ') || 'none of them',
        },
      );
    if (!rules) return NOT_ASKED;
    const named = rules.subjects.filter(
      (subject) => /^[^@\s/]+@[^@\s]+$/.test(subject) || CHANGEABLE.some((claim) => claims[claim] === subject),
    );
    return named.length === 0
      ? pass('No rule names one.')
      : fail('`subjects` holds what looks like names or addresses.', {
          expected: 'values of `sub`',
          actual: named.map(shown).join(', '),
        });
  },
});
