import { describe, expect, it } from 'vitest';
import { issuerVersionMismatch } from '../../src/checks/issuer-version-mismatch.ts';
import type { TrustedIssuer } from '../../src/contract/evidence.ts';
import { cluster, configured, entra, tokenWith } from './builders.ts';

const run = (trustedIssuer: TrustedIssuer, ver: unknown) =>
  issuerVersionMismatch.run({ token: tokenWith({ iss: trustedIssuer.issuer, ver }) });

describe('issuer-version-mismatch', () => {
  it.each<[string, TrustedIssuer, unknown]>([
    ['v1 issuer, v1 token', entra('1.0'), '1.0'],
    ['v2 issuer, v2 token', entra('2.0'), '2.0'],
    ['no `ver`', entra('1.0'), undefined],
    ['a cluster issuer has no version', cluster, undefined],
    ['a cluster issuer, whatever `ver` says', cluster, '2.0'],
    ['a configured issuer, whatever `ver` says', configured, 3],
  ])('passes: %s', (_name, issuer, ver) => {
    expect(run(issuer, ver).outcome).toBe('pass');
  });

  it.each<[string, TrustedIssuer, unknown, { expected: string; actual: string }]>([
    ['v1 issuer, v2 token', entra('1.0'), '2.0', { expected: '1.0', actual: '2.0' }],
    ['v2 issuer, v1 token', entra('2.0'), '1.0', { expected: '2.0', actual: '1.0' }],
    ['a short form', entra('1.0'), '1', { expected: '1.0', actual: '1' }],
    ['white space', entra('1.0'), '1.0 ', { expected: '1.0', actual: '1.0 ' }],
    ['a number', entra('1.0'), 1, { expected: '1.0', actual: '1' }],
    ['the right one in a list', entra('2.0'), ['2.0'], { expected: '2.0', actual: '["2.0"]' }],
    ['null', entra('1.0'), null, { expected: '1.0', actual: 'null' }],
    ['empty', entra('1.0'), '', { expected: '1.0', actual: '' }],
  ])('fails: %s', (_name, issuer, ver, values) => {
    expect(run(issuer, ver)).toMatchObject({ outcome: 'fail', ...values });
  });
});
