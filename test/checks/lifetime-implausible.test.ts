import { describe, expect, it } from 'vitest';
import { lifetimeImplausible } from '../../src/checks/lifetime-implausible.ts';
import type { IssuerFamily } from '../../src/contract/evidence.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { ENTRA_ACCESS_TOKENS, TOKEN_KINDS, type TokenKindName } from '../../src/contract/token-kind.ts';
import { NOW, secondsFromNow, tokenWith } from './builders.ts';

const HOUR = 3_600;
const PODS: readonly TokenKindName[] = ['kubernetes-service-account-token', 'aks-identity-binding-token'];
const run = (
  claims: JsonObject,
  kind: TokenKindName = 'entra-access-token',
  issuerFamily: IssuerFamily | 'unknown' = PODS.includes(kind) ? 'aks' : 'unknown',
) =>
  lifetimeImplausible.run({
    token: tokenWith(claims),
    tokenKind: { kind, title: 'a token', because: 'Said so.' },
    issuerFamily,
  });
const living = (seconds: number, kind?: TokenKindName) =>
  run({ iat: secondsFromNow(0), exp: secondsFromNow(seconds) }, kind);
const date = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000).toISOString();

describe('lifetime-implausible', () => {
  it.each(ENTRA_ACCESS_TOKENS)('%s lives 28 hours at most', (kind) => {
    expect(living(1, kind).outcome).toBe('pass');
    expect(living(HOUR, kind).outcome).toBe('pass');
    expect(living(24 * HOUR + 1, kind).outcome).toBe('pass');
    expect(living(28 * HOUR, kind).outcome).toBe('pass');
    expect(living(28 * HOUR + 0.25, kind).outcome).toBe('fail');
    expect(living(28 * HOUR + 1, kind).outcome).toBe('fail');
    expect(living(365 * 24 * HOUR, kind).outcome).toBe('fail');
  });

  it('is not known of pods of other clusters, nor of tokens that were extended', () => {
    const year = { iat: secondsFromNow(0), exp: secondsFromNow(365 * 24 * HOUR) };
    const extended = { ...year, 'kubernetes.io': { warnafter: secondsFromNow(HOUR) } };
    expect(run(year, PODS[0], 'unknown').outcome).toBe('pass');
    expect(run(year, PODS[0], 'configured').outcome).toBe('pass');
    expect(run(extended, PODS[0], 'aks').outcome).toBe('pass');
    expect(run({ ...extended, 'kubernetes.io': {} }, PODS[0], 'aks').outcome).toBe('fail');
  });

  it.each(PODS)('%s of AKS lives 24 hours at most', (kind) => {
    expect(living(HOUR, kind).outcome).toBe('pass');
    expect(living(24 * HOUR, kind).outcome).toBe('pass');
    expect(living(24 * HOUR + 1, kind).outcome).toBe('fail');
    expect(living(28 * HOUR, kind).outcome).toBe('fail');
  });

  it.each(TOKEN_KINDS.filter((kind) => !ENTRA_ACCESS_TOKENS.includes(kind) && !PODS.includes(kind)))(
    'of %s no source says how long it lives',
    (kind) => {
      expect(living(365 * 24 * HOUR, kind).outcome).toBe('pass');
      expect(living(-1, kind).outcome).toBe('fail');
    },
  );

  it.each<[string, number, Outcome]>([
    ['a part of a second', 0.25, 'pass'],
    ['none at all', 0, 'fail'],
    ['less than none', -1, 'fail'],
    ['a day less than none', -24 * HOUR, 'fail'],
  ])('must be more than nothing: %s', (_name, seconds, outcome) => {
    expect(living(seconds).outcome).toBe(outcome);
  });

  it.each<[string, JsonObject, Outcome]>([
    ['`iat` comes before `nbf`: short', { iat: 100, nbf: 0, exp: 28 * HOUR + 100 }, 'pass'],
    ['`iat` comes before `nbf`: long', { iat: 0, nbf: 100, exp: 28 * HOUR + 100 }, 'fail'],
    ['`nbf` alone: short', { nbf: 0, exp: 28 * HOUR }, 'pass'],
    ['`nbf` alone: long', { nbf: 0, exp: 28 * HOUR + 1 }, 'fail'],
    ['`nbf` where `iat` is text: long', { iat: '0', nbf: 0, exp: 28 * HOUR + 1 }, 'fail'],
    ['`nbf` where `iat` is null: short', { iat: null, nbf: 0, exp: 28 * HOUR }, 'pass'],
  ])('is counted from the first that is a time: %s', (_name, claims, outcome) => {
    expect(run(claims).outcome).toBe(outcome);
  });

  it.each<[string, JsonObject]>([
    ['no `exp`', { iat: 0, nbf: 0 }],
    ['neither `iat` nor `nbf`', { exp: 1 }],
    ['nothing', {}],
    ['text', { iat: '0', exp: '1' }],
    ['`exp` is text', { iat: 0, exp: '1' }],
    ['`exp` in milliseconds', { iat: secondsFromNow(0), exp: NOW.getTime() + HOUR }],
    ['a negative `iat`', { iat: -1, exp: 1 }],
    ['other claims of time', { auth_time: 0, xms_tcdt: 0, exp: 1 }],
  ])('is not judged where the token does not state it: %s', (_name, claims) => {
    expect(run(claims).outcome).toBe('not-applicable');
  });

  it.each<[string, JsonObject, number]>([
    ['`iat`', { iat: secondsFromNow(0), nbf: secondsFromNow(60) }, 0],
    ['`nbf`', { nbf: secondsFromNow(60) }, 60],
    ['`nbf` beside an `iat` that is text', { iat: '0', nbf: secondsFromNow(60) }, 60],
    ['`nbf` beside an `iat` in milliseconds', { iat: NOW.getTime(), nbf: secondsFromNow(60) }, 60],
    ['`nbf` beside a negative `iat`', { iat: -1, nbf: secondsFromNow(60) }, 60],
  ])('shows the dates it was counted from: %s', (_name, claims, from) => {
    for (const until of [-HOUR, 48 * HOUR]) {
      expect(run({ ...claims, exp: secondsFromNow(until) })).toMatchObject({
        outcome: 'fail',
        actual: `${date(from)} to ${date(until)}`,
      });
    }
  });

  it.each<[unknown, boolean]>([
    [['cp1'], true],
    [['other', 'cp1'], true],
    [['CP1'], false],
    [[], false],
    ['cp1', false],
    [undefined, false],
  ])('tells of a client that answers claims challenges: %j', (xms_cc, told) => {
    const ruling = run({ iat: 0, exp: 28 * HOUR, xms_cc });
    expect(ruling.outcome).toBe('pass');
    expect(ruling.summary.includes('xms_cc')).toBe(told);
  });
});
