import { describe, expect, it } from 'vitest';
import { webhookNamesAnotherTenant } from '../../src/checks/webhook-names-another-tenant.ts';
import type { Cluster } from '../../src/contract/federation.ts';
import { OTHER_TENANT, TENANT } from './builders.ts';
import { assertionOf, clusterOf, identityOf, SUBJECT } from './federation-builders.ts';

type More = { [K in keyof Cluster]?: Cluster[K] | undefined };
const run = (more: More, tenantId: string | undefined = TENANT, subject: string | undefined = SUBJECT) =>
  webhookNamesAnotherTenant.run({
    cluster: clusterOf(more),
    identity: identityOf({ tenantId: tenantId || undefined }),
    assertion: assertionOf({ subject }),
  });

describe('webhook-names-another-tenant', () => {
  it.each<[string, More, string]>([
    ['one tenant', { tenantId: TENANT }, 'pass'],
    ['one tenant, in capitals', { tenantId: TENANT.toUpperCase() }, 'pass'],
    ['another', { tenantId: OTHER_TENANT }, 'fail'],
    ['one that is not known', {}, 'not-applicable'],
  ])('%s', (_name, more, outcome) => {
    expect(run(more).outcome).toBe(outcome);
  });

  it('says nothing where the tenant of the identity is not known', () => {
    expect(run({ tenantId: TENANT }, '').outcome).toBe('not-applicable');
  });

  it('is about pods alone', () => {
    expect(run({ tenantId: OTHER_TENANT }, TENANT, 'repo:a/b:pull_request').outcome).toBe('not-applicable');
  });

  it('shows both, and only warns', () => {
    const ruling = run({ tenantId: OTHER_TENANT });
    expect(ruling).toMatchObject({ expected: TENANT, actual: OTHER_TENANT });
    expect(webhookNamesAnotherTenant.severity).toBe('warning');
  });
});
