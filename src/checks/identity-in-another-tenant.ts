import { defineCheck, fail, pass, shown, unknown } from './check.ts';

export const identityInAnotherTenant = defineCheck({
  id: 'identity-in-another-tenant',
  title: 'The workload asks the tenant of the identity',
  severity: 'error',
  needs: ['identity', 'askedTenant'],
  behind: ['identity-not-found', 'identity-id-mistaken'],
  remediation:
    'Ask the tenant of the identity: set `AZURE_TENANT_ID`, or the annotation `azure.workload.identity/tenant-id`, to it.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',

  run({ identity: { kind, tenantId, signInAudience }, askedTenant }) {
    if (tenantId === undefined)
      return unknown(
        kind === 'application'
          ? 'The tenant of the application is not known; its service principal tells (`az ad sp show`, handed in as `evidence.identity`).'
          : 'The tenant of the identity is not known.',
      );
    if (tenantId.toLowerCase() === askedTenant) return pass(`Both are the tenant ${tenantId}.`);
    if (kind === 'enterprise-application' || (kind === 'application' && signInAudience !== 'AzureADMyOrg'))
      return unknown(
        'The workload asks another tenant than the one the application is registered in, which one of several tenants may be used in.',
        { expected: shown(tenantId), actual: shown(askedTenant) },
      );
    return fail('The workload asks another tenant than the one the identity lives in.', {
      expected: shown(tenantId),
      actual: shown(askedTenant),
    });
  },
});
