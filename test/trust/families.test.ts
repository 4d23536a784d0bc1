import { describe, expect, it } from 'vitest';
import { mayPublishAt, trustedIssuer } from '../../src/trust/families.ts';

const tenant = '0a1b2c3d-1111-4222-8333-444455556666';
const guid = 'c1c2c3c4-1111-4222-8333-444455556666';
const v1 = `https://sts.windows.net/${tenant}/`;
const aks = `https://westeurope.oic.prod-aks.azure.com/${tenant}/${guid}/`;

describe('trustedIssuer', () => {
  it.each([
    [
      'v1, public',
      v1,
      'public',
      'entra',
      `https://login.microsoftonline.com/${tenant}/.well-known/openid-configuration`,
    ],
    [
      'v1, US Government: the cloud tells where the keys are',
      v1,
      'usgovernment',
      'entra',
      `https://login.microsoftonline.us/${tenant}/.well-known/openid-configuration`,
    ],
    [
      'v1, asked about in China',
      v1,
      'china',
      'entra',
      `https://login.microsoftonline.com/${tenant}/.well-known/openid-configuration`,
    ],
    [
      'v1 of China',
      `https://sts.chinacloudapi.cn/${tenant}/`,
      'public',
      'entra',
      `https://login.partner.microsoftonline.cn/${tenant}/.well-known/openid-configuration`,
    ],
    [
      'v2',
      `https://login.microsoftonline.com/${tenant}/v2.0`,
      'public',
      'entra',
      `https://login.microsoftonline.com/${tenant}/v2.0/.well-known/openid-configuration`,
    ],
    ['AKS', aks, 'public', 'aks', `${aks}.well-known/openid-configuration`],
    [
      'older AKS',
      `https://oidc.prod-aks.azure.com/${guid}/`,
      'public',
      'aks',
      `https://oidc.prod-aks.azure.com/${guid}/.well-known/openid-configuration`,
    ],
    [
      'GitHub Actions',
      'https://token.actions.githubusercontent.com',
      'public',
      'github-actions',
      'https://token.actions.githubusercontent.com/.well-known/openid-configuration',
    ],
    [
      'GitHub Actions of an enterprise',
      'https://token.actions.githubusercontent.com/contoso',
      'public',
      'github-actions',
      'https://token.actions.githubusercontent.com/contoso/.well-known/openid-configuration',
    ],
    [
      'Azure DevOps',
      `https://vstoken.dev.azure.com/${guid}`,
      'public',
      'azure-devops',
      `https://vstoken.dev.azure.com/${guid}/.well-known/openid-configuration`,
    ],
    ['GitLab', 'https://gitlab.com', 'public', 'gitlab', 'https://gitlab.com/.well-known/openid-configuration'],
  ] as const)('%s', (_name, issuer, cloud, family, metadataUrl) => {
    expect(trustedIssuer(issuer, cloud, [])).toMatchObject({ issuer, family, metadataUrl });
  });

  it.each([
    ['another host', 'https://idp.example/'],
    ['an identity binding with a slash', `https://ib.oic.prod-aks.azure.com/${tenant}/${guid}/`],
    ['GitHub with a slash', 'https://token.actions.githubusercontent.com/'],
    ['GitHub with a longer path', 'https://token.actions.githubusercontent.com/a/b'],
    ['GitHub with dot segments', 'https://token.actions.githubusercontent.com/..'],
    ['GitHub over http', 'http://token.actions.githubusercontent.com'],
    ['Azure DevOps without organization', 'https://vstoken.dev.azure.com/'],
    ['Azure DevOps with a name', 'https://vstoken.dev.azure.com/contoso'],
    ['a GitLab of one’s own', 'https://gitlab.example'],
    ['a group at GitLab', 'https://gitlab.com/contoso'],
    ['Azure AD B2C', `https://contoso.b2clogin.com/${tenant}/v2.0/`],
    ['Entra External ID', `https://${tenant}.ciamlogin.com/${tenant}/v2.0`],
    ['a host that begins like Entra', `https://login.microsoftonline.com.evil.example/${tenant}/v2.0`],
    ['user information', `https://login.microsoftonline.com@evil.example/${tenant}/v2.0`],
    ['a path that climbs', `https://sts.windows.net/../${tenant}/`],
    ['AKS without its slash', aks.slice(0, -1)],
    ['AKS under another domain', `https://westeurope.oic.prod-aks.azure.com.evil.example/${tenant}/${guid}/`],
    ['AKS with a dotted region', `https://evil.example.oic.prod-aks.azure.com/${tenant}/${guid}/`],
    ['AKS with a query', `https://westeurope.oic.prod-aks.azure.com/${tenant}/${guid}/?a=/`],
    ['AKS without a tenant', `https://westeurope.oic.prod-aks.azure.com/${guid}/`],
    ['AKS with one part too many', `https://westeurope.oic.prod-aks.azure.com/${tenant}/${guid}/${guid}/`],
    ['a cloud metadata address', 'http://169.254.169.254/metadata/'],
    ['nothing', ''],
  ])('trusts no %s', (_name, issuer) => {
    expect(trustedIssuer(issuer, 'public', [])).toBeUndefined();
  });

  it('trusts what settings add, as an exact string', () => {
    const issuers = [
      { issuer: 'https://idp.example/a' },
      { issuer: 'http://127.0.0.1:17901', jwksUri: 'http://127.0.0.1:17902/keys' },
    ];
    expect(trustedIssuer('https://idp.example/a', 'public', issuers)).toMatchObject({
      family: 'configured',
      metadataUrl: 'https://idp.example/a/.well-known/openid-configuration',
      keyHosts: ['idp.example'],
    });
    expect(trustedIssuer('http://127.0.0.1:17901', 'public', issuers)).toMatchObject({
      jwksUri: 'http://127.0.0.1:17902/keys',
      keyHosts: ['127.0.0.1:17901', '127.0.0.1:17902'],
    });
    expect(trustedIssuer('https://idp.example/a/', 'public', issuers)).toBeUndefined();
    expect(trustedIssuer('https://idp.example/', 'public', issuers)).toBeUndefined();
  });
});

describe('trustedIssuer, built in', () => {
  it('cannot be loosened by settings', () => {
    const issuers = [v1, aks].map((issuer) => ({ issuer, jwksUri: 'https://evil.example/keys' }));
    expect(trustedIssuer(v1, 'public', issuers)).toEqual(trustedIssuer(v1, 'public', []));
    expect(trustedIssuer(aks, 'public', issuers)).toEqual(trustedIssuer(aks, 'public', []));
  });
});

describe('mayPublishAt', () => {
  const entra = trustedIssuer(v1, 'public', [])!;
  it.each([
    ['the same host', 'https://login.microsoftonline.com/common/discovery/keys', true],
    ['an alias of it', 'https://login.windows.net/common/discovery/keys', true],
    ['another cloud', 'https://login.microsoftonline.us/common/discovery/keys', false],
    ['another host', 'https://evil.example/keys', false],
    ['another port', 'https://login.microsoftonline.com:8443/keys', false],
    ['http', 'http://login.microsoftonline.com/keys', false],
    ['user information', 'https://a@login.microsoftonline.com/keys', false],
    ['no address', 'keys', false],
  ])('%s', (_name, jwksUri, allowed) => {
    expect(mayPublishAt(entra, jwksUri)).toBe(allowed);
  });

  it('allows http only for an issuer that settings name', () => {
    const configured = trustedIssuer('http://127.0.0.1:17901', 'public', [{ issuer: 'http://127.0.0.1:17901' }])!;
    expect(mayPublishAt(configured, 'http://127.0.0.1:17901/keys')).toBe(true);
    expect(mayPublishAt(configured, 'ftp://127.0.0.1:17901/keys')).toBe(false);
  });
});
