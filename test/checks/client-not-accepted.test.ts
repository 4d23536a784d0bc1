import { describe, expect, it } from 'vitest';
import { clientNotAccepted } from '../../src/checks/client-not-accepted.ts';
import type { IssuerFamily } from '../../src/contract/evidence.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, type Target, targetOf, unnamedTarget } from '../../src/contract/target.ts';
import { CLIENT, NOW, OTHER_TENANT, TENANT, tokenWith, v2 } from './builders.ts';

const SECOND = '0a1b2c3d-4444-4222-8333-444455556666';
const ruled = (clients: string[], name: 'policy' | 'custom' = 'policy') =>
  ruledTarget(
    name,
    'the orders',
    AcceptanceRules.parse({ issuers: [v2(TENANT)], audiences: ['api://orders'], clients }),
    'public',
  );
const run = (target: Target, claims: JsonObject, issuerFamily: IssuerFamily | 'unknown' = 'entra') =>
  clientNotAccepted.run({ token: tokenWith(claims), target, issuerFamily, now: NOW });

describe.each(['policy', 'custom'] as const)('client-not-accepted for a %s', (name) => {
  it.each<[string, JsonObject, Outcome]>([
    ['v2', { azp: CLIENT }, 'pass'],
    ['v1', { appid: CLIENT }, 'pass'],
    ['the second of the list', { azp: SECOND }, 'pass'],
    ['v2 beside a v1 claim of another', { azp: CLIENT, appid: OTHER_TENANT }, 'pass'],
    ['v1 behind an empty v2 claim', { azp: '', appid: CLIENT }, 'pass'],
    ['v1 behind a v2 claim that is no text', { azp: 5, appid: CLIENT }, 'pass'],
    ['another behind which the accepted one stands', { azp: OTHER_TENANT, appid: CLIENT }, 'fail'],
    ['another', { azp: OTHER_TENANT }, 'fail'],
    ['other letter case', { azp: CLIENT.toUpperCase() }, 'fail'],
    ['white space behind', { azp: `${CLIENT} ` }, 'fail'],
    ['part of it', { azp: CLIENT.slice(0, -1) }, 'fail'],
    ['both in one', { azp: `${CLIENT} ${SECOND}` }, 'fail'],
    ['a list with it', { azp: [CLIENT] }, 'fail'],
    ['a number', { azp: 5 }, 'fail'],
    ['null', { azp: null }, 'fail'],
    ['in the subject only', { sub: CLIENT, oid: CLIENT }, 'fail'],
    ['in the claim of others', { client_id: CLIENT }, 'fail'],
    ['none', {}, 'fail'],
  ])('%s', (_name, claims, outcome) => {
    expect(run(ruled([CLIENT, SECOND], name), claims).outcome).toBe(outcome);
  });

  it('restricts none with an empty list', () => {
    const target = ruled([], name);
    expect(run(target, {}).outcome).toBe('pass');
    expect(run(target, { azp: OTHER_TENANT }).outcome).toBe('pass');
  });
});

describe('client-not-accepted', () => {
  it.each<[IssuerFamily | 'unknown', JsonObject, Outcome]>([
    ['configured', { client_id: CLIENT }, 'pass'],
    ['configured', { azp: CLIENT }, 'pass'],
    ['configured', { azp: CLIENT, client_id: OTHER_TENANT }, 'pass'],
    ['configured', { azp: OTHER_TENANT, client_id: CLIENT }, 'fail'],
    ['configured', { client_id: OTHER_TENANT }, 'fail'],
    ['configured', { client_id: [CLIENT] }, 'fail'],
    ['entra', { client_id: CLIENT }, 'fail'],
    ['aks', { client_id: CLIENT }, 'fail'],
    ['github-actions', { client_id: CLIENT }, 'fail'],
    ['unknown', { client_id: CLIENT }, 'pass'],
    ['unknown', { azp: CLIENT }, 'pass'],
  ])('reads `client_id` of issuers that are not known families alone: %s, %j', (family, claims, outcome) => {
    expect(run(ruled([CLIENT]), claims, family).outcome).toBe(outcome);
  });

  it.each<[string, JsonObject, IssuerFamily, string]>([
    ['v2', { azp: OTHER_TENANT }, 'entra', OTHER_TENANT],
    ['v1', { appid: OTHER_TENANT }, 'entra', OTHER_TENANT],
    ['of others', { client_id: 'shop' }, 'configured', 'shop'],
    ['none', {}, 'entra', 'absent'],
    ['one that does not count here', { client_id: CLIENT }, 'entra', 'absent'],
  ])('shows what is accepted beside what is there: %s', (_name, claims, family, actual) => {
    const expected = `${CLIENT} or ${SECOND}`;
    expect(run(ruled([CLIENT, SECOND]), claims, family)).toMatchObject({ outcome: 'fail', expected, actual });
  });

  it('cuts a very long one', () => {
    expect(run(ruled([CLIENT]), { azp: 'x'.repeat(5_000) }).actual!.length).toBeLessThan(300);
  });

  it.each([
    targetOf('arm', 'public'),
    targetOf('aks-api-server', 'public'),
    targetOf('mcp', 'public', CLIENT),
    unnamedTarget('public'),
  ])('asks nothing for $name', (target) => {
    expect(run(target, { azp: OTHER_TENANT }).outcome).toBe('not-applicable');
  });
});
