import { describe, expect, it } from 'vitest';
import type { DecodedToken } from '../../src/contract/evidence.ts';
import { ValidateKeyRequest } from '../../src/contract/validate-key.ts';
import { furtherPlaces, locate } from '../../src/evidence/key-places.ts';
import { TENANT, v1, v2 } from '../checks/builders.ts';

const known = { cloud: 'public', issuers: [{ issuer: 'https://idp.example/' }], openOrigins: [] } as const;
const MS = 'https://login.microsoftonline.com';
const APP = 'a1a2a3a4-1111-4222-8333-444455556666';
const CLIENT = 'b1b2b3b4-1111-4222-8333-444455556666';
const CLUSTER = `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${APP}/`;
const tokenOf = (claims: object): DecodedToken => ({ header: {}, claims: { ...claims } });

const at = (request: object, claims?: object) => {
  const token = claims && tokenOf(claims);
  const located = locate(ValidateKeyRequest.parse({ kid: 'k', ...request }), token, known);
  return 'absent' in located ? located.absent.reason : (located.place.jwksUri ?? located.place.metadataUrl);
};

describe('locate', () => {
  it.each<[string, object, string]>([
    ['an issuer, v2', { issuer: v2(TENANT) }, `${MS}/${TENANT}/v2.0/.well-known/openid-configuration`],
    ['an issuer, v1', { issuer: v1(TENANT) }, `${MS}/${TENANT}/.well-known/openid-configuration`],
    ['a cluster’s issuer', { issuer: CLUSTER }, `${CLUSTER}.well-known/openid-configuration`],
    [
      'an issuer that settings add',
      { issuer: 'https://idp.example/' },
      'https://idp.example/.well-known/openid-configuration',
    ],
    ['an authority in place of an issuer', { issuer: `${MS}/common/v2.0` }, `${MS}/common/discovery/v2.0/keys`],
    [
      'an External ID issuer',
      { issuer: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0` },
      `https://${TENANT}.ciamlogin.com/${TENANT}/discovery/v2.0/keys`,
    ],
    ['a B2C issuer, of which no policy is named', { issuer: `https://x.b2clogin.com/${TENANT}/v2.0/` }, 'not-provided'],
    ['a stranger’s issuer', { issuer: 'https://idp.other.example/' }, 'untrusted'],
    ['an issuer with a slash too many', { issuer: 'https://idp.example//' }, 'untrusted'],
    ['a tenant by its id', { tenant: TENANT }, `${MS}/${TENANT}/v2.0/.well-known/openid-configuration`],
    [
      'a tenant by its id in capitals',
      { tenant: TENANT.toUpperCase() },
      `${MS}/${TENANT}/v2.0/.well-known/openid-configuration`,
    ],
    [
      'a tenant by a domain',
      { tenant: 'contoso.onmicrosoft.com' },
      `${MS}/contoso.onmicrosoft.com/discovery/v2.0/keys`,
    ],
    ['all tenants', { tenant: 'common' }, `${MS}/common/discovery/v2.0/keys`],
    ['an address', { jwksUri: `${MS}/${TENANT}/discovery/keys` }, `${MS}/${TENANT}/discovery/keys`],
    ['an address of a stranger', { jwksUri: 'https://keys.example/jwks' }, 'untrusted'],
  ])('%s', (_name, request, expected) => {
    expect(at(request)).toBe(expected);
  });

  const byToken = { token: 't', kid: undefined };
  it.each<[string, object, string]>([
    ['its issuer', { iss: v2(TENANT) }, `${MS}/${TENANT}/v2.0/.well-known/openid-configuration`],
    [
      'the policy of B2C',
      { iss: `https://x.b2clogin.com/${TENANT}/v2.0/`, tfp: 'B2C_1_a' },
      `https://x.b2clogin.com/${TENANT}/B2C_1_a/discovery/v2.0/keys`,
    ],
    [
      'the policy of B2C in `acr`',
      { iss: `https://x.b2clogin.com/${TENANT}/v2.0/`, acr: 'b2c_1a_b' },
      `https://x.b2clogin.com/${TENANT}/b2c_1a_b/discovery/v2.0/keys`,
    ],
    [
      'a policy that leads elsewhere',
      { iss: `https://x.b2clogin.com/${TENANT}/v2.0/`, tfp: '../../x' },
      'not-provided',
    ],
    [
      'a policy with a host in it',
      { iss: `https://x.b2clogin.com/${TENANT}/v2.0/`, tfp: '//evil.example/' },
      'not-provided',
    ],
    ['a stranger’s issuer', { iss: 'https://evil.example/' }, 'untrusted'],
    ['no issuer', {}, 'malformed'],
    ['an issuer that is no text', { iss: ['a'] }, 'malformed'],
  ])('a token: %s', (_name, claims, expected) => {
    expect(at(byToken, claims)).toBe(expected);
  });
});

describe('furtherPlaces', () => {
  const places = (request: object, claims?: object, appId?: string) => {
    const token = claims && tokenOf(claims);
    const located = locate(ValidateKeyRequest.parse({ kid: 'k', ...request }), token, known);
    return furtherPlaces(located, token, appId, known).map(({ role, address }) => `${role} ${address.url}`);
  };

  it('are the other version, all tenants and the other clouds of a tenant', () => {
    expect(places({ tenant: TENANT })).toEqual([
      `tenant ${MS}/${TENANT}/discovery/keys`,
      `all-tenants ${MS}/common/discovery/v2.0/keys`,
      `all-tenants ${MS}/common/discovery/keys`,
      `all-tenants ${MS}/organizations/discovery/v2.0/keys`,
      'other-cloud https://login.microsoftonline.us/common/discovery/v2.0/keys',
      'other-cloud https://login.partner.microsoftonline.cn/common/discovery/v2.0/keys',
    ]);
  });

  it.each<[string, object, string | undefined, string[]]>([
    ['whom it is for', { aud: APP }, undefined, [APP]],
    ['whom it is for, by its URI', { aud: `api://${APP}` }, undefined, [APP]],
    ['whom it was issued to', { aud: 'api://orders', azp: CLIENT }, undefined, [CLIENT]],
    ['both', { aud: APP, appid: CLIENT }, undefined, [APP, CLIENT]],
    ['who is named, in place of them', { aud: APP, appid: CLIENT }, CLIENT.toUpperCase(), [CLIENT]],
    ['none that is no id', { aud: 'api://../..', azp: '?appid=x' }, undefined, []],
    ['no more than two', { aud: [APP, CLIENT, TENANT] }, undefined, [APP, CLIENT]],
  ])('are those of the application: %s', (_name, claims, appId, expected) => {
    const found = places({ token: 't', kid: undefined }, { iss: v2(TENANT), ...claims }, appId);
    const ids = found.filter((place) => place.startsWith('application')).map((place) => place.split('appid=')[1]);
    expect([...new Set(ids)]).toEqual(expected);
  });

  it('are the token’s own issuer, where the receiver was set up for another', () => {
    expect(places({ tenant: TENANT }, { iss: CLUSTER })[0]).toBe(
      `token-issuer ${CLUSTER}.well-known/openid-configuration`,
    );
    const policy = `https://x.b2clogin.com/${TENANT}/B2C_1_a/discovery/v2.0/keys`;
    expect(places({ tenant: TENANT }, { iss: `https://x.b2clogin.com/${TENANT}/v2.0/`, tfp: 'B2C_1_a' })[0]).toBe(
      `policy ${policy}`,
    );
  });

  it('are none for a cluster or a pipeline, and none of strangers', () => {
    expect(places({ issuer: CLUSTER })).toEqual([]);
    expect(places({ issuer: 'https://token.actions.githubusercontent.com' })).toEqual([]);
    expect(places({ issuer: 'https://idp.example/' }, { iss: 'https://evil.example/' })).toEqual([]);
  });

  it('are each once, and bounded', () => {
    const found = places({ tenant: 'common' }, { iss: v2(TENANT), aud: [APP, CLIENT], azp: CLIENT });
    expect(new Set(found.map((place) => place.split(' ')[1])).size).toBe(found.length);
    expect(found.length).toBeLessThanOrEqual(16);
    expect(found.join()).not.toContain('/common/discovery/v2.0/keys,all');
  });
});
