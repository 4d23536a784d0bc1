import { describe, expect, it } from 'vitest';
import { issuerNotAccepted } from '../../src/checks/issuer-not-accepted.ts';
import type { CloudName } from '../../src/contract/clouds.ts';
import { targetOf } from '../../src/contract/target.ts';
import { AKS_SERVER, CLIENT, HOSTILE, OTHER_TENANT, TENANT, tokenWith, v1, v2 } from './builders.ts';

const targets = ['aks-api-server', 'arm'] as const;
const run = (name: (typeof targets)[number], cloud: CloudName, iss: unknown, claims = {}) =>
  issuerNotAccepted.run({
    token: tokenWith({ ...claims, iss }),
    tokenKind: { kind: 'entra-access-token', title: 'a token', because: 'It says so.' },
    target: targetOf(name, cloud),
    issuerFamily: 'unknown',
  });

const upper = TENANT.toUpperCase();
const anyV1 = v1('{tenant id}');
const anyV1China = 'https://sts.chinacloudapi.cn/{tenant id}/';
const v1China = `https://sts.chinacloudapi.cn/${TENANT}/`;
const v2Government = `https://login.microsoftonline.us/${TENANT}/v2.0`;
const v2China = `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`;

describe.each(targets)('issuer-not-accepted for %s', (name) => {
  it.each<[CloudName, string]>([
    ['public', v1(TENANT)],
    // The public cloud and US Government share the v1 issuer.
    ['usgovernment', v1(TENANT)],
    ['china', v1China],
  ])('passes the v1 issuer: %s', (cloud, iss) => {
    expect(run(name, cloud, iss).outcome).toBe('pass');
  });

  it.each<[CloudName, string, string]>([
    ['public', v1China, anyV1],
    ['public', v2Government, anyV1],
    ['public', v2China, anyV1],
    ['usgovernment', v1China, anyV1],
    ['usgovernment', v2(TENANT), anyV1],
    ['usgovernment', v2China, anyV1],
    ['china', v1(TENANT), anyV1China],
    ['china', v2(TENANT), anyV1China],
    ['china', v2Government, anyV1China],
  ])('fails on the issuer of another cloud, and names no tenant of this one: %s, %s', (cloud, iss, expected) => {
    const at = [...iss].findIndex((character, index) => character !== expected[index]);
    // The resource decides the version of a token, never its cloud: so the audience does not matter here.
    for (const aud of [targetOf(name, cloud).audiences[0], CLIENT, undefined]) {
      const ruling = run(name, cloud, iss, { aud, tid: TENANT });
      expect(ruling).toMatchObject({ outcome: 'fail', expected, actual: iss, difference: { kind: 'cloud', at } });
      const commands = ruling.remediation!.commands!.join('\n');
      expect(commands).toContain('$TENANT_ID');
      expect(commands).not.toContain(TENANT);
    }
  });

  it.each<[CloudName, string, string]>([
    ['public', v2(TENANT), v1(TENANT)],
    ['usgovernment', v2Government, v1(TENANT)],
    ['china', v2China, v1China],
  ])('fails on the v2 issuer where only it is wrong, else leaves it to the audience: %s', (cloud, iss, expected) => {
    const { audiences, audiencesUnsettled } = targetOf(name, cloud);
    for (const aud of [...audiences, ...audiencesUnsettled, [audiences[0]]]) {
      const difference = { kind: 'other', at: 8 };
      expect(run(name, cloud, iss, { aud })).toMatchObject({ outcome: 'fail', expected, actual: iss, difference });
    }
    for (const aud of [CLIENT, `${audiences[0]}//`, '', undefined, null, 5, []]) {
      expect(run(name, cloud, iss, { aud }).outcome).toBe('not-applicable');
    }
  });

  it.each([
    ['no slash', `https://sts.windows.net/${TENANT}`, { kind: 'trailing-slash', at: 60 }],
    ['two slashes', `${v1(TENANT)}/`, { kind: 'trailing-slash', at: 61 }],
    ['white space behind', `${v1(TENANT)} `, { kind: 'white-space', at: 61 }],
    ['a line break behind', `${v1(TENANT)}\n`, { kind: 'white-space', at: 61 }],
    ['white space in front', ` ${v1(TENANT)}`, { kind: 'white-space', at: 0 }],
    ['letter case of the host', `https://STS.windows.net/${TENANT}/`, { kind: 'letter-case', at: 8 }],
    ['letter case of the tenant', v1(upper), { kind: 'letter-case', at: 25 }],
    ['letter case of one letter', v1(TENANT.replace('c', 'C')), { kind: 'letter-case', at: 29 }],
    ['letter case of the scheme', `HTTPS://sts.windows.net/${TENANT}/`, { kind: 'letter-case', at: 0 }],
  ])('fails on a slip in the v1 issuer: %s', (_name, iss, difference) => {
    expect(run(name, 'public', iss)).toMatchObject({ outcome: 'fail', expected: v1(TENANT), actual: iss, difference });
  });

  it.each([
    ['v2 with a slash', `${v2(TENANT)}/`, 'trailing-slash'],
    ['v2 with white space', `${v2(TENANT)} `, 'white-space'],
    ['v2 in other letters', v2(TENANT).replace('v2.0', 'V2.0'), 'letter-case'],
    ['v2 with its tenant in upper case', v2(upper), 'letter-case'],
    ['v2 of US Government with a slash', `${v2Government}/`, 'trailing-slash'],
    ['v2 of China with white space', ` ${v2China}`, 'white-space'],
    ['v1 without the slash', v1(TENANT).slice(0, -1), 'trailing-slash'],
    ['v1 with its tenant in upper case', v1(upper), 'letter-case'],
    ['v1 of China without the slash', v1China.slice(0, -1), 'trailing-slash'],
    ['v1 of China with its tenant in upper case', v1China.replace(TENANT, upper), 'letter-case'],
  ])('names the slip, and expects the v1 issuer of the target’s cloud: %s', (_name, iss, kind) => {
    for (const [cloud, host, own] of [
      ['public', 'sts.windows.net', /sts\.windows\.net|login\.microsoftonline\.com/],
      ['usgovernment', 'sts.windows.net', /sts\.windows\.net|login\.microsoftonline\.us/],
      ['china', 'sts.chinacloudapi.cn', /\.cn/],
    ] as const) {
      const here = own.test(iss);
      const expected = `https://${host}/${here ? TENANT : '{tenant id}'}/`;
      const at = [...expected].findIndex((character, index) => character !== iss[index]);
      // A slip is one in the issuer that is expected; in another one, the version or the cloud is what differs.
      const difference = { kind: !here ? 'cloud' : iss.includes(host) ? kind : 'other', at };
      expect(run(name, cloud, iss)).toMatchObject({ outcome: 'fail', expected, actual: iss, difference });
    }
  });

  it.each<[string, string, string]>([
    ['an alias of the authority', `https://login.windows.net/${TENANT}/`, 'host-alias'],
    ['the same as v2', `https://login.windows.net/${TENANT}/v2.0`, 'host-alias'],
    ['another alias', `https://login.microsoft.com/${TENANT}/v2.0`, 'host-alias'],
    ['an alias in other letter case', `https://Login.Windows.Net/${upper}/`, 'host-alias'],
    ['the authority with a v1 path', `https://login.microsoftonline.com/${TENANT}/`, 'other'],
    ['the v1 host with a v2 path', `https://sts.windows.net/${TENANT}/v2.0`, 'other'],
    ['plain text', `http://sts.windows.net/${TENANT}/`, 'other'],
    ['plain text, v2', `http://login.microsoftonline.com/${TENANT}/v2.0`, 'other'],
    ['a port', `https://sts.windows.net:443/${TENANT}/`, 'other'],
    ['another port', `https://sts.windows.net:8443/${TENANT}/`, 'other'],
    ['user information', `https://user@sts.windows.net/${TENANT}/`, 'other'],
    ['a query', `${v1(TENANT)}?p=1`, 'other'],
    ['a longer path', `${v1(TENANT)}oauth2`, 'other'],
    ['two slips at once', v1(upper).slice(0, -1), 'other'],
  ])('fails on the tenant in no valid form on a host that is Entra’s: %s', (_name, iss, kind) => {
    const at = [...v1(TENANT)].findIndex((character, index) => character !== iss[index]);
    expect(run(name, 'public', iss)).toMatchObject({
      outcome: 'fail',
      expected: v1(TENANT),
      actual: iss,
      difference: { kind, at: at === -1 ? v1(TENANT).length : at },
    });
  });

  it('names no tenant of another cloud', () => {
    const ruling = run(name, 'public', `https://login.chinacloudapi.cn/${TENANT}/`);
    expect(ruling).toMatchObject({ outcome: 'fail', expected: anyV1, difference: { kind: 'cloud' } });
    expect(ruling.remediation!.commands!.join('\n')).not.toContain(TENANT);
  });

  it.each<[string, string, string]>([
    ['the template', v2('{tenantid}'), 'other'],
    ['common', v2('common'), 'other'],
    ['common as v1', v1('common'), 'other'],
    ['common at an alias', 'https://login.windows.net/common/', 'host-alias'],
    ['organizations in US Government', 'https://login.microsoftonline.us/organizations/v2.0', 'other'],
    ['a tenant name', v1('contoso.onmicrosoft.com'), 'other'],
    ['a tenant name as v2 in China', 'https://login.partner.microsoftonline.cn/contoso.example/v2.0', 'other'],
    ['nearly a tenant id', v1(TENANT.slice(0, -1)), 'other'],
    ['a tenant id behind another path', `https://sts.windows.net/tenants/${TENANT}/`, 'other'],
    ['no tenant', 'https://sts.windows.net', 'other'],
    ['a space that URL parsers refuse', `\u00a0https://sts.windows.net/common/`, 'other'],
    ['no scheme', 'sts.windows.net/common/', 'other'],
    ['a dot behind the host', 'https://sts.windows.net./common/', 'other'],
    ['a port that is none', 'https://sts.windows.net:99999/common/', 'other'],
  ])('fails without a tenant on a host that is Entra’s: %s', (_name, iss, kind) => {
    for (const [cloud, expected] of [
      ['public', anyV1],
      ['china', anyV1China],
    ] as const) {
      const ruling = run(name, cloud, iss, { tid: TENANT });
      const here = /\.cn/.test(iss) === (cloud === 'china') && !/\.us/.test(iss);
      expect(ruling).toMatchObject({
        outcome: 'fail',
        expected,
        actual: iss,
        difference: { kind: here ? kind : 'cloud' },
      });
      expect(ruling.remediation!.commands!.join('\n')).toContain('$TENANT_ID');
    }
  });

  it.each<[string, unknown, string]>([
    ['absent', undefined, 'absent'],
    ['null', null, 'null'],
    ['empty', '', ''],
    ['a number', 5, '5'],
    ['the right one in a list', [v1(TENANT)], `["${v1(TENANT)}"]`],
  ])('fails on no issuer: %s', (_name, iss, actual) => {
    expect(run(name, 'public', iss)).toMatchObject({ outcome: 'fail', actual });
  });

  it.each([
    ['another identity provider', 'https://token.actions.githubusercontent.com'],
    ['a cluster', `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${CLIENT}/`],
    ['the API server itself', 'https://kubernetes.default.svc.cluster.local'],
    ['a legacy service account', 'kubernetes/serviceaccount'],
    ['a tenant of customers', `https://contoso.ciamlogin.com/${TENANT}/v2.0`],
    ['Azure AD B2C', `https://contoso.b2clogin.com/${TENANT}/v2.0/`],
    ['a host that begins like Entra’s', `https://sts.windows.net.evil.example/${TENANT}/`],
    ['a v2 host that begins like Entra’s', `https://login.microsoftonline.com.evil.example/${TENANT}/v2.0`],
    ['an alias that begins like Entra’s', `https://login.windows.net.evil.example/${TENANT}/`],
    ['a host that ends like Entra’s', `https://evil-sts.windows.net/${TENANT}/`],
    ['a host below Entra’s', `https://evil.login.microsoftonline.com/${TENANT}/v2.0`],
    ['Entra’s host in the path', `https://evil.example/sts.windows.net/${TENANT}/`],
    ['Entra’s issuer in the query', `https://evil.example/${TENANT}/?iss=${v1(TENANT)}`],
    ['no host', TENANT],
    ['very long', `https://issuer.example/${'x'.repeat(5_000)}`],
  ])('leaves an issuer that is not Entra to a target that can be told to trust it: %s', (_name, iss) => {
    const ruling = run(name, 'public', iss);
    expect(ruling.outcome).toBe(name === 'aks-api-server' ? 'unknown' : 'fail');
    expect(ruling.actual!.startsWith(iss.slice(0, 100))).toBe(true);
    expect(ruling.actual!.length).toBeLessThan(300);
    expect(ruling.expected).toBe(name === 'aks-api-server' ? undefined : anyV1);
    expect(ruling.difference).toBeUndefined();
  });
});

describe.each(targets)('an issuer that passes itself off as Entra, at %s', (name) => {
  it.each([
    ['r and n for m', `https://login.rnicrosoftonline.com/${TENANT}/v2.0`, 'homoglyph'],
    ['a digit for a letter', `https://login.micr0softonline.com/${TENANT}/v2.0`, 'homoglyph'],
    ['a Cyrillic letter', `https://sts.wіndows.net/${TENANT}/`, 'homoglyph'],
    ['a character that cannot be seen', `https://sts.win\u200Bdows.net/${TENANT}/`, 'homoglyph'],
    ['Entra’s host as user name', `https://sts.windows.net@evil.example/${TENANT}/`, 'other'],
    ['the same with a password', `https://login.microsoftonline.com:x@evil.example/${TENANT}/v2.0`, 'other'],
  ])('%s', (_name, iss, kind) => {
    const ruling = run(name, 'public', iss, { tid: TENANT });
    expect(ruling).toMatchObject({ outcome: 'fail', expected: anyV1, difference: { kind } });
    expect(ruling.remediation!.commands!.join('\n')).not.toContain(TENANT);
  });

  it.each([
    ['a host that only has one of the words', `https://login.microsoft.example/${TENANT}/`],
    ['another host as user name', `https://user@evil.example/${TENANT}/`],
  ])('is not one: %s', (_name, iss) => {
    expect(run(name, 'public', iss).difference).toBeUndefined();
  });
});

describe('the remediation of issuer-not-accepted', () => {
  it('requests a token for AKS from the tenant of the token when the version is wrong', () => {
    const { commands } = run('aks-api-server', 'public', v2(TENANT), { aud: AKS_SERVER }).remediation!;
    expect(commands![0]).toContain(`https://login.microsoftonline.com/${TENANT}/oauth2/token`);
    expect(commands![0]).toContain(`"resource=${AKS_SERVER}"`);
    expect(commands![1]).toContain(`"scope=${AKS_SERVER}/.default"`);
  });

  it.each([
    ['public', v1China, 'https://login.microsoftonline.com/'],
    ['usgovernment', v2(TENANT), 'https://login.microsoftonline.us/'],
    ['china', v1(TENANT), 'https://login.partner.microsoftonline.cn/'],
  ] as const)('asks the authority of the target’s cloud: %s', (cloud, iss, authority) => {
    const { commands } = run('aks-api-server', cloud, iss, { tid: TENANT }).remediation!;
    expect(commands![0]).toContain(`${authority}$TENANT_ID/oauth2/token`);
    expect(commands![1]).toContain(`${authority}$TENANT_ID/oauth2/v2.0/token`);
  });

  it.each([
    ['a slash', v1(TENANT).slice(0, -1)],
    ['letter case of the tenant', v1(upper)],
    ['white space', `${v1(TENANT)} `],
    ['an alias', `https://login.windows.net/${TENANT}/`],
    ['plain text', `http://sts.windows.net/${TENANT}/`],
  ])('names the tenant of the issuer as Entra writes it, whatever `tid` says: %s', (_name, iss) => {
    const { commands } = run('arm', 'public', iss, { tid: OTHER_TENANT }).remediation!;
    expect(commands![0]).toContain(`https://login.microsoftonline.com/${TENANT}/oauth2/token`);
    expect(commands![2]).toContain(`--tenant "${TENANT}"`);
    expect(commands!.join()).not.toContain(OTHER_TENANT);
  });

  it('requests a token for Azure Resource Manager instead of one of a stranger', () => {
    const { commands } = run('arm', 'public', 'https://issuer.example/', { tid: TENANT }).remediation!;
    expect(commands![0]).toContain('"resource=https://management.azure.com/"');
    expect(commands!.join()).not.toContain(TENANT);
  });

  it.each(HOSTILE)('keeps %j out of commands', (value) => {
    const stranger = run('arm', 'public', `https://issuer.example/${value}`, { tid: value, appid: value });
    const plain = run('arm', 'public', 'https://issuer.example/');
    expect(stranger.remediation!.commands).toEqual(plain.remediation!.commands);
    for (const iss of [v1(value), v2(value)]) {
      const commands = run('arm', 'china', iss, { tid: value, appid: value }).remediation?.commands ?? [];
      expect(commands.join('\n')).not.toContain(value);
    }
  });
});
