import { describe, expect, it } from 'vitest';
import { changeableClaimDecides } from '../../src/checks/changeable-claim-decides.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, TargetName, targetOf, unnamedTarget } from '../../src/contract/target.ts';
import { CLIENT, TENANT, tokenWith, v2 } from './builders.ts';

const OID = 'd1d2d3d4-1111-4222-8333-444455556666';
const ADA = 'ada@contoso.example';
const run = (subjects: string[], claims: JsonObject = {}, name: 'policy' | 'custom' = 'policy') =>
  changeableClaimDecides.run({
    token: tokenWith(claims),
    target: ruledTarget(
      name,
      'the orders',
      AcceptanceRules.parse({ issuers: [v2(TENANT)], audiences: ['api://orders'], subjects }),
      'public',
    ),
  });

describe.each(['policy', 'custom'] as const)('changeable-claim-decides for a %s', (name) => {
  it.each<[string, string[], JsonObject, Outcome, string | undefined]>([
    ['no subjects', [], { upn: ADA, email: ADA, name: 'Ada' }, 'pass', undefined],
    ['an id', [OID], { upn: ADA, sub: OID }, 'pass', undefined],
    ['a pairwise subject', ['AAAAAA-_xyz0123'], {}, 'pass', undefined],
    ['a service account', ['system:serviceaccount:shop:orders'], {}, 'pass', undefined],
    ['a branch', ['repo:contoso/shop:ref:refs/heads/main'], {}, 'pass', undefined],
    ['a path with an @ in it', ['repo:contoso/shop:ref:refs/tags/@v1'], {}, 'pass', undefined],
    ['two @', ['a@b@c'], {}, 'pass', undefined],
    ['nothing before the @', ['@contoso.example'], {}, 'pass', undefined],
    ['nothing behind it', ['ada@'], {}, 'pass', undefined],
    ['an address', [ADA], {}, 'fail', ADA],
    ['an address behind an id', [OID, ADA], {}, 'fail', ADA],
    ['an address of a guest', ['ada_fabrikam.example#EXT#@contoso.example'], {}, 'fail', expect.any(String)],
    ['two addresses', [ADA, 'bob@contoso.example'], {}, 'fail', `${ADA}, bob@contoso.example`],
    ['the name in the token', ['Ada Lovelace'], { name: 'Ada Lovelace' }, 'fail', 'Ada Lovelace'],
    ['a name that is not in the token', ['Ada Lovelace'], { name: 'Bob' }, 'pass', undefined],
    ['its `upn`', ['ada'], { upn: 'ada' }, 'fail', 'ada'],
    ['its `email`', ['ada'], { email: 'ada' }, 'fail', 'ada'],
    ['its `preferred_username`', ['ada'], { preferred_username: 'ada' }, 'fail', 'ada'],
    ['its `unique_name`', ['ada'], { unique_name: 'ada' }, 'fail', 'ada'],
    ['its `oid`', [OID], { oid: OID }, 'pass', undefined],
    ['a `upn` in other letter case, which is no match', ['ada'], { upn: 'Ada' }, 'pass', undefined],
    ['a `upn` that is no text', ['ada'], { upn: ['ada'] }, 'pass', undefined],
  ])('%s', (_name, subjects, claims, outcome, actual) => {
    const ruling = run(subjects, claims, name);
    expect(ruling.outcome).toBe(outcome);
    expect(ruling.actual).toEqual(actual);
  });
});

describe('changeable-claim-decides', () => {
  it.each<[string, JsonObject, string]>([
    ['none', { sub: 'a', oid: OID }, 'none of them'],
    ['one', { email: ADA }, 'email'],
    [
      'all',
      { name: 'Ada', unique_name: ADA, preferred_username: ADA, upn: ADA, email: ADA },
      'email, upn, preferred_username, unique_name, name',
    ],
    ['empty', { email: '', upn: ADA }, 'upn'],
    ['no text', { email: [ADA] }, 'none of them'],
  ])('names the claims ServiceNow may be set to: %s', (_name, claims, actual) => {
    const target = targetOf('servicenow-oidc', 'public', CLIENT);
    expect(changeableClaimDecides.run({ token: tokenWith(claims), target })).toMatchObject({
      outcome: 'unknown',
      actual,
    });
  });

  it('only warns', () => {
    expect(changeableClaimDecides.severity).toBe('warning');
  });

  it.each([
    ...TargetName.options.filter((name) => name !== 'servicenow-oidc').map((name) => targetOf(name, 'public')),
    unnamedTarget('public'),
  ])('asks nothing for $name', (target) => {
    expect(changeableClaimDecides.run({ token: tokenWith({ upn: ADA, sub: ADA }), target }).outcome).toBe(
      'not-applicable',
    );
  });

  it('cuts a very long one', () => {
    expect(run([`${'x'.repeat(5_000)}@contoso.example`]).actual!.length).toBeLessThan(300);
  });
});
