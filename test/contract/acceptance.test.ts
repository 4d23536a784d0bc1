import { describe, expect, it } from 'vitest';
import { ACCEPTANCE_RULES, type AcceptanceRule, breaks } from '../../src/contract/acceptance.ts';
import type { IssuerFamily } from '../../src/contract/evidence.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { CLIENT, TENANT, v2 } from '../checks/builders.ts';

type Family = IssuerFamily | 'unknown';
const NOW_SECONDS = 1_800_000_000;
const ORDERS = 'api://orders';
const POD = 'system:serviceaccount:shop:orders';

const broken = (
  rule: AcceptanceRule,
  claims: JsonObject,
  rules: { clockToleranceSeconds?: number | undefined; [name: string]: unknown } = {},
  { family = 'entra', header = { alg: 'RS256', typ: 'JWT' } }: { family?: Family; header?: JsonObject } = {},
) =>
  breaks[rule](
    { header, claims, family, nowSeconds: NOW_SECONDS },
    AcceptanceRules.parse({
      issuers: [v2(TENANT)],
      audiences: [ORDERS],
      ...rules,
      clockToleranceSeconds: rules.clockToleranceSeconds ?? 60,
    }),
  );
const at = (seconds: number) => NOW_SECONDS + seconds;

const FAMILIES: readonly Family[] = [
  'entra',
  'aks',
  'github-actions',
  'azure-devops',
  'gitlab',
  'configured',
  'unknown',
];
const NO_TIMES: readonly [string, unknown][] = [
  ['null', null],
  ['text', String(NOW_SECONDS)],
  ['empty text', ''],
  ['a list', [NOW_SECONDS]],
  ['an object', {}],
  ['true', true],
  ['negative', -1],
  ['milliseconds', NOW_SECONDS * 1_000],
  ['more than JSON numbers hold', Number.POSITIVE_INFINITY],
  ['not a number', Number.NaN],
];
const FOREIGN = FAMILIES.filter((family) => family !== 'entra');

describe('what a healthy token breaks', () => {
  const claims = {
    aud: ORDERS,
    exp: at(3_600),
    nbf: at(-5),
    iat: at(-5),
    azp: CLIENT,
    sub: 'somebody',
    scp: 'Orders.Read',
    roles: ['Orders.Reader'],
  };

  it.each(ACCEPTANCE_RULES)('is nothing, whether it is asked for or not: %s', (rule) => {
    const asked = {
      tokenKinds: ['delegated'],
      clients: [CLIENT],
      subjects: ['somebody'],
      scopes: { all: ['Orders.Read'] },
      roles: { all: ['Orders.Reader'] },
      maxTokenAgeSeconds: 600,
    };
    for (const family of FAMILIES)
      for (const rules of [{}, asked]) expect(broken(rule, claims, rules, { family })).toBe(false);
  });
});

describe('audience-not-accepted', () => {
  const rules = { audiences: [ORDERS, CLIENT] };

  it.each<[string, unknown, boolean]>([
    ['the first accepted', ORDERS, false],
    ['the second', CLIENT, false],
    ['the only one of a list', [ORDERS], false],
    ['another', 'api://invoices', true],
    ['trailing slash', `${ORDERS}/`, true],
    ['letter case', CLIENT.toUpperCase(), true],
    ['white space', ` ${ORDERS}`, true],
    ['part of it', ORDERS.slice(0, -1), true],
    ['none in a list', ['api://invoices', 'api://others'], true],
    ['an empty list', [], true],
    ['empty', '', true],
    ['a list that is not all text', [ORDERS, 5], true],
    ['a number', 5, true],
    ['null', null, true],
    ['an object', { aud: ORDERS }, true],
    ['absent', undefined, true],
  ])('%s', (_name, aud, expected) => {
    for (const family of FAMILIES) expect(broken('audience-not-accepted', { aud }, rules, { family })).toBe(expected);
  });

  it.each([
    ['beside another', ['api://invoices', ORDERS]],
    ['two accepted ones', [ORDERS, CLIENT]],
    ['twice', [ORDERS, ORDERS]],
    ['beside an empty one', [ORDERS, '']],
  ])('takes several of any family but Entra: %s', (_name, aud) => {
    expect(broken('audience-not-accepted', { aud }, rules)).toBe(true);
    for (const family of FOREIGN) expect(broken('audience-not-accepted', { aud }, rules, { family })).toBe(false);
  });

  it('accepts nothing where none is accepted', () => {
    for (const aud of [ORDERS, '', [], undefined])
      expect(broken('audience-not-accepted', { aud }, { audiences: [] }, { family: 'configured' })).toBe(true);
  });
});

describe('token-expired', () => {
  it.each<[number | undefined, number, boolean]>([
    [undefined, 3_600, false],
    [undefined, 0, false],
    [undefined, -59, false],
    [undefined, -59.75, false],
    [undefined, -60, true],
    [undefined, -61, true],
    [0, 1, false],
    [0, 0.25, false],
    [0, 0, true],
    [0, -1, true],
    [1, 0, false],
    [1, -1, true],
    [300, -299, false],
    [300, -300, true],
  ])('tolerance %s, %d s left', (clockToleranceSeconds, seconds, expected) => {
    for (const family of FAMILIES)
      expect(broken('token-expired', { exp: at(seconds) }, { clockToleranceSeconds }, { family })).toBe(expected);
  });

  it.each([...NO_TIMES, ['absent', undefined] as const])('takes no `exp` that is no time: %s', (_name, exp) => {
    for (const family of FAMILIES) expect(broken('token-expired', { exp }, {}, { family })).toBe(true);
  });
});

describe.each(['nbf', 'iat'])('token-not-yet-valid by %s', (name) => {
  it.each<[number | undefined, number, boolean]>([
    [undefined, -3_600, false],
    [undefined, 0, false],
    [undefined, 60, false],
    [undefined, 60.25, true],
    [undefined, 61, true],
    [0, 0, false],
    [0, 0.25, true],
    [0, 1, true],
    [300, 300, false],
    [300, 301, true],
  ])('tolerance %s, in %d s', (clockToleranceSeconds, seconds, expected) => {
    const rules = { clockToleranceSeconds };
    expect(broken('token-not-yet-valid', { [name]: at(seconds) }, rules)).toBe(expected);
    expect(broken('token-not-yet-valid', { nbf: at(-5), iat: at(-5), [name]: at(seconds) }, rules)).toBe(expected);
  });

  it.each(NO_TIMES)('takes none that is no time: %s', (_, value) => {
    expect(broken('token-not-yet-valid', { nbf: at(-5), iat: at(-5), [name]: value })).toBe(true);
  });

  it('needs neither', () => {
    expect(broken('token-not-yet-valid', {})).toBe(false);
    expect(broken('token-not-yet-valid', { nbf: at(-5), iat: at(-5), [name]: undefined })).toBe(false);
  });
});

describe('token-too-old', () => {
  it.each<[number, number | undefined, number, boolean]>([
    [600, undefined, 0, false],
    [600, undefined, 3_600, false],
    [600, undefined, -659, false],
    [600, undefined, -660, true],
    [600, 0, -599, false],
    [600, 0, -600, true],
    [600, 300, -899, false],
    [600, 300, -900, true],
    [1, 0, -0.75, false],
    [1, 0, -1, true],
  ])('%d s at most, tolerance %s, issued at %d s', (maxTokenAgeSeconds, clockToleranceSeconds, seconds, expected) => {
    const rules = { maxTokenAgeSeconds, clockToleranceSeconds };
    expect(broken('token-too-old', { iat: at(seconds) }, rules)).toBe(expected);
  });

  it.each([...NO_TIMES, ['absent', undefined] as const])(
    'asks for an `iat` where there is a limit: %s',
    (_name, iat) => {
      expect(broken('token-too-old', { iat, nbf: at(-5) }, { maxTokenAgeSeconds: 600 })).toBe(true);
      expect(broken('token-too-old', { iat }, { maxTokenAgeSeconds: null })).toBe(false);
      expect(broken('token-too-old', { iat })).toBe(false);
    },
  );
});

describe('token-proof-required', () => {
  it.each<[unknown, boolean]>([
    [undefined, false],
    [{ jwk: {} }, true],
    [{}, true],
    [null, true],
    [false, true],
    ['', true],
  ])('`cnf` is %j', (cnf, expected) => {
    for (const family of FAMILIES) expect(broken('token-proof-required', { cnf }, {}, { family })).toBe(expected);
  });
});

describe('client-not-accepted', () => {
  const rules = { clients: ['shop', CLIENT] };

  it.each<[JsonObject, boolean]>([
    [{ azp: CLIENT }, false],
    [{ appid: 'shop' }, false],
    [{ azp: CLIENT, appid: 'another' }, false],
    [{ azp: 'another', appid: CLIENT }, true],
    [{ azp: CLIENT.toUpperCase() }, true],
    [{ azp: [CLIENT] }, true],
    [{ azp: null }, true],
    [{ azp: '' }, true],
    [{ sub: CLIENT }, true],
    [{}, true],
  ])('%j', (claims, expected) => {
    for (const family of FAMILIES) expect(broken('client-not-accepted', claims, rules, { family })).toBe(expected);
    expect(broken('client-not-accepted', claims)).toBe(false);
  });

  it.each(FAMILIES)('takes `client_id` of issuers that are not known families alone: %s', (family) => {
    expect(broken('client-not-accepted', { client_id: 'shop' }, rules, { family })).toBe(
      family !== 'configured' && family !== 'unknown',
    );
  });
});

describe('subject-not-accepted', () => {
  it.each<[unknown, boolean]>([
    [POD, false],
    ['somebody', false],
    [`${POD}s`, true],
    [` ${POD}`, true],
    [POD.toUpperCase(), true],
    ['system:serviceaccount:shop:*', true],
    [[POD], true],
    ['', true],
    [null, true],
    [5, true],
    [undefined, true],
  ])('%j', (sub, expected) => {
    expect(broken('subject-not-accepted', { sub, oid: POD }, { subjects: [POD, 'somebody'] })).toBe(expected);
    expect(broken('subject-not-accepted', { sub })).toBe(false);
  });
});

describe.each([
  ['scope-missing', 'scopes', (words: string[]) => ({ scp: words.join(' ') })],
  ['role-missing', 'roles', (words: string[]) => ({ roles: words })],
] as const)('%s', (rule, name, granted) => {
  it.each<[string, { any?: string[]; all?: string[] }, string[], boolean]>([
    ['nothing asked', {}, [], false],
    ['nothing asked, something granted', {}, ['A'], false],
    ['one of two: one', { any: ['A', 'B'] }, ['B'], false],
    ['one of two: none', { any: ['A', 'B'] }, ['C'], true],
    ['all of two: both', { all: ['A', 'B'] }, ['B', 'C', 'A'], false],
    ['all of two: one', { all: ['A', 'B'] }, ['A', 'C'], true],
    ['both rules: both kept', { any: ['A', 'B'], all: ['C'] }, ['A', 'C'], false],
    ['both rules: the first broken', { any: ['A', 'B'], all: ['C'] }, ['C'], true],
    ['both rules: the second broken', { any: ['A', 'B'], all: ['C'] }, ['A', 'B'], true],
    ['letter case', { any: ['A'] }, ['a'], true],
    ['part of a word', { any: ['A'] }, ['AB'], true],
    ['none granted', { any: ['A'] }, [], true],
  ])('%s', (_name, wanted, words, expected) => {
    for (const family of FAMILIES) expect(broken(rule, granted(words), { [name]: wanted }, { family })).toBe(expected);
  });

  it.each([null, 5, true, {}, [['A']], { 0: 'A' }])('takes no claim of another shape: %j', (value) => {
    expect(broken(rule, { scp: value, roles: value }, { [name]: { any: ['A'] } })).toBe(true);
  });
});

describe('scopes and roles', () => {
  it.each(FAMILIES)('`scope` counts of issuers that are not known families alone: %s', (family) => {
    const rules = { scopes: { any: ['A'] } };
    expect(broken('scope-missing', { scope: 'A' }, rules, { family })).toBe(
      family !== 'configured' && family !== 'unknown',
    );
    expect(broken('scope-missing', { scp: 'B', scope: 'A' }, rules, { family })).toBe(true);
  });

  it('do not stand in for each other', () => {
    expect(broken('scope-missing', { roles: ['A'] }, { scopes: { any: ['A'] } })).toBe(true);
    expect(broken('role-missing', { scp: 'A' }, { roles: { any: ['A'] } })).toBe(true);
    expect(broken('scope-missing', { scp: ['A'] }, { scopes: { any: ['A'] } })).toBe(true);
    expect(broken('role-missing', { roles: 'A' }, { roles: { any: ['A'] } })).toBe(true);
  });
});
