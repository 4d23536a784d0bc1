import { stringClaim } from '../contract/claims.ts';
import { entraIssuer } from '../contract/clouds.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

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
    if (!target.principal)
      return {
        outcome: 'not-applicable',
        summary: `What names the caller to ${target.title} is judged by its own rules.`,
      };
    const { claims: names, missing } = target.principal;
    if (target.issuers.startsWith('entra') && entraIssuer(stringClaim(claims, 'iss') ?? '') === undefined) {
      return unknown(
        'Which claim names the caller is for the configuration of the target to say, since the issuer is not Entra.',
      );
    }
    const [first = ''] = names.filter((name) => claims[name] !== undefined);
    if (stringClaim(claims, first) !== undefined) return pass(`The caller is named by \`${first}\`.`);
    const seen = {
      expected: names.map((name) => `\`${name}\``).join(' or '),
      actual: first === '' ? 'none of them' : `\`${first}\`: ${shown(claims[first])}`,
    };
    if (missing === 'unknown')
      return unknown(
        target.name === 'servicenow-oidc'
          ? 'The token names no user, as that of an application does not. ServiceNow lets it in where the User Claim is one that it has (`oid`, `appid`, `azp`) and a user record holds its value.'
          : `The token has no \`${names[0]}\`, which names the caller. No source says what ${target.title} makes of it.`,
        seen,
      );
    return fail(`The token names no caller that ${target.title} could let in.`, {
      ...seen,
      ...(first !== '' && {
        remediation: {
          text: `Get a new token and send it unaltered: its issuer writes \`${first}\` as text or not at all.`,
        },
      }),
      ...(first === '' &&
        target.name === 'token-exchange' && {
          remediation: { text: 'Get a new token: one without `sub` fits no federated credential.' },
        }),
    });
  },
});
