import { describe, expect, it } from 'vitest';
import { signatureInvalid } from '../../src/checks/signature-invalid.ts';
import type { SignatureVerification, TrustedIssuer } from '../../src/contract/evidence.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, targetOf } from '../../src/contract/target.ts';
import { cluster, configured, entra, keysWith, signature, TENANT, tokenWith, v1 } from './builders.ts';

const plain = { alg: 'RS256', kid: 'k1' };
const withNonce = { ...plain, nonce: 'q1w2' };

describe('signature-invalid', () => {
  it.each<[string, TrustedIssuer, object, SignatureVerification['result'], string]>([
    ['verified', entra(), plain, 'verified', 'pass'],
    ['verified, of a cluster', cluster, plain, 'verified', 'pass'],
    ['verified although the header has a nonce', entra(), withNonce, 'verified', 'pass'],
    ['altered', entra(), plain, 'invalid', 'fail'],
    ['altered, v2', entra('2.0'), plain, 'invalid', 'fail'],
    ['altered, of a cluster', cluster, plain, 'invalid', 'fail'],
    ['altered, of a configured issuer', configured, plain, 'invalid', 'fail'],
    ['for Microsoft Graph: signed over another header', entra(), withNonce, 'invalid', 'unknown'],
    ['for Microsoft Graph, v2', entra('2.0'), withNonce, 'invalid', 'unknown'],
    ['only Entra signs over another header, a cluster does not', cluster, withNonce, 'invalid', 'fail'],
    ['nor does a configured issuer', configured, withNonce, 'invalid', 'fail'],
    ['another header member, and a nonce in the claims only', entra(), { ...plain, Nonce: 'q1w2' }, 'invalid', 'fail'],
    ['no key to judge by', entra(), plain, 'no-usable-key', 'unknown'],
    ['no key to judge by, and a nonce', entra(), withNonce, 'no-usable-key', 'unknown'],
  ])('%s', (_name, trustedIssuer, header, result, outcome) => {
    const target = targetOf('arm', 'public');
    const evidence = {
      token: tokenWith({}),
      header: { ...header },
      trustedIssuer,
      signature: signature(result),
      target,
    };
    expect(signatureInvalid.run({ ...evidence, signingKeys: keysWith(['k1'], 'k1') }).outcome).toBe(outcome);
  });

  it('a nonce is no excuse where a policy decides', () => {
    const rules = AcceptanceRules.parse({ issuers: [v1(TENANT)], audiences: ['a'] });
    const target = ruledTarget('policy', 'the policy', rules, 'public');
    const token = tokenWith({ aud: 'https://graph.microsoft.com' });
    const evidence = {
      token,
      header: { ...withNonce },
      trustedIssuer: entra(),
      signature: signature('invalid'),
      target,
    };
    expect(signatureInvalid.run({ ...evidence, signingKeys: keysWith(['k1'], 'k1') }).outcome).toBe('fail');
  });

  it.each([
    ['an API of Microsoft', 'https://graph.microsoft.com', 'unknown'],
    ['one’s own API', 'api://shop', 'fail'],
  ])('a nonce excuses tokens for %s at a receiver of one’s own', (_name, aud, outcome) => {
    const target = targetOf('mcp', 'public', 'https://host.example/mcp');
    const evidence = { header: { ...withNonce }, trustedIssuer: entra(), signature: signature('invalid'), target };
    const token = tokenWith({ aud });
    expect(signatureInvalid.run({ ...evidence, token, signingKeys: keysWith(['k1'], 'k1') }).outcome).toBe(outcome);
  });

  it.each([
    ['as old as the policy allows', 7200, 'pass'],
    ['a second older', 7201, 'unknown'],
  ])('a policy decides by keys %s', (_name, ageSeconds, outcome) => {
    const rules = AcceptanceRules.parse({ issuers: [v1(TENANT)], audiences: ['a'] });
    const target = { ...ruledTarget('policy', 'the policy', rules, 'public'), keyStalenessSeconds: 7200 };
    const { cache, ...keys } = keysWith(['k1'], 'k1', 'stale');
    const signingKeys = { ...keys, cache: { ...cache, ageSeconds } };
    const token = tokenWith({});
    const evidence = { token, header: { ...plain }, trustedIssuer: entra(), signature: signature('verified'), target };
    expect(signatureInvalid.run({ ...evidence, signingKeys }).outcome).toBe(outcome);
  });
});
