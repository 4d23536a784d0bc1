import { describe, expect, it } from 'vitest';
import { tokenKindOf } from '../../src/contract/token-kind.ts';
import { trustedIssuer } from '../../src/trust/families.ts';
import { TENANT } from '../tokens.ts';

const entra = trustedIssuer(`https://sts.windows.net/${TENANT}/`, 'public', []);
const app = 'b1b2b3b4-1111-4222-8333-444455556666';
const aks = '6dae42f8-4368-4678-94ff-3960e28e3630';

describe('tokenKindOf', () => {
  it.each([
    ['v1 access token', entra, {}, { aud: aks, appid: app, appidacr: '1' }, 'entra-access-token'],
    ['v2 access token', entra, {}, { aud: app, azp: app, scp: 'a' }, 'entra-access-token'],
    ['access token with few claims, for a known resource', entra, {}, { aud: aks }, 'entra-access-token'],
    [
      'access token with few claims, for a URI',
      entra,
      {},
      { aud: 'https://management.azure.com/' },
      'entra-access-token',
    ],
    [
      'Graph token: the nonce is in its header',
      entra,
      { nonce: 'x' },
      { aud: 'https://graph.microsoft.com', appid: app },
      'graph-access-token',
    ],
    ['ID token with nonce', entra, {}, { aud: app, nonce: 'x' }, 'entra-id-token'],
    ['ID token with at_hash', entra, {}, { aud: app, at_hash: 'x' }, 'entra-id-token'],
    ['ID token with the roles of its user', entra, {}, { aud: app, roles: ['a'], wids: ['b'] }, 'entra-id-token'],
    ['ID token without either', entra, {}, { aud: app, preferred_username: 'x' }, 'entra-id-token'],
    [
      'projected service account token',
      undefined,
      {},
      { sub: 'system:serviceaccount:a:b', 'kubernetes.io': {} },
      'kubernetes-service-account-token',
    ],
    [
      'service account by subject only',
      undefined,
      {},
      { sub: 'system:serviceaccount:a:b' },
      'kubernetes-service-account-token',
    ],
    ['PoP envelope', undefined, { typ: 'pop' }, { at: 'a.b.c' }, 'proof-of-possession-envelope'],
    ['PoP envelope, other letter case', undefined, { typ: 'PoP' }, { at: 'a.b.c' }, 'proof-of-possession-envelope'],
    ['typ pop without a token inside', undefined, { typ: 'pop' }, {}, 'unknown'],
    ['another issuer', undefined, {}, { aud: 'x' }, 'unknown'],
  ] as const)('%s', (_name, issuer, header, claims, kind) => {
    expect(tokenKindOf({ header: { ...header }, claims: { ...claims } }, issuer?.family ?? 'unknown').kind).toBe(kind);
  });
});
