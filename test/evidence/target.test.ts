import { describe, expect, it } from 'vitest';
import { AnalyzeTokenRequest } from '../../src/contract/analyze-token.ts';
import type { CloudName } from '../../src/contract/clouds.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { chooseTarget } from '../../src/evidence/target.ts';
import { Policies } from '../../src/trust/policies.ts';
import { TENANT } from '../tokens.ts';

const v1 = `https://sts.windows.net/${TENANT}/`;
const API = 'a1a2a3a4-1111-4222-8333-444455556666';
const RESOURCE = 'https://host.example/mcp';
const policies = Policies.parse({
  orders: { issuers: [v1], audiences: [API], cacheSeconds: 5, resource: RESOURCE },
});

const choose = (request: object, claims: JsonObject = {}, cloud: CloudName = 'public') =>
  chooseTarget(AnalyzeTokenRequest.parse({ claims, ...request }), { header: {}, claims }, { cloud }, policies);

describe('chooseTarget', () => {
  it.each<[string, JsonObject, string, CloudName]>([
    ['Azure Resource Manager', { iss: v1, aud: 'https://management.azure.com/' }, 'arm', 'public'],
    ['the same without slash', { iss: v1, aud: 'https://management.azure.com' }, 'arm', 'public'],
    ['AKS with a prefix', { iss: v1, aud: 'spn:6dae42f8-4368-4678-94ff-3960e28e3630' }, 'aks-api-server', 'public'],
    ['the exchange', { iss: 'https://a/', aud: ['api://AzureADTokenExchange'] }, 'token-exchange', 'public'],
    [
      'a resource of the cloud its issuer names',
      { iss: `https://sts.chinacloudapi.cn/${TENANT}/`, aud: 'https://vault.azure.cn' },
      'key-vault',
      'china',
    ],
    ['an API of a policy', { iss: v1, aud: API }, 'policy', 'public'],
    ['the same API, an issuer it does not accept', { iss: 'https://a/', aud: API }, 'unnamed', 'public'],
    ['a resource without rules here', { iss: v1, aud: 'https://graph.windows.net' }, 'unnamed', 'public'],
    ['another API', { iss: v1, aud: TENANT }, 'unnamed', 'public'],
    ['the cloud that the audience names', { iss: v1, aud: 'https://graph.microsoft.us' }, 'graph', 'usgovernment'],
    ['a resource called the same in both', { iss: v1, aud: 'https://storage.azure.com/' }, 'storage', 'public'],
    [
      'the policy before a resource beside it',
      { iss: v1, aud: [API, 'https://management.azure.com/'] },
      'policy',
      'public',
    ],
    ['nothing', {}, 'unnamed', 'public'],
  ])('without a target goes by the token: %s', (_name, claims, name, cloud) => {
    expect(choose({}, claims)).toMatchObject({ name, cloud });
  });

  it('takes what the request names', () => {
    const claims = { iss: v1, aud: API };
    expect(choose({ target: 'graph' }, claims).name).toBe('graph');
    expect(choose({ target: 'graph', cloud: 'china' }, claims).cloud).toBe('china');
    expect(choose({ target: 'graph' }, claims, 'usgovernment').cloud).toBe('usgovernment');
    expect(choose({ target: 'azure-devops' }, claims, 'usgovernment').cloud).toBe('public');
    expect(choose({ target: { policy: 'orders' } }, claims)).toMatchObject({ name: 'policy', audiences: [API] });
    expect(choose({ target: { custom: { audiences: ['a'] } } }, claims)).toMatchObject({
      name: 'custom',
      audiences: ['a'],
      rules: { issuers: [], clients: [] },
    });
  });

  it('shows of a policy what tokens are judged by, and nothing else', () => {
    const { rules } = choose({ target: { policy: 'orders' } });
    expect(Object.keys(rules ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:hash|cacheSeconds|resource|paths|name)$/)]),
    );
  });

  it('judges an MCP server of this deployment by its policy, and no other', () => {
    expect(choose({ target: 'mcp', resource: RESOURCE })).toMatchObject({ name: 'policy', audiences: [API] });
    expect(choose({ target: 'mcp', resource: `${RESOURCE}/` })).toMatchObject({
      name: 'mcp',
      audiences: [`${RESOURCE}/`],
    });
  });

  it('of two policies of one server takes the one that fits the token', () => {
    const two = Policies.parse({
      a: { issuers: [v1], audiences: ['aaa'], resource: RESOURCE },
      b: { issuers: [v1], audiences: [RESOURCE], resource: RESOURCE },
    });
    const of = (aud: string) =>
      chooseTarget(
        AnalyzeTokenRequest.parse({ claims: {}, target: 'mcp', resource: RESOURCE }),
        { header: {}, claims: { iss: v1, aud } },
        { cloud: 'public' },
        two,
      ).audiences;
    expect(of(RESOURCE)).toEqual([RESOURCE]);
    expect(of('aaa')).toEqual(['aaa']);
    expect(of('other')).toEqual(['aaa']);
  });

  it('judges policies in the cloud of the deployment', () => {
    expect(choose({ target: { policy: 'orders' } }, {}, 'china').cloud).toBe('china');
    expect(choose({ target: 'mcp', resource: RESOURCE, cloud: 'china' }).cloud).toBe('public');
    expect(() => choose({ target: { policy: 'orders' }, cloud: 'public' })).toThrow(/cloud/);
  });
});
