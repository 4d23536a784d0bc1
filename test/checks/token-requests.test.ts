import { describe, expect, it } from 'vitest';
import { requestRightToken } from '../../src/checks/token-requests.ts';
import { targetOf } from '../../src/contract/target.ts';
import { AKS_SERVER, CLIENT, HOSTILE, OTHER_TENANT, TENANT } from './builders.ts';

const commandsFor = (name: 'aks-api-server' | 'arm', cloud: 'public' | 'usgovernment' | 'china', claims = {}) =>
  requestRightToken(targetOf(name, cloud), claims).commands!;

describe('requestRightToken', () => {
  it.each([
    ['public', 'login.microsoftonline.com', []],
    ['usgovernment', 'login.microsoftonline.us', ['az cloud set --name AzureUSGovernment']],
    ['china', 'login.partner.microsoftonline.cn', ['az cloud set --name AzureChinaCloud']],
  ] as const)('asks the authority of the target’s cloud for AKS: %s', (cloud, host, before) => {
    const commands = commandsFor('aks-api-server', cloud, { tid: TENANT, appid: CLIENT });
    expect(commands).toEqual([
      expect.stringContaining(`"https://${host}/${TENANT}/oauth2/token"`),
      expect.stringContaining(`"https://${host}/${TENANT}/oauth2/v2.0/token"`),
      ...before,
      expect.stringContaining(`az account get-access-token --tenant "${TENANT}" --resource ${AKS_SERVER}`),
      expect.stringMatching(new RegExp(`^kubelogin .*--tenant-id "${TENANT}" --server-id ${AKS_SERVER}$`)),
    ]);
    expect(commands[0]).toContain(`"resource=${AKS_SERVER}"`);
    expect(commands[1]).toContain(`"scope=${AKS_SERVER}/.default"`);
    expect(commands.slice(0, 2).every((command) => command.includes(`"client_id=${CLIENT}"`))).toBe(true);
  });

  it.each([
    ['public', 'login.microsoftonline.com', 'https://management.azure.com/', []],
    [
      'usgovernment',
      'login.microsoftonline.us',
      'https://management.usgovcloudapi.net/',
      ['az cloud set --name AzureUSGovernment'],
    ],
    [
      'china',
      'login.partner.microsoftonline.cn',
      'https://management.chinacloudapi.cn/',
      ['az cloud set --name AzureChinaCloud'],
    ],
  ] as const)('asks for Azure Resource Manager, without kubelogin: %s', (cloud, host, resource, before) => {
    const commands = commandsFor('arm', cloud, { tid: TENANT });
    expect(commands).toEqual([
      expect.stringContaining(`"https://${host}/${TENANT}/oauth2/token"`),
      expect.stringContaining(`"https://${host}/${TENANT}/oauth2/v2.0/token"`),
      ...before,
      expect.stringMatching(new RegExp(`^az account get-access-token .*--resource ${resource}$`)),
    ]);
    expect(commands[0]).toContain(`"resource=${resource}"`);
  });

  it.each<[string, object, number]>([
    ['a client with a secret', { appid: CLIENT, appidacr: '1' }, 2],
    ['a client that says nothing of itself', { azp: CLIENT }, 2],
    ['a client with a certificate', { azp: CLIENT, azpacr: '2' }, 0],
    ['a user by `idtyp`', { appid: CLIENT, appidacr: '1', idtyp: 'user' }, 0],
    ['a user', { appid: CLIENT, appidacr: '1', scp: 'user_impersonation' }, 0],
    ['a public client', { appid: CLIENT, appidacr: '0' }, 0],
    ['a public client, v2', { azp: CLIENT, azpacr: '0' }, 0],
    ['a managed identity', { appid: CLIENT, appidacr: '2', xms_mirid: '/subscriptions/x' }, 0],
  ])('asks with a client secret only whom has one: %s', (_caller, claims, count) => {
    const commands = commandsFor('aks-api-server', 'public', { tid: TENANT, ...claims });
    expect(commands.filter((command) => command.includes('client_secret'))).toHaveLength(count);
    const metadata = commands.filter((command) => command.includes('Metadata: true'));
    expect(metadata).toHaveLength('xms_mirid' in claims ? 1 : 0);
    for (const command of metadata) expect(command).toContain(`resource=${AKS_SERVER}&client_id=${CLIENT}`);
  });

  it.each([
    ['public', 'https://management.azure.com//.default'],
    ['usgovernment', 'https://management.usgovcloudapi.net//.default'],
    ['china', 'https://management.chinacloudapi.cn//.default'],
  ] as const)('keeps the audience’s own slash in the scope of Azure Resource Manager: %s', (cloud, scope) => {
    const { text, commands } = requestRightToken(targetOf('arm', cloud), {});
    expect(commands![1]).toMatch(new RegExp(`"scope=${scope}"$`));
    expect(text).toContain(`\`scope=${scope}\``);
  });

  it('names both parameters in the text, and where ServiceNow sets them', () => {
    const aks = requestRightToken(targetOf('aks-api-server', 'public'), {}).text;
    const arm = requestRightToken(targetOf('arm', 'public'), {}).text;
    expect(aks).toContain(`resource=${AKS_SERVER}`);
    expect(aks).toContain(`scope=${AKS_SERVER}/.default`);
    expect(aks).toContain('KB2804799');
    expect(arm).toContain('resource=https://management.azure.com/');
    expect(arm).not.toContain('KB2804799');
    expect(arm).toContain('OAuth Entity Scopes');
  });

  it('names no tenant for personal accounts, whose tenant owns nothing', () => {
    const tid = '9188040d-6c67-4c5b-b112-36a304b66dad';
    expect(commandsFor('arm', 'public', { tid }).join()).not.toContain(tid);
    expect(commandsFor('arm', 'public', { tid }).join()).toContain('$TENANT_ID');
  });

  it('takes the client of v2 tokens before the one of v1 tokens', () => {
    expect(commandsFor('arm', 'public', { azp: CLIENT, appid: OTHER_TENANT })[0]).toContain(`client_id=${CLIENT}`);
    expect(commandsFor('arm', 'public', { appid: OTHER_TENANT })[0]).toContain(`client_id=${OTHER_TENANT}`);
  });

  const unnamed = commandsFor('aks-api-server', 'public');

  it('leaves variables where the token names nothing', () => {
    expect(unnamed[0]).toContain('https://login.microsoftonline.com/$TENANT_ID/oauth2/token');
    expect(unnamed[0]).toContain('"client_id=$CLIENT_ID"');
    expect(unnamed[0]).toContain('"client_secret=$CLIENT_SECRET"');
  });

  it.each([...HOSTILE, '', 'contoso.onmicrosoft.com', null, 5, [TENANT], { toString: TENANT }])(
    'writes nothing but GUIDs into commands: %j',
    (value) => {
      expect(commandsFor('aks-api-server', 'public', { tid: value, appid: value, azp: value })).toEqual(unnamed);
    },
  );
});
