import { describe, expect, it } from 'vitest';
import { groupOverage } from '../../src/checks/group-overage.ts';
import { type TargetName, targetOf } from '../../src/contract/target.ts';
import { OTHER_TENANT, tokenWith } from './builders.ts';

const run = (claims: Record<string, unknown>, name: TargetName = 'aks-api-server') =>
  groupOverage.run({ token: tokenWith(claims), target: targetOf(name, 'public') });
const pointer = {
  _claim_names: { groups: 'src1' },
  _claim_sources: { src1: { endpoint: 'https://graph.windows.net' } },
};
const implicitFlow = { hasgroups: true };

describe('group-overage', () => {
  it.each([
    ['an app in no group', { idtyp: 'app' }],
    ['an app with its groups', { idtyp: 'app', groups: [OTHER_TENANT] }],
    ['an app with an empty list', { idtyp: 'app', groups: [] }],
    ['an app with its groups, whatever points elsewhere', { idtyp: 'app', groups: [OTHER_TENANT], ...pointer }],
    ['an app with its groups, whatever the other sign says', { idtyp: 'app', groups: [], ...implicitFlow }],
    ['an app that has none, as the token says', { idtyp: 'app', hasgroups: false }],
    ['a caller of no kind that has none', { hasgroups: false }],
    ['a user with groups', { scp: 'user_impersonation', groups: [OTHER_TENANT] }],
    ['a pointer to other claims than groups', { idtyp: 'app', _claim_names: { roles: 'src1' } }],
    ['a pointer that is null', { idtyp: 'app', _claim_names: null }],
    ['the other sign as null', { idtyp: 'app', hasgroups: null }],
    ['the other sign as zero', { idtyp: 'app', hasgroups: 0 }],
    ['groups that are null', { idtyp: 'app', groups: null }],
    ['only sources, no names', { idtyp: 'app', _claim_sources: pointer._claim_sources }],
    ['a user by `idtyp`: AKS looks the groups up', { idtyp: 'user', ...pointer }],
    ['a user by `scp`', { scp: 'user_impersonation', ...pointer }],
    ['a user by `scp`, implicit flow', { scp: 'user_impersonation', ...implicitFlow }],
  ])('passes %s', (_name, claims) => {
    expect(run(claims).outcome).toBe('pass');
  });

  it.each([
    ['an app', { idtyp: 'app', ...pointer }],
    ['an app that points elsewhere, whatever the other sign says,', { idtyp: 'app', hasgroups: false, ...pointer }],
    ['an app: `idtyp` outweighs `scp`', { idtyp: 'app', scp: 'user_impersonation', ...pointer }],
  ])('fails on %s in too many groups', (_name, claims) => {
    expect(run(claims)).toMatchObject({
      outcome: 'fail',
      expected: expect.stringContaining('200'),
      actual: expect.stringContaining('_claim_names'),
    });
  });

  it.each([
    ['groups as text', { groups: OTHER_TENANT }],
    ['groups as a number', { groups: 0 }],
    ['groups as an object', { groups: {} }],
    ['groups in lists', { groups: [[OTHER_TENANT]] }],
    ['a pointer as text', { _claim_names: 'groups' }],
    ['a pointer as a list', { _claim_names: ['groups'] }],
  ])('fails on what AKS cannot read: %s', (_name, claims) => {
    for (const idtyp of ['app', 'user', undefined]) {
      const ruling = run({ idtyp, ...claims });
      expect(ruling.outcome).toBe('fail');
      // Its own advice: the number of groups is not at fault.
      expect(ruling.remediation?.text).not.toContain('200');
      expect(ruling.remediation).toBeDefined();
    }
  });

  it('does not take the sign of the implicit flow, which is for users, for the overage of an app', () => {
    for (const hasgroups of [true, 'true', 1]) expect(run({ idtyp: 'app', hasgroups }).outcome).toBe('unknown');
  });

  it.each<[string, Record<string, unknown>]>([
    ['no `idtyp`, no `scp`', {}],
    ['no `idtyp`, empty `scp`', { scp: '' }],
    ['roles alone do not tell', { roles: ['Reader'] }],
    ['a device', { idtyp: 'device' }],
    ['other letter case', { idtyp: 'App' }],
    ['a device with `scp`', { idtyp: 'device', scp: 'user_impersonation' }],
  ])('does not know who is in too many groups: %s', (_name, claims) => {
    expect(run({ ...claims, ...pointer }).outcome).toBe('unknown');
    expect(run({ ...claims, ...implicitFlow }).outcome).toBe('unknown');
  });

  it.each([
    ['an app in too many groups', { idtyp: 'app', ...pointer }],
    ['an app in too many groups, by the other sign', { idtyp: 'app', ...implicitFlow }],
    ['a user in too many groups', { idtyp: 'user', ...pointer }],
    ['nobody says who, in too many groups', pointer],
    ['an app with its groups', { idtyp: 'app', groups: [OTHER_TENANT] }],
    ['nothing about groups', {}],
  ])('is no matter of Azure Resource Manager: %s', (_name, claims) => {
    expect(run(claims, 'arm').outcome).toBe('not-applicable');
  });
});
