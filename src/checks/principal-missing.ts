import { stringClaim } from '../contract/claims.ts';
import { entraIssuer } from '../contract/clouds.ts';
import type { TargetName } from '../contract/target.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

/**
 * Claims that name the caller to the target, in the order it looks. AKS: kubeguard/guard, auth/providers/azure/azure.go.
 * Azure Resource Manager: its own refusal asks for one of the three and for a service principal (Azure/login #233, #501).
 */
const NAMING_CLAIMS: Readonly<Record<TargetName, readonly string[]>> = {
  'aks-api-server': ['upn', 'oid'],
  arm: ['oid', 'puid', 'altsecid'],
};

export const principalMissing = defineCheck({
  id: 'principal-missing',
  title: 'The token names a user or service principal',
  severity: 'error',
  needs: ['token', 'target'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation:
    'Create the service principal of the application in the tenant (`az ad sp create --id $CLIENT_ID`), then get a new token: without one Entra issues tokens that name nobody.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference',

  run({ token: { claims }, target }) {
    if (entraIssuer(stringClaim(claims, 'iss') ?? '') === undefined) {
      return unknown(
        'Which claim names the caller is for the configuration of the target to say, since the issuer is not Entra.',
      );
    }
    const names = NAMING_CLAIMS[target.name];
    const [first = ''] = names.filter((name) => claims[name] !== undefined);
    if (stringClaim(claims, first) !== undefined) return pass(`The caller is named by \`${first}\`.`);
    return fail(`The token names no caller that ${target.title} could let in.`, {
      expected: names.map((name) => `\`${name}\``).join(' or '),
      actual: first === '' ? 'none of them' : `\`${first}\`: ${shown(claims[first])}`,
      ...(first !== '' && {
        remediation: {
          text: `Get a new token and send it unaltered: Entra writes \`${first}\` as text or not at all.`,
        },
      }),
    });
  },
});
