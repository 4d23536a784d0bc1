import { describe, expect, it } from 'vitest';
import { federationAcrossTenants } from '../../src/checks/federation-across-tenants.ts';
import type { FederatedIdentity } from '../../src/contract/federation.ts';
import { OTHER_TENANT, TENANT, v1, v2 } from './builders.ts';
import { applicationOf, assertionOf, GITHUB, ISSUER, identityOf } from './federation-builders.ts';

const run = (issuer: string | undefined, identity: FederatedIdentity = applicationOf()) =>
  federationAcrossTenants.run({ assertion: assertionOf({ issuer }), identity });

describe('federation-across-tenants', () => {
  it.each<[string, string | undefined, string]>([
    ['its own tenant', v2(TENANT), 'pass'],
    ['its own tenant, v1', v1(TENANT), 'pass'],
    ['another tenant', v2(OTHER_TENANT), 'fail'],
    ['another tenant, v1', v1(OTHER_TENANT), 'fail'],
    ['a cluster of another tenant', ISSUER.replace(TENANT, OTHER_TENANT), 'not-applicable'],
    ['GitHub', GITHUB, 'not-applicable'],
    ['nearly Entra’s', `${v2(OTHER_TENANT)}/`, 'not-applicable'],
    ['nobody', undefined, 'not-applicable'],
  ])('a token of %s', (_name, issuer, outcome) => {
    expect(run(issuer).outcome).toBe(outcome);
  });

  it.each<[string, FederatedIdentity, string, string]>([
    ['a managed identity, of which no source tells', identityOf(), v2(TENANT), 'unknown'],
    ['a managed identity elsewhere', identityOf(), v2(OTHER_TENANT), 'unknown'],
    ['a managed identity with tokens of a cluster', identityOf(), ISSUER, 'not-applicable'],
    ['an application of unknown tenant', applicationOf({ tenantId: undefined }), v2(TENANT), 'unknown'],
    ['a tenant in capitals', applicationOf({ tenantId: TENANT.toUpperCase() }), v2(TENANT), 'pass'],
  ])('%s', (_name, identity, issuer, outcome) => {
    expect(run(issuer, identity).outcome).toBe(outcome);
  });

  it('shows both tenants', () => {
    expect(run(v2(OTHER_TENANT))).toMatchObject({ expected: TENANT, actual: OTHER_TENANT });
  });
});
