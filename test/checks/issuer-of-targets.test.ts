import { describe, expect, it } from 'vitest';
import { issuerNotAccepted } from '../../src/checks/issuer-not-accepted.ts';
import type { IssuerFamily } from '../../src/contract/evidence.ts';
import type { Outcome } from '../../src/contract/finding.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, type Target, type TargetName, targetOf } from '../../src/contract/target.ts';
import type { TokenKindName } from '../../src/contract/token-kind.ts';
import { CLIENT, OTHER_TENANT, TENANT, tokenWith, v1, v2 } from './builders.ts';

const run = (
  target: Target,
  iss: string,
  claims: JsonObject = {},
  issuerFamily: IssuerFamily | 'unknown' = 'unknown',
  kind: TokenKindName = 'kubernetes-service-account-token',
) =>
  issuerNotAccepted.run({
    token: tokenWith({ ...claims, iss }),
    tokenKind: { kind, title: 'a token', because: 'It says so.' },
    target,
    issuerFamily,
  });
const cluster = `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${CLIENT}/`;
const github = 'https://token.actions.githubusercontent.com';

describe('issuers of Microsoft’s own resources', () => {
  it.each<TargetName>(['graph', 'key-vault', 'storage', 'sql', 'azure-devops', 'container-registry'])('%s', (name) => {
    const target = targetOf(name, 'public');
    const [aud] = target.audiences;
    expect(run(target, v1(TENANT), { aud }).outcome).toBe('pass');
    expect(run(target, v2(TENANT), { aud }).outcome).toBe('unknown');
    expect(run(target, v2(TENANT), { aud: CLIENT }).outcome).toBe('not-applicable');
    expect(run(target, v1(TENANT).slice(0, -1), { aud })).toMatchObject({
      outcome: 'fail',
      difference: { kind: 'trailing-slash' },
    });
    expect(run(target, `https://sts.chinacloudapi.cn/${TENANT}/`, { aud })).toMatchObject({
      outcome: 'fail',
      difference: { kind: 'cloud' },
    });
    expect(run(target, cluster, { aud }).outcome).toBe('fail');
    expect(run(target, github, { aud }).outcome).toBe('fail');
  });
});

describe('issuers a federated credential can name', () => {
  const identity = 'managed-identity-token';
  const pod = 'kubernetes-service-account-token';
  const target = targetOf('token-exchange', 'public');

  it.each<[string, string, IssuerFamily | 'unknown', TokenKindName, Outcome]>([
    ['a cluster', cluster, 'aks', pod, 'pass'],
    ['GitHub', github, 'github-actions', 'github-actions-token', 'pass'],
    ['one that settings add', 'https://issuer.example', 'configured', pod, 'pass'],
    ['a stranger', 'https://issuer.example', 'unknown', pod, 'unknown'],
    ['GitHub with a slash', `${github}/`, 'unknown', 'github-actions-token', 'unknown'],
    ['a tenant, v2', v2(TENANT), 'entra', identity, 'pass'],
    ['a tenant, v2, of a service connection', v2(TENANT), 'entra', 'azure-devops-token', 'pass'],
    ['a tenant, v2, of a pod', v2(TENANT), 'entra', pod, 'fail'],
    ['a tenant, v2, of another cloud', `https://login.microsoftonline.us/${TENANT}/v2.0`, 'entra', identity, 'fail'],
    ['personal accounts', v2('9188040d-6c67-4c5b-b112-36a304b66dad'), 'entra', identity, 'fail'],
    ['a tenant, v2, with a slash', `${v2(TENANT)}/`, 'unknown', identity, 'fail'],
    ['a tenant, v1, because of another audience', v1(TENANT), 'entra', identity, 'not-applicable'],
    ['no host', 'https://', 'unknown', pod, 'fail'],
    ['a space', 'https:// x', 'unknown', pod, 'fail'],
    ['this machine', 'https://localhost/', 'unknown', pod, 'fail'],
    ['a name inside a network', 'https://vault.internal/', 'unknown', pod, 'fail'],
    ['a private address', 'https://172.20.0.1:6443', 'unknown', pod, 'fail'],
    ['an address beside the private ones', 'https://172.32.0.1', 'unknown', pod, 'unknown'],
  ])('%s', (_name, iss, family, kind, outcome) => {
    expect(run(target, iss, {}, family, kind).outcome).toBe(outcome);
  });

  it.each<[string, string, Outcome]>([
    ['a cluster by its name inside', 'https://kubernetes.default.svc', 'fail'],
    ['the same with its domain', 'https://kubernetes.default.svc.cluster.local', 'fail'],
    ['an API server', 'https://shop-1.hcp.westeurope.azmk8s.io:443', 'fail'],
    ['an API server in quotes', '"https://shop-1.hcp.westeurope.azmk8s.io"', 'fail'],
    ['a legacy token', 'kubernetes/serviceaccount', 'fail'],
    ['no https', 'http://issuer.example', 'fail'],
    ['white space', `${cluster} `, 'fail'],
  ])('%s', (_name, iss, outcome) => {
    expect(run(target, iss).outcome).toBe(outcome);
  });

  it('a tenant, v1, although the audience is right', () => {
    const claims = { aud: 'api://AzureADTokenExchange' };
    expect(run(target, v1(TENANT), claims, 'entra', identity).outcome).toBe('fail');
  });
});

describe('issuers of ServiceNow’s JWT bearer grant', () => {
  it.each<[string, string | undefined, string, unknown, Outcome]>([
    ['the Client ID', 'abc', 'abc', 'abc', 'pass'],
    ['another name', 'abc', 'abd', 'abc', 'fail'],
    ['Entra', 'abc', v2(TENANT), 'abc', 'fail'],
    ['the same as the audience', undefined, 'abc', 'abc', 'pass'],
    ['among the audiences', undefined, 'abc', ['x', 'abc'], 'pass'],
    ['another than the audience', undefined, 'abc', 'abd', 'fail'],
    ['without audience', undefined, 'abc', undefined, 'fail'],
    ['beside the token endpoint', undefined, 'abc', 'https://shop.service-now.com/oauth_token.do', 'unknown'],
    ['the Client ID beside the token endpoint', 'abc', 'abc', 'https://shop.service-now.com/oauth_token.do', 'pass'],
  ])('%s', (_name, clientId, iss, aud, outcome) => {
    expect(run(targetOf('servicenow-jwt-bearer', 'public', clientId), iss, { aud }).outcome).toBe(outcome);
  });
});

describe.each<TargetName>(['mcp', 'servicenow-oidc'])('issuers of %s', (name) => {
  it.each<[string, string, IssuerFamily | 'unknown', Outcome]>([
    ['a tenant, v1', v1(TENANT), 'entra', 'pass'],
    ['a tenant, v2', v2(TENANT), 'entra', 'pass'],
    ['a configured one', 'https://issuer.example', 'configured', 'pass'],
    ['a stranger', 'https://issuer.example', 'unknown', 'unknown'],
    ['a tenant, v2, with a slash', `${v2(TENANT)}/`, 'unknown', 'fail'],
    ['the template of `common`', 'https://login.microsoftonline.com/{tenantid}/v2.0', 'unknown', 'fail'],
    ['one that looks like Entra', `https://login.rnicrosoftonline.com/${TENANT}/v2.0`, 'unknown', 'fail'],
  ])('%s', (_name, iss, family, outcome) => {
    expect(run(targetOf(name, 'public', 'https://host.example/mcp'), iss, {}, family).outcome).toBe(outcome);
  });
});

describe('issuers that rules list', () => {
  const target = (...issuers: string[]) =>
    ruledTarget('custom', 'the receiver', AcceptanceRules.parse({ issuers, audiences: ['a'] }), 'public');

  it.each<[string, Target, string, Outcome, string | undefined]>([
    ['the one', target(v2(TENANT)), v2(TENANT), 'pass', undefined],
    ['the other version', target(v2(TENANT)), v1(TENANT), 'fail', undefined],
    ['another tenant', target(v2(TENANT)), v2(OTHER_TENANT), 'fail', 'other-tenant'],
    ['a slash less', target(`${v2(TENANT)}/`), v2(TENANT), 'fail', 'trailing-slash'],
    ['other letter case', target('x', v2(TENANT)), v2(TENANT).toUpperCase(), 'fail', 'letter-case'],
    ['percent-encoded', target(v2(TENANT)), v2(TENANT).replace('v2.0', 'v2%2E0'), 'fail', 'encoding'],
    ['another cloud', target(v2(TENANT)), `https://login.microsoftonline.us/${TENANT}/v2.0`, 'fail', 'cloud'],
    ['an alias', target(v2(TENANT)), `https://login.windows.net/${TENANT}/v2.0`, 'fail', 'host-alias'],
    ['another cluster', target(cluster), cluster.replace(CLIENT, OTHER_TENANT), 'fail', 'other-cluster'],
    ['another region', target(cluster), cluster.replace('westeurope', 'eastus'), 'fail', 'other-region'],
    ['look-alike letters', target('https://issuer.example'), 'https://issuеr.example', 'fail', 'homoglyph'],
    ['no list', target(), v2(TENANT), 'unknown', undefined],
  ])('%s', (_name, rules, iss, outcome, kind) => {
    const ruling = run(rules, iss);
    expect([ruling.outcome, ruling.difference?.kind]).toEqual([outcome, kind]);
  });
});
