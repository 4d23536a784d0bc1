import { describe, expect, it } from 'vitest';
import { tokenKindNotAccepted } from '../../src/checks/token-kind-not-accepted.ts';
import { CloudName } from '../../src/contract/clouds.ts';
import { targetOf } from '../../src/contract/target.ts';
import type { TokenKind } from '../../src/contract/token-kind.ts';
import { AKS_SERVER, CLIENT, HOSTILE, NOW, TENANT, tokenWith } from './builders.ts';

const targets = ['aks-api-server', 'arm'] as const;
const kindOf = (kind: TokenKind['kind']): TokenKind => ({ kind, title: `a ${kind}`, because: 'It says so.' });
const run = (name: (typeof targets)[number], kind: TokenKind['kind'], claims = {}, cloud: CloudName = 'public') =>
  tokenKindNotAccepted.run({
    token: tokenWith(claims),
    tokenKind: kindOf(kind),
    issuerFamily: 'unknown',
    target: targetOf(name, cloud),
    now: NOW,
  });

const serviceAccount = 'kubernetes-service-account-token';
const subject = { sub: 'system:serviceaccount:shop:checkout' };
const exchange = 'api://AzureADTokenExchange';
const binding = 'api://AKSIdentityBinding';
const own = 'https://kubernetes.default.svc';

describe.each(targets)('token-kind-not-accepted for %s', (name) => {
  it.each([
    ['entra-access-token', 'pass'],
    ['entra-id-token', 'fail'],
    ['proof-of-possession-envelope', 'fail'],
    ['unknown', 'unknown'],
  ] as const)('%s', (kind, outcome) => {
    expect(run(name, kind).outcome).toBe(outcome);
  });

  it.each(['entra-id-token', 'proof-of-possession-envelope'] as const)('shows what it is: %s', (kind) => {
    expect(run(name, kind).actual).toBe(`a ${kind}`);
  });

  it.each<[string, unknown]>([
    ['the public cloud', [exchange]],
    ['not in a list', exchange],
    ['US Government', ['api://AzureADTokenExchangeUSGov']],
    ['China', ['api://AzureADTokenExchangeChina']],
    ['identity bindings', [binding]],
    ['identity bindings, not in a list', binding],
    ['several clouds', [exchange, 'api://AzureADTokenExchangeUSGov']],
    ['either way', [exchange, binding]],
  ])('fails on an assertion that was to be exchanged: %s', (_name, aud) => {
    expect(run(name, serviceAccount, { ...subject, aud })).toMatchObject({
      outcome: 'fail',
      actual: `a ${serviceAccount}`,
    });
  });

  it.each<[string, unknown]>([
    ['the cluster itself', [own]],
    ['the cluster beside the token exchange', [own, exchange]],
    ['the token exchange beside the cluster', [exchange, own]],
    ['identity bindings beside the cluster', [binding, own]],
    ['another service beside the token exchange', [exchange, 'vault']],
    ['nothing beside the token exchange', [exchange, '']],
    ['identity bindings with a slash', [`${binding}/`]],
    ['white space in front of the token exchange', [` ${exchange}`]],
    ['other letter case', ['api://azureadtokenexchange']],
    ['Azure Resource Manager, which no cluster speaks for', ['https://management.azure.com/']],
    ['the AKS server application, which no cluster speaks for', [AKS_SERVER]],
    ['none (a legacy token)', undefined],
    ['an empty list', []],
    ['null', null],
    ['a list that is not all text', [exchange, 5]],
  ])('a service account token for %s is at most of use to its own cluster', (_name, aud) => {
    const { outcome } = run(name, serviceAccount, { ...subject, aud });
    expect(outcome).toBe(name === 'aks-api-server' ? 'unknown' : 'fail');
  });
});

describe('token-kind-not-accepted for arm', () => {
  it('speaks of an assertion only where the token is nothing else', () => {
    const summary = (...aud: string[]) => run('arm', serviceAccount, { ...subject, aud }).summary;
    expect(summary(exchange, binding)).toBe(summary(exchange));
    expect(summary(exchange, own)).toBe(summary(own));
    expect(summary(own)).not.toBe(summary(exchange));
  });
});

describe('the remediation of token-kind-not-accepted', () => {
  it.each([
    ['aks-api-server', `"resource=${AKS_SERVER}"`],
    ['arm', '"resource=https://management.azure.com/"'],
  ] as const)('requests an access token instead of an ID token: %s', (name, resource) => {
    const { commands } = run(name, 'entra-id-token', { tid: TENANT, aud: CLIENT }).remediation!;
    expect(commands![0]).toContain(`/${TENANT}/oauth2/token`);
    expect(commands![0]).toContain(resource);
    expect(commands![1]).toContain(`"scope=${targetOf(name, 'public').request?.scope}"`);
  });

  it.each([
    ['aks-api-server', 'public', 'login.microsoftonline.com', `${AKS_SERVER}/.default`],
    ['aks-api-server', 'usgovernment', 'login.microsoftonline.us', `${AKS_SERVER}/.default`],
    ['aks-api-server', 'china', 'login.partner.microsoftonline.cn', `${AKS_SERVER}/.default`],
    ['arm', 'public', 'login.microsoftonline.com', 'https://management.azure.com//.default'],
    ['arm', 'usgovernment', 'login.microsoftonline.us', 'https://management.usgovcloudapi.net//.default'],
    ['arm', 'china', 'login.partner.microsoftonline.cn', 'https://management.chinacloudapi.cn//.default'],
  ] as const)('exchanges a service account token for one of the target: %s, %s', (name, cloud, host, scope) => {
    const { commands } = run(name, serviceAccount, { ...subject, aud: [exchange] }, cloud).remediation!;
    expect(commands).toHaveLength(1);
    expect(commands![0]).toContain(`"https://${host}/$AZURE_TENANT_ID/oauth2/v2.0/token"`);
    expect(commands![0]).toContain(`"scope=${scope}"`);
  });

  it.each<[string, unknown]>([
    ['the token exchange', [exchange]],
    ['the cluster', [own]],
    ['the cluster beside the token exchange', [own, exchange]],
    ['nearly identity bindings', [`${binding}/`]],
    ['none', undefined],
  ])('exchanges with the parameters of RFC 7523 what names %s', (_name, aud) => {
    const { commands } = run('arm', serviceAccount, { ...subject, aud }).remediation!;
    expect(commands![0]).toContain('grant_type=client_credentials');
    expect(commands![0]).toContain('client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    expect(commands![0]).toContain('"client_assertion@$AZURE_FEDERATED_TOKEN_FILE"');
  });

  it.each<[string, unknown]>([
    ['alone', [binding]],
    ['not in a list', binding],
    ['beside the token exchange', [exchange, binding]],
  ])('has no command for identity bindings, which Entra does not exchange itself: %s', (_name, aud) => {
    for (const name of targets) {
      for (const cloud of CloudName.options) {
        const { remediation } = run(name, serviceAccount, { ...subject, aud }, cloud);
        expect(remediation!.text).not.toBe('');
        expect(remediation!.commands).toBeUndefined();
      }
    }
  });

  it('names the claim that holds the token in a proof-of-possession envelope', () => {
    expect(run('aks-api-server', 'proof-of-possession-envelope').remediation!.text).toContain('`at`');
  });

  it.each(HOSTILE)('keeps %j out of commands', (value) => {
    const claims = { tid: value, azp: value, appid: value, aud: value, sub: value };
    for (const kind of ['entra-id-token', serviceAccount] as const) {
      const { commands } = run('arm', kind, claims).remediation!;
      expect(commands).toEqual(run('arm', kind).remediation!.commands);
      expect(commands!.join('\n')).not.toContain(value);
    }
  });
});
