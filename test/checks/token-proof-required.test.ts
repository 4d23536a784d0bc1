import { describe, expect, it } from 'vitest';
import { tokenProofRequired } from '../../src/checks/token-proof-required.ts';
import { targetOf } from '../../src/contract/target.ts';
import { AKS_SERVER, tokenWith } from './builders.ts';

describe.each(['aks-api-server', 'arm'] as const)('token-proof-required for %s', (name) => {
  const run = (claims: Record<string, unknown>) =>
    tokenProofRequired.run({ token: tokenWith({ aud: AKS_SERVER, ...claims }), target: targetOf(name, 'public') });

  it.each([
    ['a bearer token', {}],
    ['another letter case', { CNF: { kid: 'k' } }],
    ['a claim with a longer name', { xms_cnf: { kid: 'k' } }],
  ])('passes %s', (_name, claims) => {
    expect(run(claims).outcome).toBe('pass');
  });

  it.each<[string, unknown, string]>([
    ['a key by thumbprint', { kid: 'k' }, '{"kid":"k"}'],
    ['a key itself', { jwk: { kty: 'RSA' } }, '{"jwk":{"kty":"RSA"}}'],
    ['a certificate', { 'x5t#S256': 'abc' }, '{"x5t#S256":"abc"}'],
    ['an empty object', {}, '{}'],
    ['null', null, 'null'],
    ['empty text', '', ''],
  ])('fails on %s', (_name, cnf, actual) => {
    expect(run({ cnf })).toMatchObject({ outcome: 'fail', actual });
  });

  it('cuts a very long one', () => {
    expect(run({ cnf: { x5c: 'A'.repeat(5_000) } }).actual!.length).toBeLessThan(300);
  });
});
