import { describe, expect, it } from 'vitest';
import { compileRoute } from '../../local/route-template.ts';

const GUID = '0a1b2c3d-1111-4222-8333-444455556666';

describe('a route', () => {
  it.each([
    ['a literal', 'api/health', '/api/health', {}],
    ['a literal in another case', 'api/Health', '/API/heALTH', {}],
    ['a trailing slash', 'api/health', '/api/health/', {}],
    ['a literal that is longer', 'api/health', '/api/healthy', undefined],
    ['a literal that is shorter', 'api/health', '/api/heal', undefined],
    ['a segment too few', 'api/health', '/api', undefined],
    ['a segment too many', 'api/health', '/api/health/now', undefined],
    ['the root for a route', 'api', '/', undefined],
    ['a route at the root', '', '/', {}],

    ['a parameter', 'keys/{kid}', '/keys/abc', { kid: 'abc' }],
    ['the case of a parameter', 'keys/{Kid}', '/KEYS/AbC', { Kid: 'AbC' }],
    ['several parameters', '{a}/to/{b}', '/x/to/y', { a: 'x', b: 'y' }],
    ['an empty parameter', 'keys/{kid}/use', '/keys//use', undefined],
    ['a parameter that is not there', 'keys/{kid}', '/keys', undefined],
    ['a parameter is one segment', 'keys/{kid}', '/keys/a/b', undefined],

    ['int', 'items/{id:int}', '/items/42', { id: '42' }],
    ['int, negative', 'items/{id:int}', '/items/-42', { id: '-42' }],
    ['int, a word', 'items/{id:int}', '/items/abc', undefined],
    ['int, a fraction', 'items/{id:int}', '/items/4.2', undefined],
    ['int, digits and more', 'items/{id:int}', '/items/42a', undefined],
    ['long', 'items/{id:long}', '/items/4200000000', { id: '4200000000' }],
    ['alpha', 'items/{name:alpha}', '/items/aBc', { name: 'aBc' }],
    ['alpha, a digit', 'items/{name:alpha}', '/items/abc1', undefined],
    ['bool', 'items/{on:bool}', '/items/True', { on: 'True' }],
    ['bool, a number', 'items/{on:bool}', '/items/1', undefined],
    ['guid', 'items/{id:guid}', `/items/${GUID}`, { id: GUID }],
    ['guid in capitals', 'items/{id:guid}', `/items/${GUID.toUpperCase()}`, { id: GUID.toUpperCase() }],
    ['guid, one digit short', 'items/{id:guid}', `/items/${GUID.slice(1)}`, undefined],
    ['guid, with more behind', 'items/{id:guid}', `/items/${GUID}0`, undefined],

    ['optional, there', 'items/{id?}', '/items/42', { id: '42' }],
    ['optional, not there', 'items/{id?}', '/items', {}],
    ['optional, not there but its slash', 'items/{id?}', '/items/', {}],
    ['optional at the root, not there', '{id?}', '/', {}],
    ['optional and constrained, there', 'items/{id:int?}', '/items/42', { id: '42' }],
    ['optional and constrained, not there', 'items/{id:int?}', '/items', {}],
    ['optional and constrained, another', 'items/{id:int?}', '/items/abc', undefined],

    ['catch-all, one segment', 'files/{*path}', '/files/a', { path: 'a' }],
    ['catch-all, several segments', 'files/{*path}', '/files/a/b.txt', { path: 'a/b.txt' }],
    ['catch-all, another literal', 'files/{*path}', '/file/a', undefined],

    ['percent-encoding in a literal', 'keys', '/%6Beys', {}],
    ['percent-encoding', 'keys/{kid}', '/keys/a%20b%C3%A9', { kid: 'a bé' }],
    ['percent-encoding in a catch-all', 'files/{*path}', '/files/a%20b/c', { path: 'a b/c' }],
    ['a constraint on what is decoded', 'items/{id:int}', '/items/%34%32', { id: '42' }],
    ['a plus sign', 'keys/{kid}', '/keys/a+b', { kid: 'a+b' }],
    ['malformed percent-encoding', 'keys/{kid}', '/keys/%zz', { kid: '%zz' }],
    ['percent-encoding cut short', 'keys/{kid}', '/keys/%C3', { kid: '%C3' }],
    ['malformed percent-encoding under a constraint', 'items/{id:int}', '/items/%zz', undefined],
    ['malformed percent-encoding in a catch-all', 'files/{*path}', '/files/%20/%zz', { path: ' /%zz' }],
  ])('%s', (_case, template, path, expected) => {
    expect(compileRoute(template).match(path)).toEqual(expected);
  });

  it('is matched anew each time', () => {
    const { match } = compileRoute('files/{*path}');
    expect([match('/files/a/b'), match('/other'), match('/files/c')]).toEqual([
      { path: 'a/b' },
      undefined,
      { path: 'c' },
    ]);
  });
});

describe('a template that the platform knows and this host does not', () => {
  it.each(['{**rest}', 'items/{id:range(1,5)}', '{file}.json', 'items/{id:datetime}'])('%s is refused', (template) => {
    expect(() => compileRoute(template)).toThrow();
  });
});

describe('specificity', () => {
  it.each([
    ['a literal before a parameter', 'items/special', 'items/{id}'],
    ['a literal before a constrained parameter', 'items/special', 'items/{id:alpha}'],
    ['a parameter before a catch-all', 'items/{id}', 'items/{*rest}'],
    ['a literal before a catch-all', 'items/special', 'items/{*rest}'],
    ['a constrained parameter before a free one', 'items/{id:int}', 'items/{name}'],
    ['a parameter before an optional one', 'items/{id}', 'items/{id?}'],
    ['the first segment that differs decides', 'items/{id}', '{kind}/special'],
  ])('%s', (_case, sooner, later) => {
    const [a, b] = [compileRoute(sooner).specificity, compileRoute(later).specificity];
    const differs = a.findIndex((rank, index) => rank !== b[index]);
    expect(a[differs]).toBeGreaterThan(b[differs]!);
  });
});
