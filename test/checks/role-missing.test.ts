import { describe, expect, it } from 'vitest';
import { roleMissing } from '../../src/checks/role-missing.ts';
import type { IssuerFamily } from '../../src/contract/evidence.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, type Target, targetOf, unnamedTarget } from '../../src/contract/target.ts';
import { NOW, TENANT, tokenWith, v2 } from './builders.ts';

interface Wanted {
  any?: string[];
  all?: string[];
}
const ruled = (roles: Wanted, name: 'policy' | 'custom' = 'policy') =>
  ruledTarget(
    name,
    'the orders',
    AcceptanceRules.parse({ issuers: [v2(TENANT)], audiences: ['api://orders'], roles }),
    'public',
  );
const run = (target: Target, claims: JsonObject, issuerFamily: IssuerFamily | 'unknown' = 'entra') =>
  roleMissing.run({ token: tokenWith(claims), target, issuerFamily, now: NOW });

const ANY = { any: ['Orders.Reader', 'Orders.Writer'] };
const ALL = { all: ['Orders.Reader', 'Orders.Writer'] };
const BOTH = { any: ['Orders.Reader', 'Orders.Writer'], all: ['Staff'] };

describe.each(['policy', 'custom'] as const)('role-missing for a %s', (name) => {
  it.each<[string, Wanted, unknown, Outcome]>([
    ['one of two, the first', ANY, ['Orders.Reader'], 'pass'],
    ['one of two, the second among others', ANY, ['Staff', 'Orders.Writer'], 'pass'],
    ['one of two, neither', ANY, ['Staff'], 'fail'],
    ['all of two', ALL, ['Orders.Writer', 'Orders.Reader'], 'pass'],
    ['all of two, one of them', ALL, ['Orders.Reader'], 'fail'],
    ['all of two, one of them twice', ALL, ['Orders.Reader', 'Orders.Reader'], 'fail'],
    ['one of two and all of one', BOTH, ['Staff', 'Orders.Writer'], 'pass'],
    ['one of two without the one that must be there', BOTH, ['Orders.Reader', 'Orders.Writer'], 'fail'],
    ['the one that must be there alone', BOTH, ['Staff'], 'fail'],
    ['beside what is no role', ANY, [5, null, '', 'Orders.Reader'], 'pass'],
    ['other letter case', ANY, ['orders.reader'], 'fail'],
    ['longer', ANY, ['Orders.Readers'], 'fail'],
    ['white space behind', ANY, ['Orders.Reader '], 'fail'],
    ['both in one text', ANY, ['Orders.Reader Orders.Writer'], 'fail'],
    ['a list in the list', ANY, [['Orders.Reader']], 'fail'],
    ['text in place of a list', ANY, 'Orders.Reader', 'fail'],
    ['an object', ANY, { 0: 'Orders.Reader' }, 'fail'],
    ['an empty list', ANY, [], 'fail'],
    ['null', ANY, null, 'fail'],
    ['absent', ANY, undefined, 'fail'],
  ])('%s', (_name, wanted, roles, outcome) => {
    expect(run(ruled(wanted, name), { roles }).outcome).toBe(outcome);
  });

  it.each<Wanted>([{}, { any: [] }, { all: [] }, { any: [], all: [] }])('restricts none with %j', (roles) => {
    expect(run(ruled(roles, name), {}).outcome).toBe('pass');
  });
});

describe('role-missing', () => {
  it.each<JsonObject>([
    { scp: 'Orders.Reader' },
    { role: ['Orders.Reader'] },
    { wids: ['Orders.Reader'] },
    { groups: ['Orders.Reader'] },
    { realm_access: { roles: ['Orders.Reader'] } },
  ])('looks at `roles` alone, whoever issued the token: %j', (claims) => {
    expect(run(ruled(ANY), claims).outcome).toBe('fail');
    expect(run(ruled(ANY), claims, 'configured').outcome).toBe('fail');
  });

  it.each(['entra', 'configured', 'aks', 'unknown'] as const)('reads them of every family alike: %s', (family) => {
    expect(run(ruled(ANY), { roles: ['Orders.Reader'] }, family).outcome).toBe('pass');
  });

  it.each<[string, Wanted, JsonObject, string, string]>([
    ['any', ANY, { roles: ['Staff', 'Guest'] }, 'one of Orders.Reader, Orders.Writer', 'Staff Guest'],
    ['all', ALL, { roles: ['Orders.Reader'] }, 'all of Orders.Reader, Orders.Writer', 'Orders.Reader'],
    ['both', BOTH, { roles: ['Staff'] }, 'all of Staff; one of Orders.Reader, Orders.Writer', 'Staff'],
    ['none', ANY, {}, 'one of Orders.Reader, Orders.Writer', 'none'],
    ['what is no role', ANY, { roles: [5, ''] }, 'one of Orders.Reader, Orders.Writer', 'none'],
  ])('shows what is asked for beside what is granted: %s', (_name, wanted, claims, expected, actual) => {
    expect(run(ruled(wanted), claims)).toMatchObject({ outcome: 'fail', expected, actual });
  });

  it('cuts a very long list', () => {
    expect(run(ruled(ANY), { roles: Array(1_000).fill('Staff') }).actual!.length).toBeLessThan(300);
  });

  it.each([targetOf('arm', 'public'), targetOf('mcp', 'public', 'https://mcp.example'), unnamedTarget('public')])(
    'asks nothing for $name',
    (target) => {
      expect(run(target, {}).outcome).toBe('not-applicable');
    },
  );
});
