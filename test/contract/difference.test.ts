import { describe, expect, it } from 'vitest';
import { difference, nearest, subjectDifference } from '../../src/contract/difference.ts';

const A = 'a1a2a3a4-1111-4222-8333-444455556666';
const B = 'b1b2b3b4-1111-4222-8333-444455556666';
const v1 = (host: string, tenant = A) => `https://${host}/${tenant}/`;
const v2 = (host: string, tenant = A) => `https://${host}/${tenant}/v2.0`;
const cluster = (region: string, tenant = A, id = A) => `https://${region}.oic.prod-aks.azure.com/${tenant}/${id}/`;
const older = (path: string) => `https://oidc.prod-aks.azure.com/${path}`;
const pod = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`;
const run = (kind: string, repository = 'contoso/shop') => `repo:${repository}:${kind}`;
const EXCHANGE = 'api://AzureADTokenExchange';
const GLOBAL = 'login.microsoftonline.com';
const STS = 'sts.windows.net';

describe('difference', () => {
  it.each([
    ['equal', 'a/', 'a/', undefined],
    ['missing slash', 'https://a/', 'https://a', { kind: 'trailing-slash', at: 9 }],
    ['added slash', 'https://a', 'https://a/', { kind: 'trailing-slash', at: 9 }],
    ['white space in front', 'abc', ' abc', { kind: 'white-space', at: 0 }],
    ['line break behind', 'abc', 'abc\n', { kind: 'white-space', at: 3 }],
    ['letter case', 'abCd', 'abcd', { kind: 'letter-case', at: 2 }],
    ['another text', 'abc', 'abd', { kind: 'other', at: 2 }],
    ['a prefix', 'abc', 'abcdef', { kind: 'other', at: 3 }],
    ['nothing at all', 'abc', '', { kind: 'other', at: 0 }],
  ])('%s', (_name, expected, actual, found) => {
    expect(difference(expected, actual)).toEqual(found);
  });

  it.each([
    ['a Cyrillic letter', v1(STS), v1('sts.windоws.net'), 'homoglyph'],
    ['a Greek letter', v1(STS), v1('sts.windοws.net'), 'homoglyph'],
    ['the digit 0 in place of o', v1(STS), v1('sts.wind0ws.net'), 'homoglyph'],
    ['the digit 1 in place of l', v2(GLOBAL), v2('1ogin.microsoftonline.com'), 'homoglyph'],
    ['I in place of l', v2(GLOBAL), v2('Iogin.microsoftonline.com'), 'homoglyph'],
    ['rn in place of m', v2(GLOBAL), v2('login.rnicrosoftonline.com'), 'homoglyph'],
    ['vv in place of w', v1(STS), v1('sts.vvindows.net'), 'homoglyph'],
    ['a letter of full width', v1(STS), v1('ｓts.windows.net'), 'homoglyph'],
    ['a zero-width space', v1(STS), v1('sts.win\u200bdows.net'), 'homoglyph'],
    ['a soft hyphen', 'api://shop', 'api://sh\u00adop', 'homoglyph'],
    ['a hyphen that does not break', 'api://my-shop', 'api://my‑shop', 'homoglyph'],
    ['another digit, which looks like none', v1(STS), v1('sts.wind8ws.net'), 'other'],
    ['a letter with an accent', 'api://shop', 'api://shöp', 'other'],
    ['a colon encoded', 'api://shop', 'api%3A//shop', 'encoding'],
    ['all of it encoded', 'https://a/b', encodeURIComponent('https://a/b'), 'encoding'],
    ['encoded where it should be', 'https://a/b%20c', 'https://a/b c', 'encoding'],
    ['encoded twice', 'https://a/b', encodeURIComponent(encodeURIComponent('https://a/b')), 'other'],
    ['a broken code', 'https://a/b', 'https://a/b%2', 'other'],
    ['v1 of another tenant', v1(STS), v1(STS, B), 'other-tenant'],
    ['v2 of another tenant', v2(GLOBAL), v2(GLOBAL, B), 'other-tenant'],
    ['v1 of another cloud', v1(STS), v1('sts.chinacloudapi.cn'), 'cloud'],
    ['v2 of another cloud', v2(GLOBAL), v2('login.microsoftonline.us'), 'cloud'],
    ['v2 of an old host', v2(GLOBAL), v2('login.windows.net'), 'host-alias'],
    ['v2 of an old host in China', v2('login.partner.microsoftonline.cn'), v2('login.chinacloudapi.cn'), 'host-alias'],
    ['an alias and another tenant', v2(GLOBAL), v2('login.microsoft.com', B), 'other-tenant'],
    ['v1 in place of v2', v2(GLOBAL), v1(STS), 'other'],
    ['the old v2 form of B2C', v2(GLOBAL), `${v2(GLOBAL)}/`, 'trailing-slash'],
    ['a host that is not Entra’s', v2(GLOBAL), v2('login.example.com'), 'other'],
    ['a host with Entra’s in it', v2(GLOBAL), v2('login.microsoftonline.com.example.com'), 'other'],
    ['a name in place of the tenant', v2(GLOBAL), v2(GLOBAL, 'common'), 'other'],
    ['http', v2(GLOBAL), v2(GLOBAL).replace('https', 'http'), 'other'],
    ['another cluster', cluster('westeurope'), cluster('westeurope', A, B), 'other-cluster'],
    ['another cluster, elsewhere', cluster('westeurope'), cluster('eastus', A, B), 'other-cluster'],
    ['the same cluster elsewhere', cluster('westeurope'), cluster('eastus'), 'other-region'],
    ['a cluster of another tenant', cluster('westeurope'), cluster('westeurope', B), 'other-tenant'],
    ['a cluster without its slash', cluster('westeurope'), cluster('westeurope').slice(0, -1), 'trailing-slash'],
    ['a cluster of the older form', cluster('westeurope'), older(`${A}/`), 'host-alias'],
    ['one of the older form with its tenant', older(`${A}/`), older(`${B}/${A}/`), 'host-alias'],
    ['another cluster of the older form', cluster('westeurope'), older(`${B}/`), 'other-cluster'],
    ['two clusters of the older form', older(`${A}/`), older(`${B}/`), 'other-cluster'],
    ['a cluster of the older form without its slash', cluster('westeurope'), older(A), 'other'],
    ['a cluster of the older form in place of a tenant', v1(STS), older(`${A}/`), 'other'],
    ['the exchange in another cloud', EXCHANGE, `${EXCHANGE}China`, 'cloud'],
    ['the exchange in two others', `${EXCHANGE}USGov`, `${EXCHANGE}China`, 'cloud'],
    ['the exchange in no cloud', EXCHANGE, `${EXCHANGE}Mars`, 'other'],
    ['the exchange in capitals', EXCHANGE, EXCHANGE.toUpperCase(), 'letter-case'],
    ['a cluster elsewhere and without its slash', cluster('westeurope'), cluster('eastus').slice(0, -1), 'other'],
    ['a cluster in place of a tenant', v1(STS), cluster('westeurope'), 'other'],
  ])('names %s, both ways', (_name, expected, actual, kind) => {
    expect(difference(expected, actual)?.kind).toBe(kind);
    expect(difference(actual, expected)?.kind).toBe(kind);
  });

  it.each([
    ['another service account', pod('shop', 'orders'), pod('shop', 'invoices'), 'service-account'],
    ['another namespace', pod('shop', 'orders'), pod('store', 'orders'), 'namespace'],
    ['another namespace and account', pod('shop', 'orders'), pod('store', 'invoices'), 'namespace'],
    ['a service account in capitals', pod('shop', 'orders'), pod('shop', 'ORDERS'), 'letter-case'],
    ['a service account with a part too many', pod('shop', 'orders'), `${pod('shop', 'orders')}:x`, 'subject-format'],
    ['a pipeline in place of a pod', pod('shop', 'orders'), run('pull_request'), 'subject-format'],
    ['another kind of run', run('ref:refs/heads/main'), run('environment:main'), 'subject-format'],
    ['a tag in place of a branch', run('ref:refs/heads/1'), run('ref:refs/tags/1'), 'subject-format'],
    ['a pull request in place of a branch', run('ref:refs/heads/main'), run('pull_request'), 'subject-format'],
    ['a subject with ids', run('pull_request'), run('pull_request', 'contoso@1/shop@2'), 'subject-format'],
    ['another branch', run('ref:refs/heads/main'), run('ref:refs/heads/next'), 'other'],
    ['another environment', run('environment:one'), run('environment:two'), 'other'],
    ['another repository', run('pull_request'), run('pull_request', 'contoso/store'), 'other'],
    ['another owner', run('pull_request'), run('pull_request', 'fabrikam/shop'), 'other'],
    ['a longer word for a run', run('ref:refs/heads/main'), run('environments:main'), 'other'],
  ])('of two subjects names %s, both ways', (_name, expected, actual, kind) => {
    expect(subjectDifference(expected, actual)?.kind).toBe(kind);
    expect(subjectDifference(actual, expected)?.kind).toBe(kind);
    // Of two texts that need not be subjects, whose they are is no slip.
    const slip = kind === 'letter-case' ? kind : 'other';
    expect(difference(expected, actual)).toEqual({ ...subjectDifference(expected, actual), kind: slip });
  });

  it('finds the candidate a slip away, else the first', () => {
    expect(nearest(['https://x/', 'https://a/'], 'https://a')?.expected).toBe('https://a/');
    expect(nearest(['one', 'two'], 'three')?.expected).toBe('one');
    expect(nearest([], 'three')).toBeUndefined();
    const many = [...Array(100).keys()].map((n) => `https://issuer-${n}.example`);
    expect(nearest([...many.slice(1), 'https://a/'], 'https://a')?.difference.kind).toBe('trailing-slash');
    expect(nearest([...many, 'https://a/'], 'https://a')?.difference.kind).toBe('other');
  });
});
