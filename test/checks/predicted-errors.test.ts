import { describe, expect, it } from 'vitest';
import { predictedError } from '../../src/checks/predicted-errors.ts';

describe('predictedError', () => {
  it.each([
    ['token-malformed', 'InvalidAuthenticationToken', 'documented'],
    ['signature-invalid', 'InvalidAuthenticationToken', 'documented'],
    ['key-not-found', 'InvalidAuthenticationToken', 'likely'],
    ['algorithm-not-allowed', 'InvalidAuthenticationToken', 'likely'],
    ['audience-not-accepted', 'InvalidAuthenticationTokenAudience', 'documented'],
    ['token-expired', 'ExpiredAuthenticationToken', 'documented'],
  ] as const)('of Azure Resource Manager for %s', (rootCause, code, certainty) => {
    expect(predictedError('arm', rootCause)).toEqual({ code, certainty });
  });

  it.each(['token-too-large', 'token-proof-required', 'token-not-yet-valid', 'no-such-check'])(
    'says nothing of Azure Resource Manager for %s, of which no source tells',
    (rootCause) => {
      expect(predictedError('arm', rootCause)).toBeUndefined();
    },
  );

  it.each([
    ['audience-not-accepted', 'documented'],
    ['group-overage', 'documented'],
    ['token-expired', 'likely'],
    ['issuer-not-accepted', 'likely'],
    ['token-malformed', 'likely'],
  ] as const)('of the AKS API server is the same for %s, %s', (rootCause, certainty) => {
    expect(predictedError('aks-api-server', rootCause)).toEqual({ code: 'Unauthorized', certainty });
  });
});
