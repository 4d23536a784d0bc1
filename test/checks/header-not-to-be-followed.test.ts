import { describe, expect, it } from 'vitest';
import { headerNotToBeFollowed } from '../../src/checks/header-not-to-be-followed.ts';
import type { JsonObject } from '../../src/contract/json.ts';

const run = (header: JsonObject) => headerNotToBeFollowed.run({ header });
const HEALTHY = { alg: 'RS256', typ: 'JWT', kid: 'a', x5t: 'a' };

describe('header-not-to-be-followed', () => {
  it.each<[string, JsonObject]>([
    ['of Entra v1', HEALTHY],
    ['of Entra v2', { typ: 'JWT', alg: 'RS256', kid: 'a' }],
    ['of Kubernetes', { alg: 'RS256', kid: 'a' }],
    ['of Microsoft Graph', { ...HEALTHY, nonce: 'n' }],
    ['with the other thumbprint', { ...HEALTHY, 'x5t#S256': 'a' }],
    ['with extensions, which another check judges', { ...HEALTHY, crit: ['exp'] }],
    ['with a nearly dangerous name', { ...HEALTHY, JKU: 'https://evil.example', jkus: 'a', x5: 'a' }],
    ['with names every object inherits', { ...HEALTHY, constructor: 'a', toString: 'a' }],
    ['empty', {}],
  ])('passes a header %s', (_name, header) => {
    expect(run(header).outcome).toBe('pass');
  });

  it.each<[string, unknown]>([
    ['jku', 'https://evil.example/keys'],
    ['jwk', { kty: 'RSA', n: 'AQ', e: 'AQAB' }],
    ['x5u', 'https://evil.example/certificate'],
    ['x5c', ['MIIB']],
    ['b64', false],
    ['zip', 'DEF'],
    ['cty', 'JWT'],
    ['jku', ''],
    ['jwk', null],
    ['x5c', []],
  ])('fails on %s: %j', (name, value) => {
    expect(run({ ...HEALTHY, [name]: value })).toMatchObject({ outcome: 'fail', actual: name });
  });

  it('names all of them, in an order of its own', () => {
    expect(run({ zip: 'DEF', cty: 'JWT', x5c: [], jku: 'a', kid: 'a' }).actual).toBe('jku, x5c, zip, cty');
  });

  it('never repeats what stands there', () => {
    const ruling = run({ ...HEALTHY, jku: 'https://evil.example/$(id)', jwk: { kty: 'stranger' } });
    expect(JSON.stringify(ruling)).not.toMatch(/evil|\$\(id\)|stranger/);
  });

  it('lets whoever ignores them be: it only warns', () => {
    expect(headerNotToBeFollowed.severity).toBe('warning');
  });
});
