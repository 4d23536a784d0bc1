import { describe, expect, it } from 'vitest';
import { predictedError } from '../../src/checks/predicted-errors.ts';
import { type TargetName, targetOf } from '../../src/contract/target.ts';
import type { TokenKindName } from '../../src/contract/token-kind.ts';
import { TENANT, v1, v2 } from './builders.ts';

const errorOf = (name: TargetName, rootCause: string, kind?: TokenKindName, claims = {}) =>
  predictedError(targetOf(name, 'public'), { rootCause, kind, claims });

describe('predictedError', () => {
  it.each([
    ['token-malformed', 'InvalidAuthenticationToken', 'documented'],
    ['signature-invalid', 'InvalidAuthenticationToken', 'documented'],
    ['key-not-found', 'InvalidAuthenticationToken', 'likely'],
    ['algorithm-not-allowed', 'InvalidAuthenticationToken', 'likely'],
    ['audience-not-accepted', 'InvalidAuthenticationTokenAudience', 'documented'],
    ['token-expired', 'ExpiredAuthenticationToken', 'documented'],
  ] as const)('of Azure Resource Manager for %s', (rootCause, code, certainty) => {
    expect(errorOf('arm', rootCause)).toEqual({ code, certainty });
  });

  it.each(['token-too-large', 'token-proof-required', 'token-not-yet-valid', 'no-such-check'])(
    'says nothing of Azure Resource Manager for %s, of which no source tells',
    (rootCause) => {
      expect(errorOf('arm', rootCause)).toBeUndefined();
    },
  );

  it.each([
    ['audience-not-accepted', 'documented'],
    ['group-overage', 'documented'],
    ['token-expired', 'likely'],
    ['issuer-not-accepted', 'likely'],
    ['token-malformed', 'likely'],
  ] as const)('of the AKS API server is the same for %s, %s', (rootCause, certainty) => {
    expect(errorOf('aks-api-server', rootCause)).toEqual({ code: 'Unauthorized', certainty });
  });

  it.each<[string, string, TokenKindName | undefined, object, string | undefined]>([
    ['expired', 'token-expired', 'kubernetes-service-account-token', {}, 'AADSTS700024'],
    ['a key that is not published', 'key-not-found', 'kubernetes-service-account-token', {}, 'AADSTS7000272'],
    [
      'another audience',
      'audience-not-accepted',
      'kubernetes-service-account-token',
      { iss: 'https://a/' },
      'AADSTS700212',
    ],
    [
      'another audience of Entra’s own',
      'audience-not-accepted',
      'managed-identity-token',
      { iss: v2(TENANT) },
      'AADSTS7002121',
    ],
    ['the v1 issuer', 'issuer-not-accepted', 'managed-identity-token', { iss: v1(TENANT) }, 'AADSTS700227'],
    [
      'an issuer inside the cluster',
      'issuer-not-accepted',
      'kubernetes-service-account-token',
      { iss: 'https://a/' },
      undefined,
    ],
    [
      'a user',
      'token-kind-not-accepted',
      'entra-access-token',
      { iss: v2(TENANT), aud: 'a', scp: 'b' },
      'AADSTS700229',
    ],
    ['an application', 'token-kind-not-accepted', 'entra-access-token', { iss: v2(TENANT), aud: 'a' }, 'AADSTS700226'],
    ['an identity binding', 'token-kind-not-accepted', 'aks-identity-binding-token', {}, 'AADSTS700212'],
    ['an ID token', 'token-kind-not-accepted', 'entra-id-token', { iss: v2(TENANT), aud: 'a' }, undefined],
    ['a forged one', 'signature-invalid', 'kubernetes-service-account-token', {}, undefined],
  ])('of the token exchange for %s', (_name, rootCause, kind, claims, code) => {
    expect(errorOf('token-exchange', rootCause, kind, claims)?.code).toBe(code);
  });

  it.each<[TargetName, string, string | undefined]>([
    ['key-vault', 'issuer-not-accepted', 'AKV10032'],
    ['key-vault', 'audience-not-accepted', 'AKV10022'],
    ['key-vault', 'token-expired', 'Unauthorized'],
    ['storage', 'audience-not-accepted', 'InvalidAuthenticationInfo'],
    ['sql', 'audience-not-accepted', '18456'],
    ['graph', 'token-expired', 'InvalidAuthenticationToken'],
    ['azure-devops', 'token-expired', 'TF400813'],
    ['azure-devops', 'audience-not-accepted', undefined],
    ['container-registry', 'audience-not-accepted', 'UNAUTHORIZED'],
    ['servicenow-oidc', 'audience-not-accepted', 'User Not Authenticated'],
    ['servicenow-jwt-bearer', 'issuer-not-accepted', undefined],
    ['mcp', 'audience-not-accepted', 'invalid_token'],
    ['mcp', 'token-too-large', undefined],
  ])('of %s for %s', (name, rootCause, code) => {
    expect(errorOf(name, rootCause)?.code).toBe(code);
  });
});
