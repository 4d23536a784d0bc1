import { describe, expect, it } from 'vitest';
import { subjectNotAccepted } from '../../src/checks/subject-not-accepted.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, type Target, targetOf, unnamedTarget } from '../../src/contract/target.ts';
import { cluster, NOW, TENANT, tokenWith, v2 } from './builders.ts';

const POD = 'system:serviceaccount:shop:orders';
const BRANCH = 'repo:contoso/shop:ref:refs/heads/main';
const ruled = (subjects: string[], name: 'policy' | 'custom' = 'policy') =>
  ruledTarget(
    name,
    'the orders',
    AcceptanceRules.parse({ issuers: [v2(TENANT), cluster.issuer], audiences: ['api://orders'], subjects }),
    'public',
  );
const run = (target: Target, claims: JsonObject) =>
  subjectNotAccepted.run({ token: tokenWith(claims), target, issuerFamily: 'aks', now: NOW });

describe.each(['policy', 'custom'] as const)('subject-not-accepted for a %s', (name) => {
  it.each<[string, unknown, Outcome]>([
    ['the first of the list', POD, 'pass'],
    ['the second', BRANCH, 'pass'],
    ['another service account', 'system:serviceaccount:shop:invoices', 'fail'],
    ['another namespace', 'system:serviceaccount:shop2:orders', 'fail'],
    ['longer', `${POD}-2`, 'fail'],
    ['part of it', POD.slice(0, -1), 'fail'],
    ['other letter case', POD.toUpperCase(), 'fail'],
    ['white space behind', `${POD} `, 'fail'],
    ['trailing slash', `${POD}/`, 'fail'],
    ['a pattern', 'system:serviceaccount:shop:*', 'fail'],
    ['a list with it', [POD], 'fail'],
    ['a number', 5, 'fail'],
    ['null', null, 'fail'],
    ['empty', '', 'fail'],
    ['absent', undefined, 'fail'],
  ])('%s', (_name, sub, outcome) => {
    expect(run(ruled([POD, BRANCH], name), { sub }).outcome).toBe(outcome);
  });

  it('restricts none with an empty list', () => {
    const target = ruled([], name);
    expect(run(target, {}).outcome).toBe('pass');
    expect(run(target, { sub: POD }).outcome).toBe('pass');
  });
});

describe('subject-not-accepted', () => {
  it.each<[string, JsonObject]>([
    ['oid', { oid: POD }],
    ['upn', { upn: POD }],
    ['the name of the service account', { 'kubernetes.io': { serviceaccount: { name: 'orders' } } }],
  ])('looks at `sub` alone, not at %s', (_name, claims) => {
    expect(run(ruled([POD]), claims)).toMatchObject({ outcome: 'fail', actual: 'absent' });
  });

  it.each([
    ['letter case', POD.replace('shop', 'Shop'), POD, { kind: 'letter-case', at: 22 }],
    ['white space', ` ${POD}`, POD, { kind: 'white-space', at: 0 }],
    ['trailing slash', `${POD}/`, POD, { kind: 'trailing-slash', at: POD.length }],
    ['a letter that looks alike', POD.replace('orders', '0rders'), POD, { kind: 'homoglyph', at: 27 }],
    ['the second of the list', `${BRANCH}\n`, BRANCH, { kind: 'white-space', at: BRANCH.length }],
    ['an escape', BRANCH.replaceAll('/', '%2F'), BRANCH, { kind: 'encoding', at: 12 }],
  ])('compares it with the one it was meant to be: %s', (_name, sub, expected, difference) => {
    expect(run(ruled([POD, BRANCH]), { sub })).toMatchObject({ outcome: 'fail', expected, actual: sub, difference });
  });

  it.each<[string, unknown, string]>([
    ['another', 'system:serviceaccount:shop:invoices', 'system:serviceaccount:shop:invoices'],
    ['two slips at once', ` ${POD.toUpperCase()}`, ` ${POD.toUpperCase()}`],
    ['absent', undefined, 'absent'],
    ['empty', '', ''],
    ['null', null, 'null'],
    ['a list', [POD], `["${POD}"]`],
  ])('lists all it accepts where none is alike: %s', (_name, sub, actual) => {
    const ruling = run(ruled([POD, BRANCH]), { sub });
    expect(ruling).toMatchObject({ outcome: 'fail', expected: `${POD} or ${BRANCH}`, actual });
    expect(ruling.difference).toBeUndefined();
  });

  it('cuts a very long one', () => {
    expect(run(ruled([POD]), { sub: 'x'.repeat(5_000) }).actual!.length).toBeLessThan(300);
  });

  it.each([
    targetOf('token-exchange', 'public'),
    targetOf('servicenow-jwt-bearer', 'public', 'client'),
    unnamedTarget('public'),
  ])('asks nothing for $name', (target) => {
    expect(run(target, { sub: 'anybody' }).outcome).toBe('not-applicable');
  });
});
