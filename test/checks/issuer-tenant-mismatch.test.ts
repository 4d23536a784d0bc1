import { describe, expect, it } from 'vitest';
import { issuerTenantMismatch } from '../../src/checks/issuer-tenant-mismatch.ts';
import type { TrustedIssuer } from '../../src/contract/evidence.ts';
import { cluster, configured, entra, OTHER_TENANT, TENANT, tokenWith } from './builders.ts';

const run = (trustedIssuer: TrustedIssuer, tid: unknown) =>
  issuerTenantMismatch.run({ token: tokenWith({ iss: trustedIssuer.issuer, tid }) });

describe('issuer-tenant-mismatch', () => {
  it.each<[string, TrustedIssuer, unknown]>([
    ['v1', entra('1.0'), TENANT],
    ['v2', entra('2.0'), TENANT],
    ['a cluster issuer: its tokens have no `tid`', cluster, undefined],
    ['a cluster issuer, another `tid`', cluster, OTHER_TENANT],
    ['a configured issuer', configured, undefined],
  ])('passes: %s', (_name, issuer, tid) => {
    expect(run(issuer, tid).outcome).toBe('pass');
  });

  it.each<[string, string, { kind: string; at: number }]>([
    ['another tenant', OTHER_TENANT, { kind: 'other-tenant', at: 9 }],
    ['other letter case', TENANT.toUpperCase(), { kind: 'letter-case', at: 1 }],
    ['one letter in other case', TENANT.replace('c', 'C'), { kind: 'letter-case', at: 5 }],
    ['another tenant in other letter case', OTHER_TENANT.toUpperCase(), { kind: 'other-tenant', at: 1 }],
    ['white space behind', `${TENANT} `, { kind: 'white-space', at: 36 }],
    ['white space in front', ` ${TENANT}`, { kind: 'white-space', at: 0 }],
    ['a slash behind', `${TENANT}/`, { kind: 'trailing-slash', at: 36 }],
    ['a tenant name', 'contoso.onmicrosoft.com', { kind: 'other-tenant', at: 0 }],
    ['one digit short', TENANT.slice(0, -1), { kind: 'other-tenant', at: 35 }],
    ['empty', '', { kind: 'other-tenant', at: 0 }],
  ])('fails: %s', (_name, tid, difference) => {
    expect(run(entra(), tid)).toMatchObject({ outcome: 'fail', expected: TENANT, actual: tid, difference });
  });

  it('does not speak of two tenants where only the letter case differs', () => {
    const two = run(entra(), OTHER_TENANT).summary;
    expect(run(entra(), TENANT.toUpperCase()).summary).not.toBe(two);
    expect(run(entra(), OTHER_TENANT.toUpperCase()).summary).toBe(two);
  });

  it.each<[string, unknown, string]>([
    ['absent', undefined, 'absent'],
    ['null', null, 'null'],
    ['a number', 1, '1'],
    ['the right one in a list', [TENANT], `["${TENANT}"]`],
  ])('fails without a difference: %s', (_name, tid, actual) => {
    const ruling = run(entra(), tid);
    expect(ruling).toMatchObject({ outcome: 'fail', expected: TENANT, actual });
    expect(ruling.difference).toBeUndefined();
  });
});
