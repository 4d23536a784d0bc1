import { describe, expect, it } from 'vitest';
import { tokenTooOld } from '../../src/checks/token-too-old.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules, PolicyContent } from '../../src/contract/policy.ts';
import { ruledTarget, type Target, targetOf, unnamedTarget } from '../../src/contract/target.ts';
import { NOW, secondsFromNow, TENANT, tokenWith, v2 } from './builders.ts';

interface Limits {
  maxTokenAgeSeconds?: number | null;
  clockToleranceSeconds?: number;
}
const ruled = (limits: Limits, name: 'policy' | 'custom' = 'policy') =>
  ruledTarget(
    name,
    'the orders',
    PolicyContent.parse({ issuers: [v2(TENANT)], audiences: ['api://orders'], ...limits }),
    'public',
  );
const run = (target: Target, claims: JsonObject, now = NOW) =>
  tokenTooOld.run({ token: tokenWith(claims), target, issuerFamily: 'entra', now });

const TEN_MINUTES = { maxTokenAgeSeconds: 600 };

describe.each(['policy', 'custom'] as const)('token-too-old for a %s', (name) => {
  it.each<[string, Limits, number, Outcome]>([
    ['issued now', TEN_MINUTES, 0, 'pass'],
    ['issued in the future, which is another fault', TEN_MINUTES, 3_600, 'pass'],
    ['as old as it may be', TEN_MINUTES, -600, 'pass'],
    ['the last second of the tolerance', TEN_MINUTES, -659, 'pass'],
    ['the last part of that second', TEN_MINUTES, -659.75, 'pass'],
    ['the end of the tolerance', TEN_MINUTES, -660, 'fail'],
    ['a second more', TEN_MINUTES, -661, 'fail'],
    ['a day', TEN_MINUTES, -86_400, 'fail'],
    ['no tolerance, a second left', { ...TEN_MINUTES, clockToleranceSeconds: 0 }, -599, 'pass'],
    ['no tolerance, none left', { ...TEN_MINUTES, clockToleranceSeconds: 0 }, -600, 'fail'],
    ['the largest tolerance, a second left', { ...TEN_MINUTES, clockToleranceSeconds: 300 }, -899, 'pass'],
    ['the largest tolerance, none left', { ...TEN_MINUTES, clockToleranceSeconds: 300 }, -900, 'fail'],
    ['the shortest age, a second left', { maxTokenAgeSeconds: 1 }, -60, 'pass'],
    ['the shortest age, none left', { maxTokenAgeSeconds: 1 }, -61, 'fail'],
  ])('%s', (_name, limits, iat, outcome) => {
    expect(run(ruled(limits, name), { iat: secondsFromNow(iat) }).outcome).toBe(outcome);
  });

  it.each<Limits>([{}, { maxTokenAgeSeconds: null }])('restricts no age with %j', (limits) => {
    expect(run(ruled(limits, name), { iat: 0 }).outcome).toBe('pass');
    expect(run(ruled(limits, name), {}).outcome).toBe('pass');
  });
});

describe('token-too-old', () => {
  it.each<[string, unknown, string]>([
    ['absent', undefined, 'absent'],
    ['null', null, 'malformed'],
    ['text', String(secondsFromNow(0)), 'malformed'],
    ['a list', [secondsFromNow(0)], 'malformed'],
    ['negative', -1, 'malformed'],
    ['milliseconds in place of seconds', NOW.getTime(), 'malformed'],
  ])('fails where it cannot be told how old the token is: %s', (_name, iat, actual) => {
    const claims = { iat, nbf: secondsFromNow(0), auth_time: secondsFromNow(0), exp: secondsFromNow(3_600) };
    expect(run(ruled(TEN_MINUTES), claims)).toMatchObject({ outcome: 'fail', actual });
  });

  it('counts from `iat`, not from `nbf`, and asks nothing of `exp`', () => {
    const young = secondsFromNow(0);
    const old = secondsFromNow(-86_400);
    expect(run(ruled(TEN_MINUTES), { iat: young, nbf: old, exp: old }).outcome).toBe('pass');
    expect(run(ruled(TEN_MINUTES), { iat: old, nbf: young, exp: secondsFromNow(86_400) }).outcome).toBe('fail');
  });

  it('counts parts of a second of the moment', () => {
    const claims = { iat: secondsFromNow(-660) };
    expect(run(ruled(TEN_MINUTES), claims, new Date(NOW.getTime() - 1)).outcome).toBe('pass');
    expect(run(ruled(TEN_MINUTES), claims, NOW).outcome).toBe('fail');
    const later = { iat: secondsFromNow(-659.5) };
    expect(run(ruled(TEN_MINUTES), later, new Date(NOW.getTime() + 499)).outcome).toBe('pass');
    expect(run(ruled(TEN_MINUTES), later, new Date(NOW.getTime() + 500)).outcome).toBe('fail');
  });

  it.each<[number, Outcome]>([
    [-60, 'pass'],
    [-7_200, 'fail'],
  ])('shows the limit and the claim as a date, %d s', (seconds, outcome) => {
    expect(run(ruled(TEN_MINUTES), { iat: secondsFromNow(seconds) })).toMatchObject({
      outcome,
      expected: expect.stringMatching(/600 s.*2026-11-20T10:00:00\.000Z/),
      actual: new Date(NOW.getTime() + seconds * 1_000).toISOString(),
    });
  });

  it.each([targetOf('arm', 'public'), targetOf('token-exchange', 'public'), unnamedTarget('public')])(
    'asks nothing for $name',
    (target) => {
      expect(run(target, { iat: 0 }).outcome).toBe('not-applicable');
      expect(run(target, {}).outcome).toBe('not-applicable');
    },
  );
});

describe('token-too-old where nothing says what is allowed for clocks', () => {
  const rules = AcceptanceRules.parse({ issuers: [v2(TENANT)], audiences: ['a'], maxTokenAgeSeconds: 600 });
  const target = ruledTarget('custom', 'the receiver', rules, 'public');

  it.each([
    ['young enough', -599, 'pass'],
    ['as old as it may be', -600, 'unknown'],
    ['older by less than clocks may differ', -899, 'unknown'],
    ['older by as much', -900, 'fail'],
  ])('%s', (_name, iat, outcome) => {
    const token = tokenWith({ iat: secondsFromNow(iat) });
    expect(tokenTooOld.run({ token, target, issuerFamily: 'entra', now: NOW }).outcome).toBe(outcome);
  });
});
