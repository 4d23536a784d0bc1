import { describe, expect, it } from 'vitest';
import { scopeMissing } from '../../src/checks/scope-missing.ts';
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
const ruled = (scopes: Wanted, name: 'policy' | 'custom' = 'policy') =>
  ruledTarget(
    name,
    'the orders',
    AcceptanceRules.parse({ issuers: [v2(TENANT)], audiences: ['api://orders'], scopes }),
    'public',
  );
const run = (target: Target, claims: JsonObject, issuerFamily: IssuerFamily | 'unknown' = 'entra') =>
  scopeMissing.run({ token: tokenWith(claims), target, issuerFamily, now: NOW });

const ANY = { any: ['Orders.Read', 'Orders.Write'] };
const ALL = { all: ['Orders.Read', 'Orders.Write'] };
const BOTH = { any: ['Orders.Read', 'Orders.Write'], all: ['openid'] };

describe.each(['policy', 'custom'] as const)('scope-missing for a %s', (name) => {
  it.each<[string, Wanted, unknown, Outcome]>([
    ['one of two, the first', ANY, 'Orders.Read', 'pass'],
    ['one of two, the second among others', ANY, 'openid Orders.Write email', 'pass'],
    ['one of two, neither', ANY, 'openid email', 'fail'],
    ['all of two', ALL, 'Orders.Write Orders.Read', 'pass'],
    ['all of two, one of them', ALL, 'Orders.Read', 'fail'],
    ['all of two, one of them twice', ALL, 'Orders.Read Orders.Read', 'fail'],
    ['one of two and all of one', BOTH, 'openid Orders.Write', 'pass'],
    ['one of two without the one that must be there', BOTH, 'Orders.Read Orders.Write', 'fail'],
    ['the one that must be there alone', BOTH, 'openid', 'fail'],
    ['with more spaces than needed', ALL, '  Orders.Read   Orders.Write ', 'pass'],
    ['other letter case', ANY, 'orders.read', 'fail'],
    ['longer', ANY, 'Orders.ReadWrite', 'fail'],
    ['part of it', ANY, 'Orders.Rea', 'fail'],
    ['with its audience in front', ANY, 'api://orders/Orders.Read', 'fail'],
    ['with commas between', ANY, 'Orders.Read,Orders.Write', 'fail'],
    ['with a line break between', ANY, 'Orders.Read\nOrders.Write', 'fail'],
    ['a list', ANY, ['Orders.Read'], 'fail'],
    ['a number', ANY, 5, 'fail'],
    ['empty', ANY, '', 'fail'],
    ['null', ANY, null, 'fail'],
    ['absent', ANY, undefined, 'fail'],
  ])('%s', (_name, scopes, scp, outcome) => {
    expect(run(ruled(scopes, name), { scp }).outcome).toBe(outcome);
  });

  it.each<Wanted>([{}, { any: [] }, { all: [] }, { any: [], all: [] }])('restricts none with %j', (scopes) => {
    expect(run(ruled(scopes, name), {}).outcome).toBe('pass');
  });
});

describe('scope-missing', () => {
  it.each<[IssuerFamily | 'unknown', JsonObject, Outcome]>([
    ['configured', { scope: 'Orders.Read' }, 'pass'],
    ['configured', { scp: 'Orders.Read' }, 'pass'],
    ['configured', { scp: '', scope: 'Orders.Read' }, 'pass'],
    ['configured', { scp: 'openid', scope: 'Orders.Read' }, 'fail'],
    ['configured', { scope: ['Orders.Read'] }, 'fail'],
    ['entra', { scope: 'Orders.Read' }, 'fail'],
    ['aks', { scope: 'Orders.Read' }, 'fail'],
    ['gitlab', { scope: 'Orders.Read' }, 'fail'],
    ['unknown', { scope: 'Orders.Read' }, 'pass'],
    ['unknown', { scp: 'Orders.Read' }, 'pass'],
    ['entra', { roles: ['Orders.Read'] }, 'fail'],
  ])('reads `scope` of issuers that are not known families alone: %s, %j', (family, claims, outcome) => {
    expect(run(ruled(ANY), claims, family).outcome).toBe(outcome);
  });

  it.each<[string, Wanted, JsonObject, string, string]>([
    ['any', ANY, { scp: 'openid  email' }, 'one of Orders.Read, Orders.Write', 'openid email'],
    ['all', ALL, { scp: 'Orders.Read' }, 'all of Orders.Read, Orders.Write', 'Orders.Read'],
    ['both', BOTH, { scp: 'openid' }, 'all of openid; one of Orders.Read, Orders.Write', 'openid'],
    ['none', ANY, {}, 'one of Orders.Read, Orders.Write', 'none'],
    ['one that does not count here', ANY, { scope: 'Orders.Read' }, 'one of Orders.Read, Orders.Write', 'none'],
  ])('shows what is asked for beside what is granted: %s', (_name, scopes, claims, expected, actual) => {
    expect(run(ruled(scopes), claims)).toMatchObject({ outcome: 'fail', expected, actual });
  });

  it('cuts a very long list', () => {
    expect(run(ruled(ANY), { scp: 'openid '.repeat(1_000) }).actual!.length).toBeLessThan(300);
  });

  it.each([targetOf('graph', 'public'), targetOf('mcp', 'public', 'https://mcp.example'), unnamedTarget('public')])(
    'asks nothing for $name',
    (target) => {
      expect(run(target, {}).outcome).toBe('not-applicable');
    },
  );
});
