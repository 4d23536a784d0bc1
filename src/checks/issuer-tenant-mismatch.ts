import { stringClaim } from '../contract/claims.ts';
import { entraIssuer } from '../contract/clouds.ts';
import { difference } from '../contract/difference.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';

export const issuerTenantMismatch = defineCheck({
  id: 'issuer-tenant-mismatch',
  title: 'The issuer names the tenant that `tid` names',
  severity: 'error',
  needs: ['token'],
  behind: [...UNREADABLE, 'issuer-not-accepted'],
  remediation: 'Get a new token from Entra and send it unaltered: the tenant in `iss` and in `tid` is always the same.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer',

  run({ token: { claims } }) {
    const tenant = entraIssuer(stringClaim(claims, 'iss') ?? '')?.tenant;
    if (tenant === undefined) return pass('The issuer is not Entra, so there is no `tid` to agree with.');
    const { tid } = claims;
    if (tid === tenant) return pass(`Issuer and \`tid\` both name tenant ${tenant}.`);
    if (typeof tid !== 'string')
      return fail('The token has no `tid`, which every Entra token has.', { expected: tenant, actual: shown(tid) });
    const slip = difference(tenant, tid);
    return fail(
      slip?.kind === 'letter-case'
        ? 'Issuer and `tid` spell the tenant in different letter case.'
        : 'The issuer names one tenant and `tid` another.',
      {
        expected: tenant,
        actual: shown(tid),
        difference: slip?.kind === 'other' ? { ...slip, kind: 'other-tenant' } : slip,
      },
    );
  },
});
