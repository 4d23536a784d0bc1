import { describe, expect, it } from 'vitest';
import { webhookNamesAnotherTenant } from '../../src/checks/webhook-names-another-tenant.ts';
import type { Cluster } from '../../src/contract/federation.ts';
import { OTHER_TENANT, TENANT } from './builders.ts';
import { clusterIssuer, clusterOf, identityOf } from './federation-builders.ts';

type More = { [K in keyof Cluster]?: Cluster[K] | undefined };
const run = (more: More, tenantId: string | undefined = TENANT) =>
  webhookNamesAnotherTenant.run({
    cluster: clusterOf(more),
    identity: identityOf({ tenantId: tenantId || undefined }),
  });

describe('webhook-names-another-tenant', () => {
  it.each<[string, More, string]>([
    ['one tenant, by the issuer', {}, 'pass'],
    ['one tenant, as the cluster says', { oidcIssuer: undefined, tenantId: TENANT }, 'pass'],
    ['one tenant, in capitals', { oidcIssuer: undefined, tenantId: TENANT.toUpperCase() }, 'pass'],
    ['another, by the issuer', { oidcIssuer: clusterIssuer(undefined, OTHER_TENANT) }, 'fail'],
    ['another, as the cluster says', { oidcIssuer: undefined, tenantId: OTHER_TENANT }, 'fail'],
    ['an older issuer', { oidcIssuer: `https://oidc.prod-aks.azure.com/${OTHER_TENANT}/` }, 'not-applicable'],
    ['an issuer of nobody', { oidcIssuer: `https://issuer.example/${OTHER_TENANT}/` }, 'not-applicable'],
    ['no issuer', { oidcIssuer: undefined }, 'not-applicable'],
  ])('%s', (_name, more, outcome) => {
    expect(run(more).outcome).toBe(outcome);
  });

  it('says nothing where the tenant of the identity is not known', () => {
    expect(run({}, '').outcome).toBe('not-applicable');
  });

  it('shows both, and only warns', () => {
    const ruling = run({ oidcIssuer: clusterIssuer(undefined, OTHER_TENANT) });
    expect(ruling).toMatchObject({ expected: TENANT, actual: OTHER_TENANT });
    expect(webhookNamesAnotherTenant.severity).toBe('warning');
  });
});
