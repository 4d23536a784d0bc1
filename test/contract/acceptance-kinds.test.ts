import { describe, expect, it } from 'vitest';
import { breaks } from '../../src/contract/acceptance.ts';
import type { IssuerFamily } from '../../src/contract/evidence.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { CLIENT, TENANT, v2 } from '../checks/builders.ts';

type Family = IssuerFamily | 'unknown';
type Kinds = AcceptanceRules['tokenKinds'];
const broken = (claims: JsonObject, family: Family, tokenKinds: Kinds = [], header: JsonObject = { typ: 'JWT' }) =>
  breaks['token-kind-not-accepted'](
    { header, claims, family, nowSeconds: 0 },
    AcceptanceRules.parse({ issuers: [v2(TENANT)], audiences: ['api://orders'], tokenKinds }),
  );

const OID = 'd1d2d3d4-1111-4222-8333-444455556666';
const USER = { azp: CLIENT, scp: 'Orders.Read' };
const APP = { azp: CLIENT, oid: OID, sub: OID, roles: ['Orders.Reader'] };
const POD = { sub: 'system:serviceaccount:shop:orders', 'kubernetes.io': { namespace: 'shop' } };
const FOREIGN = ['aks', 'github-actions', 'azure-devops', 'gitlab', 'configured', 'unknown'] as const;

describe('token-kind-not-accepted, kinds that are listed', () => {
  it.each<[string, JsonObject, Family, Kinds]>([
    ['a user’s', USER, 'entra', ['delegated']],
    ['an application’s', APP, 'entra', ['app-only']],
    ['a user’s by `idtyp`', { azp: CLIENT, idtyp: 'user' }, 'entra', ['delegated']],
    ['an application’s by `idtyp`, whatever else it has', { ...USER, idtyp: 'app' }, 'entra', ['app-only']],
    ['an application’s with `idtyp` of a user', { ...APP, idtyp: 'user' }, 'entra', ['delegated']],
    ['one with another `idtyp`', { ...APP, ...USER, idtyp: 'device' }, 'entra', []],
    ['one with an `idtyp` that is no text', { ...USER, idtyp: null }, 'entra', []],
    ['with neither', { azp: CLIENT }, 'entra', []],
    ['with an empty `scp`', { azp: CLIENT, scp: '' }, 'entra', []],
    ['with roles of a user', { ...APP, sub: 'pairwise' }, 'entra', []],
    ['an application’s without roles', { ...APP, roles: [] }, 'entra', []],
    ['a pod’s', POD, 'aks', ['kubernetes']],
    ['a pod’s by its subject', { sub: POD.sub }, 'aks', ['kubernetes']],
    ['a pod’s of a cluster that is configured', POD, 'configured', ['kubernetes']],
    ['a pod’s for an identity binding', { ...POD, aud: 'api://AKSIdentityBinding' }, 'aks', ['kubernetes']],
    ['a pod’s that has a scope too', { ...POD, scp: 'Orders.Read' }, 'aks', ['kubernetes']],
    ['one out of a secret', { ...POD, iss: 'kubernetes/serviceaccount' }, 'configured', []],
    ['Entra’s in the shape of a pod’s', { ...POD, azp: CLIENT }, 'entra', []],
    ['Entra’s with a scope, in that shape', { ...POD, ...USER, sub: POD.sub }, 'entra', ['delegated']],
    ['a pipeline’s', { sub: 'repo:contoso/shop' }, 'github-actions', []],
    ['a configured issuer’s with `scp`', { scp: 'Orders.Read' }, 'configured', ['delegated']],
    ['a configured issuer’s with `scope`', { scope: 'Orders.Read' }, 'configured', []],
  ])('%s', (_name, claims, family, accepting) => {
    for (const kind of ['app-only', 'delegated', 'kubernetes'] as const)
      expect(broken(claims, family, [kind])).toBe(!accepting.includes(kind));
    expect(broken(claims, family, ['app-only', 'delegated', 'kubernetes'])).toBe(accepting.length === 0);
    expect(broken(claims, family)).toBe(false);
  });
});

describe('token-kind-not-accepted, whatever is listed', () => {
  it.each(['nonce', 'at_hash', 'c_hash'])('takes no ID token, told by %s', (name) => {
    for (const family of ['entra', ...FOREIGN] as const)
      for (const value of ['x', '', null]) expect(broken({ ...USER, [name]: value }, family, ['delegated'])).toBe(true);
  });

  it.each<[string, JsonObject, boolean]>([
    ['v2', { azp: CLIENT }, false],
    ['v1', { appid: CLIENT }, false],
    ['none', { scp: 'Orders.Read' }, true],
    ['empty', { azp: '', scp: 'Orders.Read' }, true],
    ['no text', { azp: 5, scp: 'Orders.Read' }, true],
    ['as others write it', { client_id: CLIENT, scp: 'Orders.Read' }, true],
  ])('asks Entra’s tokens for their client: %s', (_name, claims, expected) => {
    expect(broken(claims, 'entra')).toBe(expected);
    for (const family of FOREIGN) expect(broken(claims, family)).toBe(false);
  });

  it('takes no ID token of Entra of a tenant that is not trusted', () => {
    const claims = { tid: TENANT, ver: '2.0', aud: CLIENT };
    expect(broken(claims, 'unknown')).toBe(true);
    expect(broken({ ...claims, azp: CLIENT }, 'unknown')).toBe(false);
    expect(broken(claims, 'configured')).toBe(false);
  });

  it.each<[unknown, boolean]>([
    [undefined, false],
    ['JWT', false],
    ['jwt', false],
    ['at+jwt', false],
    ['AT+JWT', false],
    ['application/at+jwt', false],
    ['application/jwt', false],
    ['pop', true],
    ['dpop+jwt', true],
    ['logout+jwt', true],
    ['secevent+jwt', true],
    ['token-introspection+jwt', true],
    ['oauth-authz-req+jwt', true],
    ['at+jwt ', true],
    ['JWS', true],
    ['', true],
    [null, true],
    [5, true],
    [['JWT'], true],
  ])('reads the type in the header: %j', (typ, expected) => {
    expect(broken(USER, 'entra', [], { typ })).toBe(expected);
    for (const family of FOREIGN) expect(broken({}, family, [], { typ })).toBe(expected);
  });

  it.each<[unknown, boolean]>([
    [undefined, false],
    ['Bearer', false],
    ['refresh', false],
    [5, false],
    ['ID', true],
    ['Refresh', true],
    ['Offline', true],
    ['Logout', true],
  ])('reads what Keycloak calls it: %j', (typ, expected) => {
    for (const family of FOREIGN) expect(broken({ typ }, family)).toBe(expected);
  });

  it.each([{ 'http://schemas.openid.net/event/backchannel-logout': {} }, {}, null, false])(
    'takes no token that tells of events: %j',
    (events) => {
      expect(broken({ ...USER, events }, 'entra')).toBe(true);
      for (const family of FOREIGN) expect(broken({ events }, family)).toBe(true);
    },
  );
});
