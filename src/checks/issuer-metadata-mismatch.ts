import { difference } from '../contract/difference.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';

export const issuerMetadataMismatch = defineCheck({
  id: 'issuer-metadata-mismatch',
  title: 'The issuer’s own metadata names the issuer in the token',
  severity: 'error',
  needs: ['trustedIssuer', 'issuerMetadata'],
  behind: [...UNREADABLE, 'issuer-not-accepted'],
  remediation:
    'Correct the issuer: receivers compare `iss` with the `issuer` of its metadata letter for letter, and refuse on any difference.',
  reference: 'https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation',

  run({ trustedIssuer, issuerMetadata }) {
    if (issuerMetadata.issuer === trustedIssuer.issuer)
      return pass(`The metadata at ${issuerMetadata.url} names this issuer.`);
    return fail(`The metadata at ${issuerMetadata.url} names another issuer.`, {
      expected: shown(issuerMetadata.issuer),
      actual: shown(trustedIssuer.issuer),
      difference: difference(issuerMetadata.issuer, trustedIssuer.issuer),
    });
  },
});
