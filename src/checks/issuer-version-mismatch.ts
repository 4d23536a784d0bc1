import { stringClaim } from '../contract/claims.ts';
import { entraIssuer } from '../contract/clouds.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';

export const issuerVersionMismatch = defineCheck({
  id: 'issuer-version-mismatch',
  title: 'The issuer has the form of the version the token states',
  severity: 'error',
  needs: ['token'],
  behind: [...UNREADABLE, 'issuer-not-accepted'],
  remediation:
    'Get a new token from Entra and send it unaltered: v1 tokens carry the `sts` issuer, v2 tokens the `/v2.0` one.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#v10-and-v20-tokens',

  run({ token: { claims } }) {
    const version = entraIssuer(stringClaim(claims, 'iss') ?? '')?.version;
    const ver = stringClaim(claims, 'ver');
    if (version === undefined) return pass('The issuer is not Entra, so it has no version.');
    if (ver === undefined && claims.ver === undefined)
      return pass(`The token states no version; its issuer has the form of version ${version}.`);
    if (ver === version) return pass(`Issuer and \`ver\` both say ${version}.`);
    return fail(`The issuer has the form of version ${version}, the claim \`ver\` says ${shown(claims.ver)}.`, {
      expected: version,
      actual: shown(claims.ver),
    });
  },
});
