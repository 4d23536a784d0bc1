import { entraIssuer } from '../contract/clouds.ts';
import { isServiceConnection } from './application-multitenant.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

export const federationAcrossTenants = defineCheck({
  id: 'federation-across-tenants',
  title: 'A managed identity vouches inside its own tenant',
  severity: 'error',
  needs: ['assertion', 'identity'],
  behind: [...UNREADABLE, 'identity-not-found', 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation:
    'Register the application in the tenant of the managed identity (as a multitenant one if it must reach others): a token of Entra is exchanged in its own tenant alone.',
  reference:
    'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity',

  run({ assertion: { issuer = '', subject = '' }, identity: { tenantId, kind } }) {
    const entra = entraIssuer(issuer);
    if (!entra) return { outcome: 'not-applicable', summary: 'The token is not one of Entra.' };
    if ((kind === 'user-assigned' || kind === 'managed-identity') && !isServiceConnection(subject))
      return unknown('Whether a managed identity takes tokens of other identities is not documented; applications do.');
    if (tenantId === undefined)
      return unknown(
        'The tenant of the identity is not known, and has to be the one of the token: of an application its service principal tells (`az ad sp show`, handed in as `evidence.identity`).',
      );
    if (tenantId.toLowerCase() === entra.tenant) return pass(`Both are in the tenant ${entra.tenant}.`);
    return fail('The token was issued by another tenant than the one of the identity.', {
      expected: shown(tenantId),
      actual: shown(entra.tenant),
    });
  },
});
