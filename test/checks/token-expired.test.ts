import { describe, expect, it } from 'vitest';
import { tokenExpired } from '../../src/checks/token-expired.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, targetOf } from '../../src/contract/target.ts';
import { cluster, NOW, secondsFromNow, TENANT, tokenWith, v1, v2 } from './builders.ts';

const target = targetOf('arm', 'public');
const run = (exp: unknown, now = NOW, iss: unknown = v1(TENANT)) =>
  tokenExpired.run({ token: tokenWith({ iss, exp }), now, target, issuerFamily: 'entra' });

describe('token-expired', () => {
  it.each([
    ['a day left', 86_400, 'pass'],
    ['an hour left', 3_600, 'pass'],
    ['300 s left', 300, 'pass'],
    ['1 s left', 1, 'pass'],
    ['a fraction of a second left', 0.25, 'pass'],
    ['exactly now', 0, 'unknown'],
    ['a fraction of a second ago', -0.25, 'unknown'],
    ['1 s ago', -1, 'unknown'],
    ['299 s ago', -299, 'unknown'],
    // Microsoft.IdentityModel still takes it at exactly five minutes, so that cannot be told either.
    ['300 s ago', -300, 'unknown'],
    ['a fraction of a second more', -300.25, 'fail'],
    ['301 s ago', -301, 'fail'],
    ['an hour ago', -3_600, 'fail'],
  ])('%s', (_name, seconds, outcome) => {
    expect(run(secondsFromNow(seconds)).outcome).toBe(outcome);
  });

  it('counts parts of a second of the moment', () => {
    const justBefore = new Date(NOW.getTime() - 1);
    const justAfter = new Date(NOW.getTime() + 1);
    expect(run(secondsFromNow(0), justBefore).outcome).toBe('pass');
    expect(run(secondsFromNow(0), justAfter).outcome).toBe('unknown');
    expect(run(secondsFromNow(0.25), new Date(NOW.getTime() + 500)).outcome).toBe('unknown');
  });

  it('counts them at the end of the tolerance too', () => {
    expect(run(secondsFromNow(-300), new Date(NOW.getTime() - 1)).outcome).toBe('unknown');
    expect(run(secondsFromNow(-300), new Date(NOW.getTime() + 1)).outcome).toBe('fail');
  });

  it.each([
    ['now', 0, 'less than a second'],
    ['half a second ago', -0.5, 'less than a second'],
    ['299.9 s ago', -299.9, '4 minutes'],
    ['half a second left', 0.5, 'less than a second'],
    ['119.9 s left', 119.9, '1 minute'],
  ])('never says longer than it is: %s', (_name, seconds, words) => {
    expect(run(secondsFromNow(seconds)).summary).toContain(words);
  });

  it.each([-1, -3_600])('shows moment and claim as dates, %d s', (seconds) => {
    expect(run(secondsFromNow(seconds))).toMatchObject({
      expected: expect.stringContaining('2026-11-20T10:00:00.000Z'),
      actual: new Date(NOW.getTime() + seconds * 1_000).toISOString(),
    });
  });

  it.each<[string, unknown, string]>([
    ['absent', undefined, 'absent'],
    ['null', null, 'null'],
    ['text', String(secondsFromNow(3_600)), String(secondsFromNow(3_600))],
    ['a date', '2026-11-20T11:00:00Z', '2026-11-20T11:00:00Z'],
    ['empty', '', ''],
    ['a list', [secondsFromNow(3_600)], `[${secondsFromNow(3_600)}]`],
    ['an object', {}, '{}'],
    ['true', true, 'true'],
    ['negative', -1, '-1'],
    ['milliseconds instead of seconds', NOW.getTime() + 3_600_000, String(NOW.getTime() + 3_600_000)],
  ])('fails on what is no time: %s', (_name, exp, actual) => {
    expect(run(exp)).toMatchObject({ outcome: 'fail', actual });
  });

  it.each<[string, unknown, string]>([
    ['v1 of Entra', v1(TENANT), 'fail'],
    ['v2 of Entra', v2(TENANT), 'fail'],
    ['v1 of China', `https://sts.chinacloudapi.cn/${TENANT}/`, 'fail'],
    ['nearly Entra’s, its tenant in upper case', v1(TENANT.toUpperCase()), 'unknown'],
    ['a legacy service account, whose tokens have none', 'kubernetes/serviceaccount', 'unknown'],
    ['a cluster', cluster.issuer, 'unknown'],
    ['another identity provider', 'https://token.actions.githubusercontent.com', 'unknown'],
    ['nobody', undefined, 'unknown'],
    ['no text', [v1(TENANT)], 'unknown'],
  ])('a token without `exp` is at fault when it is of Entra: %s', (_name, iss, outcome) => {
    const token = tokenWith({ iss });
    expect(tokenExpired.run({ token, now: NOW, target, issuerFamily: 'entra' }).outcome).toBe(outcome);
  });

  it.each([secondsFromNow(-3_600), 'never', null])('is judged for every issuer when there is an `exp`: %j', (exp) => {
    expect(run(exp, NOW, 'kubernetes/serviceaccount').outcome).toBe('fail');
  });

  it.each([
    ['1970', 0, 'fail'],
    ['the last second of the year 9999', 253_402_300_799, 'pass'],
    ['a second more', 253_402_300_800, 'fail'],
    ['more than JSON numbers hold', Number.POSITIVE_INFINITY, 'fail'],
  ])('takes the years that have four digits: %s', (_name, exp, outcome) => {
    expect(run(exp).outcome).toBe(outcome);
  });
});

describe('token-expired by rules', () => {
  const rules = AcceptanceRules.parse({ issuers: [], audiences: [], clockToleranceSeconds: 60 });
  const ruled = ruledTarget('policy', 'the policy', rules, 'public');

  it.each([
    ['a second left', { exp: secondsFromNow(1) }, 'pass'],
    ['expired within the tolerance', { exp: secondsFromNow(-59) }, 'pass'],
    ['expired by the tolerance', { exp: secondsFromNow(-60) }, 'fail'],
    ['no `exp`', {}, 'fail'],
    ['text', { exp: '1' }, 'fail'],
  ])('%s', (_name, claims, outcome) => {
    const evidence = { token: tokenWith(claims), now: NOW, target: ruled, issuerFamily: 'entra' as const };
    expect(tokenExpired.run(evidence).outcome).toBe(outcome);
  });
});
