import { describe, expect, it } from 'vitest';
import { audienceNotAccepted } from '../../src/checks/audience-not-accepted.ts';
import type { CloudName } from '../../src/contract/clouds.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, type Target, type TargetName, targetOf, unnamedTarget } from '../../src/contract/target.ts';
import { CLIENT, NOW, TENANT, tokenWith, v1, v2 } from './builders.ts';

const run = (target: Target, aud: unknown, iss = v1(TENANT), issuerFamily: 'entra' | 'aks' | 'configured' = 'entra') =>
  audienceNotAccepted.run({ token: tokenWith({ iss, aud }), target, issuerFamily, now: NOW });
const of = (name: TargetName, cloud: CloudName = 'public', resource?: string) => targetOf(name, cloud, resource);

const ARM = 'https://management.azure.com/';
const GRAPH = 'https://graph.microsoft.com';

describe('audiences of Microsoft’s own resources', () => {
  it.each<[TargetName, CloudName, string, Outcome]>([
    ['graph', 'public', GRAPH, 'pass'],
    ['graph', 'public', `${GRAPH}/`, 'unknown'],
    ['graph', 'public', '00000003-0000-0000-c000-000000000000', 'unknown'],
    ['graph', 'public', 'https://graph.microsoft.us', 'fail'],
    ['graph', 'public', 'https://graph.windows.net', 'fail'],
    ['graph', 'public', 'https://Graph.microsoft.com', 'fail'],
    ['graph', 'usgovernment', 'https://graph.microsoft.us', 'pass'],
    ['graph', 'usgovernment', 'https://dod-graph.microsoft.us', 'pass'],
    ['graph', 'usgovernment', GRAPH, 'fail'],
    ['graph', 'china', 'https://microsoftgraph.chinacloudapi.cn', 'pass'],
    ['key-vault', 'public', 'https://vault.azure.net', 'pass'],
    ['key-vault', 'public', 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093', 'pass'],
    ['key-vault', 'public', 'spn:cfa8b339-82a2-471a-a3c9-0fc0be7a4093', 'fail'],
    ['key-vault', 'public', 'https://vault.azure.net/', 'unknown'],
    ['key-vault', 'public', 'https://shop.vault.azure.net', 'fail'],
    ['key-vault', 'china', 'https://vault.azure.cn', 'pass'],
    ['key-vault', 'china', 'https://vault.azure.net', 'fail'],
    ['storage', 'public', 'https://storage.azure.com/', 'pass'],
    ['storage', 'public', 'https://storage.azure.com', 'pass'],
    ['storage', 'public', 'e406a681-f3d4-42a8-90b6-c2b029497af1', 'unknown'],
    ['storage', 'public', 'https://shopdata.blob.core.windows.net', 'unknown'],
    ['storage', 'public', 'https://shopdata.blob.core.windows.net/', 'unknown'],
    ['storage', 'public', 'https://shopdata.blob.core.windows.net.evil.example', 'fail'],
    ['storage', 'public', 'https://Shop-Data.blob.core.windows.net', 'fail'],
    ['storage', 'public', ARM, 'fail'],
    ['sql', 'public', 'https://database.windows.net/', 'pass'],
    ['sql', 'public', 'https://database.windows.net', 'unknown'],
    ['sql', 'public', 'https://ossrdbms-aad.database.windows.net', 'fail'],
    ['sql', 'usgovernment', 'https://database.usgovcloudapi.net/', 'pass'],
    ['azure-devops', 'public', '499b84ac-1321-427f-aa17-267ca6975798', 'pass'],
    ['azure-devops', 'public', '499B84AC-1321-427F-AA17-267CA6975798', 'fail'],
    ['azure-devops', 'public', ARM, 'fail'],
    ['container-registry', 'public', 'https://containerregistry.azure.net', 'pass'],
    ['container-registry', 'public', ARM, 'unknown'],
    ['container-registry', 'public', GRAPH, 'fail'],
  ])('%s in %s: %s', (name, cloud, aud, outcome) => {
    expect(run(of(name, cloud), aud).outcome).toBe(outcome);
  });
});

describe('audiences that configuration decides', () => {
  const cluster = 'https://westeurope.oic.prod-aks.azure.com/a/b/';
  const resource = 'https://host.example/mcp';

  it.each<[string, Target, unknown, string, Outcome]>([
    ['the exchange', of('token-exchange'), ['api://AzureADTokenExchange'], cluster, 'pass'],
    ['the exchange by its id', of('token-exchange'), 'fb60f99c-7a34-4190-8149-302f77469936', v2(TENANT), 'pass'],
    [
      'the id in another cloud',
      of('token-exchange', 'china'),
      'fb60f99c-7a34-4190-8149-302f77469936',
      `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
      'unknown',
    ],
    [
      'the public one of an identity of another cloud',
      of('token-exchange', 'china'),
      'api://AzureADTokenExchange',
      `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
      'unknown',
    ],
    [
      'the one of its cloud',
      of('token-exchange', 'china'),
      'api://AzureADTokenExchangeChina',
      `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
      'pass',
    ],
    [
      'the public one of a cluster in another cloud',
      of('token-exchange', 'china'),
      'api://AzureADTokenExchange',
      cluster,
      'pass',
    ],
    ['the same of a cluster', of('token-exchange'), 'fb60f99c-7a34-4190-8149-302f77469936', cluster, 'unknown'],
    ['the exchange of another cloud', of('token-exchange'), 'api://AzureADTokenExchangeUSGov', cluster, 'fail'],
    [
      'the exchange in that cloud',
      of('token-exchange', 'usgovernment'),
      'api://AzureADTokenExchangeUSGov',
      cluster,
      'pass',
    ],
    ['the exchange in other letter case', of('token-exchange'), 'api://azureadtokenexchange', cluster, 'fail'],
    ['an identity binding', of('token-exchange'), ['api://AKSIdentityBinding'], cluster, 'fail'],
    ['a resource of Microsoft’s own', of('token-exchange'), ARM, cluster, 'fail'],
    ['the cluster itself', of('token-exchange'), [cluster], cluster, 'fail'],
    ['the API server by its name inside', of('token-exchange'), ['https://kubernetes.default.svc'], cluster, 'fail'],
    ['one that a credential may name', of('token-exchange'), ['api://shop'], cluster, 'unknown'],
    ['two, the right one among them', of('token-exchange'), ['api://AzureADTokenExchange', 'x'], cluster, 'unknown'],
    ['the Client ID', of('servicenow-oidc', 'public', CLIENT), CLIENT, v2(TENANT), 'pass'],
    ['another one', of('servicenow-oidc', 'public', CLIENT), TENANT, v2(TENANT), 'fail'],
    ['a Client ID that was not named', of('servicenow-oidc'), CLIENT, v2(TENANT), 'unknown'],
    ['Graph in place of a Client ID', of('servicenow-oidc'), GRAPH, v1(TENANT), 'fail'],
    ['the Client ID of the grant', of('servicenow-jwt-bearer', 'public', 'abc'), 'abc', 'abc', 'pass'],
    [
      'the token endpoint',
      of('servicenow-jwt-bearer', 'public', 'abc'),
      'https://shop.service-now.com/oauth_token.do',
      'abc',
      'unknown',
    ],
    [
      'an address below it',
      of('servicenow-jwt-bearer', 'public', 'abc'),
      'https://shop.service-now.com/oauth_token.do/x',
      'abc',
      'fail',
    ],
    ['issuer and audience are the same', of('servicenow-jwt-bearer'), 'abc', 'abc', 'unknown'],
    ['issuer and audience differ', of('servicenow-jwt-bearer'), 'abc', 'abd', 'fail'],
    ['the address of the server', of('mcp', 'public', resource), resource, v1(TENANT), 'pass'],
    ['the same with a slash', of('mcp', 'public', resource), `${resource}/`, v1(TENANT), 'fail'],
    ['the same in other letter case', of('mcp', 'public', resource), 'https://HOST.example/mcp', v1(TENANT), 'fail'],
    ['the client id of the server, maybe', of('mcp', 'public', resource), CLIENT, v2(TENANT), 'unknown'],
    [
      'the exchange, at another receiver',
      of('mcp', 'public', resource),
      'api://AzureADTokenExchange',
      v2(TENANT),
      'fail',
    ],
    ['Graph, passed on', of('mcp', 'public', resource), GRAPH, v1(TENANT), 'fail'],
    ['nobody is named', unnamedTarget('public'), CLIENT, v2(TENANT), 'unknown'],
    ['nobody is named, a resource is', unnamedTarget('public'), 'https://servicebus.azure.net', v1(TENANT), 'unknown'],
    ['nothing', of('mcp', 'public', resource), undefined, v1(TENANT), 'fail'],
  ])('%s', (_name, target, aud, iss, outcome) => {
    expect(run(target, aud, iss).outcome).toBe(outcome);
  });
});

describe('audiences that rules list', () => {
  const target = (...audiences: string[]) =>
    ruledTarget('custom', 'the receiver', AcceptanceRules.parse({ issuers: [v2(TENANT)], audiences }), 'public');

  it.each<[string, Target, unknown, 'entra' | 'configured', Outcome, string | undefined]>([
    ['the one', target('api://a'), 'api://a', 'entra', 'pass', undefined],
    ['one of two', target('b', 'api://a'), 'api://a', 'entra', 'pass', undefined],
    ['several of Entra', target('api://a'), ['api://a', 'x'], 'entra', 'fail', 'other'],
    ['several of another issuer', target('api://a'), ['api://a', 'x'], 'configured', 'pass', undefined],
    ['a slash more', target('api://a'), 'api://a/', 'entra', 'fail', 'trailing-slash'],
    ['other letter case', target('x', 'api://a'), 'API://a', 'entra', 'fail', 'letter-case'],
    ['the id in place of the address', target(`api://${CLIENT}`), CLIENT, 'entra', 'fail', 'other'],
    ['nothing alike', target('b', 'c'), 'api://a', 'entra', 'fail', undefined],
    ['none', target('api://a'), undefined, 'entra', 'fail', 'other'],
    ['no list', target(), 'api://a', 'entra', 'unknown', undefined],
  ])('%s', (_name, rules, aud, family, outcome, kind) => {
    const ruling = run(rules, aud, v2(TENANT), family);
    expect([ruling.outcome, ruling.difference?.kind]).toEqual([outcome, kind]);
  });
});
