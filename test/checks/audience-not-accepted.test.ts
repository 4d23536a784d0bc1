import { describe, expect, it } from 'vitest';
import { audienceNotAccepted } from '../../src/checks/audience-not-accepted.ts';
import type { CloudName } from '../../src/contract/clouds.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import { targetOf } from '../../src/contract/target.ts';
import { AKS_SERVER, CLIENT, HOSTILE, NOW, TENANT, tokenWith, v1, v2 } from './builders.ts';

const run = (name: 'aks-api-server' | 'arm', cloud: CloudName, claims: Record<string, unknown>) =>
  audienceNotAccepted.run({
    token: tokenWith({ iss: v1(TENANT), ...claims }),
    target: targetOf(name, cloud),
    issuerFamily: 'entra',
    now: NOW,
  });

const GRAPH = 'https://graph.microsoft.com';
const ARM_APP_ID = '797f4846-ba00-4fd7-ba43-dac1f8f63013';
const ARC_SERVER = '6256c85f-0aad-4d50-b960-e6e9b21efe35';

describe.each(['public', 'usgovernment', 'china'] as const)('audience-not-accepted for AKS, %s', (cloud) => {
  const iss = cloud === 'china' ? `https://sts.chinacloudapi.cn/${TENANT}/` : v1(TENANT);

  it.each<[string, unknown, Outcome]>([
    ['the server application', AKS_SERVER, 'pass'],
    ['the same as the only one of a list', [AKS_SERVER], 'pass'],
    ['among others', [AKS_SERVER, GRAPH], 'unknown'],
    ['behind others', [GRAPH, AKS_SERVER], 'unknown'],
    ['twice', [AKS_SERVER, AKS_SERVER], 'unknown'],
    ['with the prefix of a legacy plugin', `spn:${AKS_SERVER}`, 'fail'],
    ['other letter case', AKS_SERVER.toUpperCase(), 'fail'],
    ['trailing slash', `${AKS_SERVER}/`, 'fail'],
    ['white space behind', `${AKS_SERVER} `, 'fail'],
    ['white space in front', ` ${AKS_SERVER}`, 'fail'],
    ['part of it', AKS_SERVER.slice(0, -1), 'fail'],
    ['as a scope', `${AKS_SERVER}/.default`, 'fail'],
    ['Azure Resource Manager', 'https://management.azure.com/', 'fail'],
    ['Azure Resource Manager, the older name', 'https://management.core.windows.net/', 'fail'],
    ['Microsoft Graph', GRAPH, 'fail'],
    ['Microsoft Graph by its id', '00000003-0000-0000-c000-000000000000', 'fail'],
    ['the client application of AKS', '80faf920-1908-4b52-b5ef-a8e7bedfc67a', 'fail'],
    ['the Arc server application', ARC_SERVER, 'fail'],
    ['the token exchange', 'api://AzureADTokenExchange', 'fail'],
    ['several, none right', [GRAPH, ARC_SERVER], 'fail'],
    ['empty', '', 'fail'],
    ['empty in a list', [''], 'fail'],
    ['empty twice', ['', ''], 'fail'],
    ['beside an empty one', ['', AKS_SERVER], 'unknown'],
    ['an empty list', [], 'fail'],
    ['a list that is not all text', [AKS_SERVER, 5], 'fail'],
    ['absent', undefined, 'fail'],
    ['null', null, 'fail'],
    ['a number', 5, 'fail'],
    ['an object', { aud: AKS_SERVER }, 'fail'],
  ])('%s', (_name, aud, outcome) => {
    expect(run('aks-api-server', cloud, { iss, aud }).outcome).toBe(outcome);
  });
});

describe('audience-not-accepted for AKS', () => {
  it.each([
    ['trailing slash', `${AKS_SERVER}/`, { kind: 'trailing-slash', at: 36 }],
    ['letter case', AKS_SERVER.toUpperCase(), { kind: 'letter-case', at: 1 }],
    ['white space', `${AKS_SERVER}\n`, { kind: 'white-space', at: 36 }],
    ['prefix', `spn:${AKS_SERVER}`, { kind: 'other', at: 0 }],
    ['another resource', 'https://management.azure.com/', { kind: 'other', at: 0 }],
  ])('shows both values and how they differ: %s', (_name, aud, difference) => {
    expect(run('aks-api-server', 'public', { aud })).toMatchObject({ expected: AKS_SERVER, actual: aud, difference });
  });

  it.each<[string, unknown, string]>([
    ['absent', undefined, 'absent'],
    ['null', null, 'null'],
    ['a number', 5, '5'],
    ['an empty list', [], '[]'],
    ['a mixed list', [AKS_SERVER, 5], `["${AKS_SERVER}",5]`],
    ['several', [GRAPH, ARC_SERVER], `["${GRAPH}","${ARC_SERVER}"]`],
  ])('shows what is there instead of one audience: %s', (_name, aud, actual) => {
    expect(run('aks-api-server', 'public', { aud })).toMatchObject({ expected: AKS_SERVER, actual });
  });

  it.each([
    ['https://management.azure.com/', 'Azure Resource Manager'],
    ['https://management.core.windows.net', 'Azure Resource Manager'],
    [ARM_APP_ID, 'Azure Resource Manager'],
    [GRAPH, 'Microsoft Graph'],
    [ARC_SERVER, 'the Azure Arc Kubernetes API server'],
  ])('names whose audience %s is', (aud, name) => {
    expect(run('aks-api-server', 'public', { aud }).summary).toContain(`(${name})`);
  });

  it.each([
    [`spn:${AKS_SERVER}`, true],
    [AKS_SERVER.toUpperCase(), false],
    ['spn', false],
  ])('speaks of the prefix where there is one: %s', (aud, said) => {
    expect(run('aks-api-server', 'public', { aud }).summary.includes('prefix')).toBe(said);
  });

  it.each<[string, unknown, string]>([
    ['empty', '', ''],
    ['empty in a list', [''], '[""]'],
    ['empty twice', ['', ''], '["",""]'],
    ['an empty list', [], '[]'],
  ])('takes it for no audience at all, like an absent one: %s', (_name, aud, actual) => {
    for (const name of ['aks-api-server', 'arm'] as const) {
      const ruling = run(name, 'public', { aud });
      const absent = run(name, 'public', {});
      expect(ruling).toEqual({ ...absent, outcome: 'fail', actual });
      expect(ruling.expected).toBe(targetOf(name, 'public').audiences.join(' or '));
      expect(ruling.difference).toBeUndefined();
    }
  });

  it.each<[string, unknown]>([
    ['white space', ' '],
    ['one beside an empty one', ['', GRAPH]],
  ])('takes it for an audience, but not an accepted one: %s', (_name, aud) => {
    for (const name of ['aks-api-server', 'arm'] as const) {
      const ruling = run(name, 'public', { aud });
      expect(ruling.outcome).toBe('fail');
      expect(ruling.summary).not.toBe(run(name, 'public', {}).summary);
    }
  });

  it('cuts a very long one', () => {
    expect(run('aks-api-server', 'public', { aud: 'x'.repeat(5_000) }).actual!.length).toBeLessThan(300);
  });

  it.each([
    ['a cluster', `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${CLIENT}/`],
    ['another identity provider', 'https://token.actions.githubusercontent.com'],
    ['Entra’s with a slip', `https://sts.windows.net/${TENANT}`],
    ['Entra’s in upper case', v1(TENANT.toUpperCase())],
    ['none', undefined],
    ['one that is no text', [v1(TENANT)]],
  ])('cannot know what the cluster takes from this issuer: %s', (_name, iss) => {
    expect(run('aks-api-server', 'public', { iss, aud: AKS_SERVER })).toMatchObject({
      outcome: 'unknown',
      actual: AKS_SERVER,
    });
    expect(run('aks-api-server', 'public', { iss, aud: GRAPH }).outcome).toBe('unknown');
  });

  it('judges v2 tokens of Entra too', () => {
    expect(run('aks-api-server', 'public', { iss: v2(TENANT), aud: GRAPH }).outcome).toBe('fail');
  });
});

describe('audience-not-accepted for Azure Resource Manager', () => {
  it.each<[CloudName, string, Outcome]>([
    ['public', 'https://management.azure.com/', 'pass'],
    ['public', 'https://management.core.windows.net/', 'pass'],
    // The public cloud's newer refusals list both without the slash too.
    ['public', 'https://management.azure.com', 'pass'],
    ['public', 'https://management.core.windows.net', 'pass'],
    ['public', 'https://management.azure.com//', 'fail'],
    ['public', 'https://MANAGEMENT.azure.com/', 'fail'],
    ['public', ' https://management.azure.com/', 'fail'],
    ['public', 'https://management.azure.com/.default', 'fail'],
    ['public', 'http://management.azure.com/', 'fail'],
    ['public', ARM_APP_ID, 'fail'],
    ['public', AKS_SERVER, 'fail'],
    ['public', GRAPH, 'fail'],
    ['public', 'https://management.usgovcloudapi.net/', 'fail'],
    ['public', 'https://management.chinacloudapi.cn/', 'fail'],
    ['usgovernment', 'https://management.usgovcloudapi.net/', 'pass'],
    ['usgovernment', 'https://management.core.usgovcloudapi.net/', 'pass'],
    ['usgovernment', 'https://management.usgovcloudapi.net', 'unknown'],
    ['usgovernment', 'https://management.core.usgovcloudapi.net', 'unknown'],
    ['usgovernment', 'https://management.usgovcloudapi.net//', 'fail'],
    ['usgovernment', 'https://management.azure.com/', 'fail'],
    ['usgovernment', 'https://management.chinacloudapi.cn/', 'fail'],
    ['china', 'https://management.chinacloudapi.cn/', 'pass'],
    ['china', 'https://management.core.chinacloudapi.cn/', 'pass'],
    ['china', 'https://management.chinacloudapi.cn', 'unknown'],
    ['china', 'https://management.core.chinacloudapi.cn', 'unknown'],
    ['china', 'https://management.azure.com/', 'fail'],
    ['china', 'https://management.usgovcloudapi.net/', 'fail'],
  ])('%s: %s is %s', (cloud, aud, outcome) => {
    expect(run('arm', cloud, { aud }).outcome).toBe(outcome);
  });

  it.each([
    ['https://management.azure.com//', 'https://management.azure.com/', { kind: 'trailing-slash', at: 29 }],
    ['https://MANAGEMENT.azure.com', 'https://management.azure.com', { kind: 'letter-case', at: 8 }],
    ['https://Management.Core.Windows.Net/', 'https://management.core.windows.net/', { kind: 'letter-case', at: 8 }],
    ['https://management.core.windows.net ', 'https://management.core.windows.net', { kind: 'white-space', at: 35 }],
    ['\thttps://management.core.windows.net/', 'https://management.core.windows.net/', { kind: 'white-space', at: 0 }],
  ])('compares %j with the one it was meant to be', (aud, expected, difference) => {
    expect(run('arm', 'public', { aud })).toMatchObject({ outcome: 'fail', expected, actual: aud, difference });
    expect(run('arm', 'public', { aud: [aud] })).toMatchObject({ outcome: 'fail', expected, actual: aud, difference });
  });

  it.each<[CloudName, string, string, { kind: string; at: number }]>([
    [
      'usgovernment',
      'https://management.core.usgovcloudapi.net//',
      'https://management.core.usgovcloudapi.net/',
      { kind: 'trailing-slash', at: 42 },
    ],
    [
      'china',
      'https://management.core.ChinaCloudApi.cn/',
      'https://management.core.chinacloudapi.cn/',
      { kind: 'letter-case', at: 24 },
    ],
  ])('compares it with one of the target’s cloud: %s', (cloud, aud, expected, difference) => {
    expect(run('arm', cloud, { aud })).toMatchObject({ outcome: 'fail', expected, actual: aud, difference });
  });

  it.each<[string, CloudName, unknown]>([
    ['AKS', 'public', AKS_SERVER],
    ['another resource', 'public', GRAPH],
    ['another cloud', 'public', 'https://management.chinacloudapi.cn/'],
    ['another scheme', 'public', 'http://management.azure.com/'],
    ['two slips at once', 'public', 'https://MANAGEMENT.azure.com//'],
    ['a slip in one that is not settled', 'china', 'https://MANAGEMENT.chinacloudapi.cn'],
    ['several', 'public', [GRAPH, AKS_SERVER]],
    ['slips among several', 'public', ['https://management.azure.com//', 'https://management.azure.com ']],
  ])('lists all it accepts where none of them is alike: %s', (_name, cloud, aud) => {
    const ruling = run('arm', cloud, { aud });
    expect(ruling).toMatchObject({ outcome: 'fail', expected: targetOf('arm', cloud).audiences.join(' or ') });
    expect(ruling.difference).toBeUndefined();
  });

  it('says that the slash is what is missing where that is not settled', () => {
    expect(run('arm', 'china', { aud: 'https://management.chinacloudapi.cn' })).toMatchObject({
      difference: { kind: 'trailing-slash', at: 35 },
    });
    expect(run('arm', 'china', { aud: ['https://management.chinacloudapi.cn'] }).outcome).toBe('unknown');
  });

  it('trusts no issuer but Entra, so it always knows its audiences', () => {
    expect(run('arm', 'public', { iss: 'https://issuer.example', aud: AKS_SERVER }).outcome).toBe('fail');
  });
});

describe('the remediation of audience-not-accepted', () => {
  const wrong = { aud: GRAPH, tid: TENANT, appid: CLIENT };

  it('requests a token for AKS, with the values of the token', () => {
    const { commands } = run('aks-api-server', 'public', wrong).remediation!;
    expect(commands![0]).toContain(`"resource=${AKS_SERVER}"`);
    expect(commands![1]).toContain(`"scope=${AKS_SERVER}/.default"`);
    expect(commands!.join()).toContain(TENANT);
    expect(commands!.join()).toContain(CLIENT);
  });

  it('requests a token for Azure Resource Manager', () => {
    const { commands } = run('arm', 'public', wrong).remediation!;
    expect(commands![0]).toContain('"resource=https://management.azure.com/"');
    expect(commands![1]).toContain('"scope=https://management.azure.com//.default"');
  });

  it.each([undefined, [], '', ['']])('is there too when the audience is %j', (aud) => {
    expect(run('aks-api-server', 'public', { ...wrong, aud }).remediation!.commands).toHaveLength(4);
  });

  it.each(HOSTILE)('keeps %j out of commands', (value) => {
    const { commands } = run('aks-api-server', 'public', { aud: value, tid: value, appid: value }).remediation!;
    expect(commands).toEqual(run('aks-api-server', 'public', { aud: GRAPH }).remediation!.commands);
    expect(commands!.join('\n')).not.toContain(value);
  });
});
