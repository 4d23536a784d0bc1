import { describe, expect, it } from 'vitest';
import { understand } from '../../src/contract/problem.ts';
import { ValidateKeyRequest } from '../../src/contract/validate-key.ts';

const CLUSTER =
  '/subscriptions/0a1b2c3d-1111-4222-8333-444455556666/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks';

const pointers = (request: unknown) => {
  const understood = understand(ValidateKeyRequest, request);
  return understood.ok ? [] : understood.faults.map(({ pointer }) => pointer);
};

describe('a request about a key', () => {
  it.each<[string, object]>([
    ['a token', { token: 't' }],
    ['a token and where the receiver looks', { token: 't', tenant: 'common' }],
    ['a kid of a tenant', { kid: 'k', tenant: 'contoso.onmicrosoft.com', cloud: 'china', refresh: 'force' }],
    ['a kid at an address', { kid: 'k', jwksUri: 'anything' }],
    ['a kid of a cluster', { kid: 'k', cluster: { resourceId: CLUSTER } }],
    [
      'a receiver',
      {
        token: 't',
        consumer: {
          product: 'servicenow-oidc',
          jwks: { keys: [1], more: true },
          certificates: [{ pem: '' }],
          cannotFetch: false,
        },
      },
    ],
  ])('may be %s', (_name, request) => {
    expect(pointers(request)).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['/kid', '/issuer']],
    ['a kid of nobody', { kid: 'k' }, ['/issuer']],
    ['a place without a key', { tenant: 'common' }, ['/kid']],
    ['both a token and a kid', { token: 't', kid: 'k' }, ['/kid']],
    ['two places', { kid: 'k', issuer: 'a', tenant: 'common' }, ['/tenant']],
    [
      'three places',
      { kid: 'k', issuer: 'a', jwksUri: 'b', cluster: { resourceId: CLUSTER } },
      ['/jwksUri', '/cluster'],
    ],
    ['a cluster by its name', { kid: 'k', cluster: { resourceId: 'aks' } }, ['/cluster/resourceId']],
    [
      'what stands below a cluster',
      { kid: 'k', cluster: { resourceId: `${CLUSTER}/agentPools/x` } },
      ['/cluster/resourceId'],
    ],
    ['an empty kid', { kid: '', tenant: 'common' }, ['/kid']],
    ['a tenant with a slash', { kid: 'k', tenant: 'a/b' }, ['/tenant']],
    ['a tenant that leads up', { kid: 'k', tenant: '..' }, ['/tenant']],
    ['a tenant with a query', { kid: 'k', tenant: 'a?b' }, ['/tenant']],
    ['a tenant with an encoded slash', { kid: 'k', tenant: 'a%2fb' }, ['/tenant']],
    ['an application that is no GUID', { kid: 'k', tenant: 'common', appId: '1&x=2' }, ['/appId']],
    ['a way of refreshing that there is not', { kid: 'k', tenant: 'common', refresh: 'always' }, ['/refresh']],
    ['a kid without end', { kid: 'x'.repeat(3_000), tenant: 'common' }, ['/kid']],
    ['an address without end', { kid: 'k', jwksUri: 'x'.repeat(3_000) }, ['/jwksUri']],
    ['a product that is not known', { token: 't', consumer: { product: 'okta' } }, ['/consumer/product']],
    [
      'more keys than a set has',
      { token: 't', consumer: { jwks: { keys: Array(101).fill({}) } } },
      ['/consumer/jwks/keys'],
    ],
    [
      'a time without its zone',
      { token: 't', consumer: { fetchedAt: '2026-11-20T10:00:00' } },
      ['/consumer/fetchedAt'],
    ],
    ['a misspelt member', { token: 't', kids: 'k' }, ['/kids']],
    ['a misspelt member of the receiver', { token: 't', consumer: { jwks_uri: 'x' } }, ['/consumer/jwks_uri']],
  ])('may not be %s', (_name, request, expected) => {
    expect(pointers(request)).toEqual(expected);
  });
});
