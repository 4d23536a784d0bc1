import { describe, expect, it } from 'vitest';
import { signingKeyWeak } from '../../src/checks/signing-key-weak.ts';
import type { SigningKeyDetails } from '../../src/contract/evidence.ts';
import { cluster, configured, entra } from './builders.ts';

const run = (signingKey: Omit<SigningKeyDetails, 'algorithms'>, trustedIssuer = configured) =>
  signingKeyWeak.run({ signingKey: { ...signingKey, algorithms: [] }, trustedIssuer });

describe('signing-key-weak', () => {
  it.each<[number, 'pass' | 'fail']>([
    [16_384, 'pass'],
    [4_096, 'pass'],
    [3_072, 'pass'],
    [2_049, 'pass'],
    [2_048, 'pass'],
    [2_047, 'fail'],
    [1_024, 'fail'],
    [512, 'fail'],
    [0, 'fail'],
  ])('an RSA key of %d bits', (bits, outcome) => {
    for (const issuer of [configured, cluster, entra('1.0'), entra('2.0')])
      expect(run({ kty: 'RSA', bits }, issuer).outcome).toBe(outcome);
  });

  it('shows both lengths', () => {
    expect(run({ kty: 'RSA', bits: 1_024 })).toMatchObject({
      outcome: 'fail',
      expected: expect.stringContaining('2048'),
      actual: '1024',
    });
  });

  it.each<[string, Omit<SigningKeyDetails, 'algorithms'>]>([
    ['EC', { kty: 'EC' }],
    ['EC, whatever length is claimed of it', { kty: 'EC', bits: 256 }],
    ['OKP', { kty: 'OKP' }],
  ])('leaves a key to its curve: %s', (_name, key) => {
    expect(run(key).outcome).toBe('pass');
  });

  it('cannot tell of an RSA key whose length is not there', () => {
    expect(run({ kty: 'RSA' }).outcome).toBe('unknown');
  });

  it('cuts a type of a key, which is the issuer’s word', () => {
    expect(run({ kty: 'x'.repeat(5_000) }).summary.length).toBeLessThan(200);
  });

  it('looks at nothing but the key: neither its issuer nor its certificate', () => {
    const certificate = { notBefore: new Date(0), notAfter: new Date(1), sha1: '' };
    expect(run({ kty: 'RSA', bits: 2_048, issuer: 'https://issuer.example/other', certificate }).outcome).toBe('pass');
  });
});
