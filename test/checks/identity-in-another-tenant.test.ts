import { describe, expect, it } from 'vitest';
import { identityInAnotherTenant } from '../../src/checks/identity-in-another-tenant.ts';
import { OTHER_TENANT, TENANT } from './builders.ts';
import { applicationOf, identityOf } from './federation-builders.ts';

const run = (tenantId: string | undefined, askedTenant = TENANT) =>
  identityInAnotherTenant.run({ identity: identityOf({ tenantId }), askedTenant });

describe('identity-in-another-tenant', () => {
  it.each([
    ['its own', TENANT, 'pass'],
    ['its own, written in capitals by Azure', TENANT.toUpperCase(), 'pass'],
    ['another', OTHER_TENANT, 'fail'],
    ['nearly its own', `${TENANT.slice(0, -1)}7`, 'fail'],
    ['not known', undefined, 'unknown'],
  ])('%s', (_name, tenantId, outcome) => {
    expect(run(tenantId).outcome).toBe(outcome);
  });

  it('shows the tenant of the identity beside the one that is asked', () => {
    expect(run(OTHER_TENANT)).toMatchObject({ expected: OTHER_TENANT, actual: TENANT });
  });

  it.each([
    ['of one tenant', applicationOf({ tenantId: OTHER_TENANT }), 'fail'],
    ['of several', applicationOf({ tenantId: OTHER_TENANT, signInAudience: 'AzureADMultipleOrgs' }), 'unknown'],
    ['of which that is not told', applicationOf({ tenantId: OTHER_TENANT, signInAudience: undefined }), 'unknown'],
    [
      'that is registered elsewhere',
      applicationOf({ kind: 'enterprise-application', tenantId: OTHER_TENANT }),
      'unknown',
    ],
  ])('may not matter to an application %s', (_name, identity, outcome) => {
    expect(identityInAnotherTenant.run({ identity, askedTenant: TENANT }).outcome).toBe(outcome);
  });
});
