import { describe, expect, it } from 'vitest';
import { tokenNotYetValid } from '../../src/checks/token-not-yet-valid.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, targetOf } from '../../src/contract/target.ts';
import { NOW, secondsFromNow, tokenWith } from './builders.ts';

const target = targetOf('arm', 'public');
const run = (nbf: unknown, now = NOW) =>
  tokenNotYetValid.run({ token: tokenWith({ nbf }), now, target, issuerFamily: 'entra' });

describe('token-not-yet-valid', () => {
  it.each([
    ['since an hour', -3_600, 'pass'],
    ['since 1 s', -1, 'pass'],
    ['exactly now', 0, 'pass'],
    ['in a fraction of a second', 0.25, 'unknown'],
    ['in 1 s', 1, 'unknown'],
    ['in 299 s', 299, 'unknown'],
    // Microsoft.IdentityModel and the OIDC library of the AKS webhook still take it at exactly five minutes.
    ['in 300 s', 300, 'unknown'],
    ['in 301 s', 301, 'fail'],
    ['in an hour', 3_600, 'fail'],
  ])('%s', (_name, seconds, outcome) => {
    expect(run(secondsFromNow(seconds)).outcome).toBe(outcome);
  });

  it('counts parts of a second of the moment', () => {
    const justBefore = new Date(NOW.getTime() - 1);
    expect(run(secondsFromNow(0), justBefore).outcome).toBe('unknown');
    expect(run(secondsFromNow(300), justBefore).outcome).toBe('fail');
  });

  it.each([1, 3_600])('shows moment and claim as dates, %d s', (seconds) => {
    expect(run(secondsFromNow(seconds))).toMatchObject({
      expected: expect.stringContaining('2026-11-20T10:00:00.000Z'),
      actual: new Date(NOW.getTime() + seconds * 1_000).toISOString(),
    });
  });

  it('passes a token without `nbf`, which is optional (RFC 7519 §4.1.5)', () => {
    expect(run(undefined).outcome).toBe('pass');
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['text', '0', '0'],
    ['empty', '', ''],
    ['a list', [0], '[0]'],
    ['false', false, 'false'],
    ['negative', -1, '-1'],
    ['milliseconds instead of seconds', NOW.getTime(), String(NOW.getTime())],
  ])('fails on what is no time: %s', (_name, nbf, actual) => {
    expect(run(nbf)).toMatchObject({ outcome: 'fail', actual });
  });
});

describe('`iat` of receivers that have no rule about it', () => {
  it.each([
    ['an hour ago', secondsFromNow(-3_600), 'pass'],
    ['within the largest skew', secondsFromNow(300), 'pass'],
    ['a second more', secondsFromNow(301), 'unknown'],
    ['text', '1', 'unknown'],
  ])('%s', (_name, iat, outcome) => {
    const evidence = { now: NOW, target, issuerFamily: 'entra' as const };
    expect(tokenNotYetValid.run({ ...evidence, token: tokenWith({ iat }) }).outcome).toBe(outcome);
    const valid = tokenWith({ iat, nbf: secondsFromNow(-1) });
    expect(tokenNotYetValid.run({ ...evidence, token: valid }).outcome).toBe(outcome);
  });
});

describe('token-not-yet-valid by rules', () => {
  const rules = AcceptanceRules.parse({ issuers: [], audiences: [], clockToleranceSeconds: 60 });
  const ruled = ruledTarget('policy', 'the policy', rules, 'public');

  it.each([
    ['valid already', { nbf: secondsFromNow(-1), iat: secondsFromNow(-1) }, 'pass'],
    ['valid within the tolerance', { nbf: secondsFromNow(60) }, 'pass'],
    ['a second later', { nbf: secondsFromNow(61) }, 'fail'],
    ['issued a second after the tolerance', { iat: secondsFromNow(61) }, 'fail'],
    ['`iat` that is text', { iat: '1' }, 'fail'],
    ['neither', {}, 'pass'],
  ])('%s', (_name, claims, outcome) => {
    const evidence = { token: tokenWith(claims), now: NOW, target: ruled, issuerFamily: 'entra' as const };
    expect(tokenNotYetValid.run(evidence).outcome).toBe(outcome);
  });
});
