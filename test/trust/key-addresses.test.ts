import { describe, expect, it } from 'vitest';
import type { KeyAddress } from '../../src/contract/evidence.ts';
import { entraKeysUrl, type KnownPlaces, keyAddress, placeAt } from '../../src/trust/key-addresses.ts';

const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';
const GUID = 'c1c2c3c4-1111-4222-8333-444455556666';
const known: KnownPlaces = {
  cloud: 'public',
  issuers: [
    { issuer: 'https://idp.example/realm' },
    { issuer: 'https://own.example/', jwksUri: 'https://keys.own.example/jwks' },
  ],
  openOrigins: ['http://127.0.0.1:17901'],
};
const of = (url: string) => keyAddress(url, known);
const MS = 'https://login.microsoftonline.com';

describe('keyAddress', () => {
  it.each<[string, Partial<KeyAddress>]>([
    [
      `${MS}/${TENANT}/discovery/v2.0/keys`,
      {
        page: 'keys',
        family: 'entra',
        cloud: 'public',
        tenant: TENANT,
        version: '2.0',
        issuer: `${MS}/${TENANT}/v2.0`,
        metadataUrl: `${MS}/${TENANT}/v2.0/.well-known/openid-configuration`,
      },
    ],
    [
      `${MS}/${TENANT}/discovery/keys`,
      {
        page: 'keys',
        version: '1.0',
        issuer: `https://sts.windows.net/${TENANT}/`,
        metadataUrl: `${MS}/${TENANT}/.well-known/openid-configuration`,
      },
    ],
    [
      `${MS}/${TENANT}/v2.0/.well-known/openid-configuration`,
      { page: 'metadata', version: '2.0', keysUrl: `${MS}/${TENANT}/discovery/v2.0/keys` },
    ],
    [
      `${MS}/${TENANT}/.well-known/openid-configuration`,
      { page: 'metadata', version: '1.0', keysUrl: `${MS}/${TENANT}/discovery/keys` },
    ],
    [
      `${MS}/${TENANT}/discovery/v2.0/keys?appid=${GUID}`,
      { page: 'keys', appId: GUID, metadataUrl: `${MS}/${TENANT}/v2.0/.well-known/openid-configuration?appid=${GUID}` },
    ],
    [`${MS}/common/discovery/v2.0/keys`, { tenant: 'common', version: '2.0' }],
    [`${MS}/Contoso.onmicrosoft.com/discovery/v2.0/keys`, { tenant: 'contoso.onmicrosoft.com' }],
    [`https://login.windows.net/${TENANT}/discovery/keys`, { family: 'entra', cloud: 'public' }],
    [`https://login.microsoftonline.us/${TENANT}/discovery/v2.0/keys`, { family: 'entra', cloud: 'usgovernment' }],
    [`https://login.partner.microsoftonline.cn/${TENANT}/discovery/v2.0/keys`, { family: 'entra', cloud: 'china' }],
    [`https://login.chinacloudapi.cn/${TENANT}/discovery/keys`, { family: 'entra', cloud: 'china' }],
    [
      `https://contoso.b2clogin.com/${TENANT}/B2C_1_signin/discovery/v2.0/keys`,
      { page: 'keys', family: 'b2c', tenant: TENANT, policy: 'b2c_1_signin', version: '2.0' },
    ],
    [
      `https://contoso.b2clogin.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration?p=B2C_1_signin`,
      { page: 'metadata', family: 'b2c', policy: 'B2C_1_signin' },
    ],
    [`https://contoso.ciamlogin.com/${TENANT}/discovery/v2.0/keys`, { family: 'external-id', tenant: TENANT }],
    [
      `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${GUID}/openid/v1/jwks`,
      { page: 'keys', family: 'aks', issuer: `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${GUID}/` },
    ],
    [
      `https://oidc.prod-aks.azure.com/${GUID}/.well-known/openid-configuration`,
      { page: 'metadata', family: 'aks', issuer: `https://oidc.prod-aks.azure.com/${GUID}/` },
    ],
    [
      'https://token.actions.githubusercontent.com/.well-known/jwks',
      { page: 'keys', family: 'github-actions', issuer: 'https://token.actions.githubusercontent.com' },
    ],
    ['https://vstoken.dev.azure.com/.well-known/jwks', { page: 'keys', family: 'azure-devops' }],
    ['https://gitlab.com/oauth/discovery/keys', { page: 'keys', family: 'gitlab', issuer: 'https://gitlab.com' }],
    [
      'https://idp.example/realm/protocol/certs',
      { page: 'keys', family: 'configured', issuer: 'https://idp.example/realm' },
    ],
    ['https://idp.example/other/keys', { family: 'configured' }],
    ['https://keys.own.example/jwks', { family: 'configured', issuer: 'https://own.example/' }],
    ['http://127.0.0.1:17901/keys', { family: 'configured' }],
    [`${MS}/${TENANT}/something`, { page: 'other', family: 'entra' }],
  ])('%s', (url, expected) => {
    expect(of(url)).toMatchObject({ url, ...expected });
  });

  it.each([
    ['http', `http://login.microsoftonline.com/${TENANT}/discovery/keys`],
    ['another port', `https://login.microsoftonline.com:8443/${TENANT}/discovery/keys`],
    ['user information', `https://login.microsoftonline.com@evil.example/${TENANT}/discovery/keys`],
    ['user information of a right host', `https://a@login.microsoftonline.com/${TENANT}/discovery/keys`],
    ['a host that goes on', `https://login.microsoftonline.com.evil.example/${TENANT}/discovery/keys`],
    ['a host that begins otherwise', `https://evil-login.microsoftonline.com/${TENANT}/discovery/keys`],
    ['a sub-domain', `https://x.login.microsoftonline.com/${TENANT}/discovery/keys`],
    ['a full stop behind the host', `https://login.microsoftonline.com./${TENANT}/discovery/keys`],
    ['a letter that looks alike', `https://login.microsоftonline.com/${TENANT}/discovery/keys`],
    ['B2C without a name', 'https://b2clogin.com/x/discovery/v2.0/keys'],
    ['B2C below a name', 'https://a.b.b2clogin.com/x/discovery/v2.0/keys'],
    ['a host like B2C’s', 'https://contosob2clogin.com/x/discovery/v2.0/keys'],
    ['identity bindings', `https://ib.oic.prod-aks.azure.com.evil.example/${TENANT}/${GUID}`],
    ['a loopback address', 'https://127.0.0.1/keys'],
    ['the metadata address', 'http://169.254.169.254/metadata/instance'],
    ['another port of an opened origin', 'http://127.0.0.1:17902/keys'],
    ['an opened origin over https', 'https://127.0.0.1:17901/keys'],
    ['the scheme of a configured issuer changed', 'http://idp.example/realm/keys'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:application/json,{}'],
    ['no address', 'keys'],
    ['nothing', ''],
  ])('is of nobody that is known, and not looked into: %s', (_name, url) => {
    expect(of(url).family).toBe('unknown');
    expect(placeAt(of(url))).toBeUndefined();
  });
});

describe('placeAt', () => {
  it('reads the address as it is, or metadata of the same cloud, without remembering it beyond this instance', () => {
    const url = `${MS}/common/discovery/v2.0/keys`;
    expect(placeAt(of(url))).toEqual({
      issuer: url,
      family: 'entra',
      metadataUrl: url,
      jwksUri: url,
      keyHosts: ['login.microsoftonline.com', 'login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com'],
      passing: true,
    });
  });
});

describe('entraKeysUrl', () => {
  it.each([
    [entraKeysUrl('public', TENANT, '2.0'), `${MS}/${TENANT}/discovery/v2.0/keys`],
    [entraKeysUrl('public', TENANT, '1.0', GUID), `${MS}/${TENANT}/discovery/keys?appid=${GUID}`],
    [entraKeysUrl('china', 'common', '2.0'), 'https://login.partner.microsoftonline.cn/common/discovery/v2.0/keys'],
  ])('%s', (url, expected) => {
    expect(url).toBe(expected);
  });
});
