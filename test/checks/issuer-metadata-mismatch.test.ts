import { describe, expect, it } from 'vitest';
import { issuerMetadataMismatch } from '../../src/checks/issuer-metadata-mismatch.ts';
import { configured, OTHER_TENANT, TENANT, v1, v2 } from './builders.ts';

const run = (iss: string, published: string) =>
  issuerMetadataMismatch.run({
    trustedIssuer: { ...configured, issuer: iss },
    issuerMetadata: {
      url: 'https://issuer.example/metadata',
      issuer: published,
      jwksUri: 'https://issuer.example/keys',
    },
  });

describe('issuer-metadata-mismatch', () => {
  it.each([
    ['v1', v1(TENANT)],
    ['v2', v2(TENANT)],
    ['without a slash', 'https://token.actions.githubusercontent.com'],
  ])('passes equal ones: %s', (_name, issuer) => {
    expect(run(issuer, issuer).outcome).toBe('pass');
  });

  it.each([
    ['slash too many', 'https://issuer.example/', 'https://issuer.example', { kind: 'trailing-slash', at: 22 }],
    ['slash missing', 'https://issuer.example', 'https://issuer.example/', { kind: 'trailing-slash', at: 22 }],
    ['letter case of the tenant', v1(TENANT.toUpperCase()), v1(TENANT), { kind: 'letter-case', at: 25 }],
    ['white space', `${v1(TENANT)} `, v1(TENANT), { kind: 'white-space', at: 61 }],
    ['another tenant', v1(OTHER_TENANT), v1(TENANT), { kind: 'other-tenant', at: 33 }],
    ['version', v2(TENANT), v1(TENANT), { kind: 'other', at: 8 }],
    ['the template of `common`', v2(TENANT), v2('{tenantid}'), { kind: 'other', at: 34 }],
    [
      'China: alias and real authority',
      `https://login.chinacloudapi.cn/${TENANT}/v2.0`,
      `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
      { kind: 'host-alias', at: 14 },
    ],
    ['published as nothing', 'https://issuer.example', '', { kind: 'other', at: 0 }],
  ])('fails: %s', (_name, iss, published, difference) => {
    expect(run(iss, published)).toMatchObject({ outcome: 'fail', expected: published, actual: iss, difference });
  });
});
