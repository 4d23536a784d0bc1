import { describe, expect, it } from 'vitest';
import { tokenIdMissing } from '../../src/checks/token-id-missing.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, TargetName, targetOf, unnamedTarget } from '../../src/contract/target.ts';
import { CLIENT, tokenWith } from './builders.ts';

const SERVICENOW = ['servicenow-oidc', 'servicenow-jwt-bearer'] as const;
const run = (name: TargetName, claims: JsonObject) =>
  tokenIdMissing.run({ token: tokenWith(claims), target: targetOf(name, 'public', CLIENT) });

describe.each(SERVICENOW)('token-id-missing for %s', (name) => {
  it.each<[string, JsonObject, Outcome, string | undefined]>([
    ['an id', { jti: 'c2f1' }, 'pass', undefined],
    ['a blank, which is text', { jti: ' ' }, 'pass', undefined],
    ['none', {}, 'unknown', 'absent'],
    ['Entra’s own, which ServiceNow does not look at', { uti: 'c2f1' }, 'unknown', 'absent'],
    ['other letter case', { JTI: 'c2f1' }, 'unknown', 'absent'],
    ['empty', { jti: '' }, 'unknown', ''],
    ['null', { jti: null }, 'unknown', 'null'],
    ['a number', { jti: 7 }, 'unknown', '7'],
    ['a list', { jti: ['c2f1'] }, 'unknown', '["c2f1"]'],
  ])('%s', (_name, claims, outcome, actual) => {
    const ruling = run(name, claims);
    expect(ruling.outcome).toBe(outcome);
    expect(ruling.actual).toBe(actual);
  });
});

describe('token-id-missing', () => {
  it('names the field of each product', () => {
    const [oidc, grant] = SERVICENOW.map((name) => run(name, {}).summary);
    expect(oidc).not.toBe(grant);
    expect(grant).toContain('"Enable JTI verification"');
    expect(oidc).toContain('"Enable JTI claim verification"');
  });

  it.each(TargetName.options.filter((name) => !name.startsWith('servicenow-')))('is not asked by %s', (name) => {
    expect(run(name, {}).outcome).toBe('not-applicable');
    expect(run(name, { jti: 'c2f1' }).outcome).toBe('not-applicable');
  });

  it.each([
    unnamedTarget('public'),
    ruledTarget('policy', 'servicenow-like', AcceptanceRules.parse({}), 'public'),
    ruledTarget('custom', 'servicenow-like', AcceptanceRules.parse({}), 'public'),
  ])('is not asked by $name', (target) => {
    expect(tokenIdMissing.run({ token: tokenWith({}), target }).outcome).toBe('not-applicable');
  });
});
