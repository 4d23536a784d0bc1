import { describe, expect, it } from 'vitest';
import type { AzureReader } from '../../src/azure/azure-reader.ts';
import type { Read, Reading } from '../../src/azure/reads.ts';
import {
  ARM,
  GRAPH,
  got,
  json,
  named,
  play,
  playAzure,
  reading,
  SUBSCRIPTION,
  TRACEPARENT,
  world,
} from './far-azure.ts';

playAzure();

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-invented/providers`;
const APP = '3e3e3e3e-0001-4222-8333-444455556666';
const hostOf = (address: string) => new URL(address).host;

const cluster = (name: string) => ({
  id: `${GROUP}/Microsoft.ContainerService/managedClusters/${name}`,
  name,
  type: 'Microsoft.ContainerService/managedClusters',
  location: 'norwayeast',
  properties: {
    oidcIssuerProfile: { enabled: true, issuerURL: 'https://oidc.invented.test/a/' },
    securityProfile: { workloadIdentity: { enabled: true } },
    powerState: { code: 'Running' },
  },
});
const identity = (name: string) => ({
  id: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
  name,
  location: 'norwayeast',
  properties: { clientId: APP, principalId: APP.replace('1', '2'), tenantId: APP.replace('1', '3') },
});
const credential = (name: string) => ({
  id: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/x/federatedIdentityCredentials/${name}`,
  name,
  properties: {
    issuer: 'https://oidc.invented.test/a/',
    subject: 'system:serviceaccount:shop:till',
    audiences: ['api://AzureADTokenExchange'],
  },
});
const binding = (name: string) => ({
  id: `${GROUP}/Microsoft.ContainerService/managedClusters/x/identityBindings/${name}`,
  name,
  properties: { managedIdentity: { resourceId: `${GROUP}/x`, clientId: APP, tenantId: APP, objectId: APP } },
});

interface Case {
  /** Stands in every address of the case, and in no other. */
  word: string;
  host: string;
  path: string;
  version?: string;
  body: object;
  run(reader: AzureReader, how: Reading): Promise<Read<unknown>>;
  /** Parts of what is read. */
  value: unknown;
}

const cases: Record<string, Case> = {
  cluster: {
    word: 'aks-one',
    host: ARM,
    path: `${GROUP}/Microsoft.ContainerService/managedClusters/aks-one`,
    version: '2024-09-01',
    body: cluster('aks-one'),
    run: (reader, how) => reader.cluster(named('aks-one'), how),
    value: {
      name: 'aks-one',
      oidcIssuerProfile: { enabled: true, issuerURL: 'https://oidc.invented.test/a/' },
      securityProfile: { workloadIdentity: { enabled: true } },
      powerState: { code: 'Running' },
    },
  },
  clusters: {
    word: `${SUBSCRIPTION}/providers/Microsoft.ContainerService`,
    host: ARM,
    path: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ContainerService/managedClusters`,
    version: '2024-09-01',
    body: { value: [cluster('a'), cluster('b')] },
    run: (reader, how) => reader.clusters(SUBSCRIPTION, how),
    value: { complete: true, items: [{ name: 'a' }, { name: 'b' }] },
  },
  identityBindings: {
    word: 'aks-bound',
    host: ARM,
    path: `${GROUP}/Microsoft.ContainerService/managedClusters/aks-bound/identityBindings`,
    version: '2026-06-01',
    body: { value: [binding('b1')] },
    run: (reader, how) => reader.identityBindings(named('aks-bound'), how),
    value: { complete: true, items: [{ name: 'b1', properties: { managedIdentity: { clientId: APP } } }] },
  },
  identity: {
    word: 'id-one',
    host: ARM,
    path: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-one`,
    version: '2023-01-31',
    body: identity('id-one'),
    run: (reader, how) => reader.identity(named('id-one'), how),
    value: { name: 'id-one', clientId: APP },
  },
  identities: {
    word: `${SUBSCRIPTION}/providers/Microsoft.ManagedIdentity`,
    host: ARM,
    path: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`,
    version: '2023-01-31',
    body: { value: [identity('a')] },
    run: (reader, how) => reader.identities(SUBSCRIPTION, how),
    value: { complete: true, items: [{ name: 'a', clientId: APP }] },
  },
  federatedCredentials: {
    word: 'id-trusting',
    host: ARM,
    path: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-trusting/federatedIdentityCredentials`,
    version: '2023-01-31',
    body: { value: [credential('f1')] },
    run: (reader, how) => reader.federatedCredentials(named('id-trusting'), how),
    value: {
      complete: true,
      items: [{ name: 'f1', subject: 'system:serviceaccount:shop:till', audiences: ['api://AzureADTokenExchange'] }],
    },
  },
  subscriptions: {
    word: '/subscriptions?',
    host: ARM,
    path: '/subscriptions',
    version: '2022-12-01',
    body: { value: [{ subscriptionId: SUBSCRIPTION, displayName: 'Invented' }, { subscriptionId: 'none' }] },
    run: (reader, how) => reader.subscriptions(how),
    value: [SUBSCRIPTION],
  },
  'application by its application id': {
    word: `applications(appId='${APP}')?`,
    host: GRAPH,
    path: `/v1.0/applications(appId='${APP}')`,
    body: { id: APP, appId: APP, displayName: 'Till' },
    run: (reader, how) => reader.application('appId', APP, how),
    value: { appId: APP, displayName: 'Till' },
  },
  'application by its object id': {
    word: `applications/${APP}`,
    host: GRAPH,
    path: `/v1.0/applications/${APP}`,
    body: { id: APP, appId: APP },
    run: (reader, how) => reader.application('id', APP, how),
    value: { id: APP },
  },
  applicationCredentials: {
    word: `v1.0/applications(appId='${APP}')/federated`,
    host: GRAPH,
    path: `/v1.0/applications(appId='${APP}')/federatedIdentityCredentials`,
    body: { value: [{ name: 'f1', subject: 'system:serviceaccount:shop:till' }] },
    run: (reader, how) => reader.applicationCredentials(APP, false, how),
    value: { complete: true, items: [{ name: 'f1', subject: 'system:serviceaccount:shop:till' }] },
  },
  'applicationCredentials, flexible': {
    word: `beta/applications(appId='${APP}')/federated`,
    host: GRAPH,
    path: `/beta/applications(appId='${APP}')/federatedIdentityCredentials`,
    body: { value: [{ name: 'f2', claimsMatchingExpression: { value: 'a', languageVersion: 1 } }] },
    run: (reader, how) => reader.applicationCredentials(APP, true, how),
    value: { complete: true, items: [{ claimsMatchingExpression: { languageVersion: 1 } }] },
  },
  'servicePrincipal by its application id': {
    word: `servicePrincipals(appId='${APP}')`,
    host: GRAPH,
    path: `/v1.0/servicePrincipals(appId='${APP}')`,
    body: { id: APP, servicePrincipalType: 'ManagedIdentity', alternativeNames: ['isExplicit=True'] },
    run: (reader, how) => reader.servicePrincipal('appId', APP, how),
    value: { servicePrincipalType: 'ManagedIdentity', alternativeNames: ['isExplicit=True'] },
  },
  'servicePrincipal by its object id': {
    word: `servicePrincipals/${APP}`,
    host: GRAPH,
    path: `/v1.0/servicePrincipals/${APP}`,
    body: { id: APP },
    run: (reader, how) => reader.servicePrincipal('id', APP, how),
    value: { id: APP },
  },
};

describe('AzureReader reads', () => {
  it.each(Object.entries(cases))('%s', async (_name, { word, host, path, version, body, run, value }) => {
    const asked = play(word, json(body));
    const requestId = 'aaaa2222-3333-4444-8555-666677778888';
    const { reader } = world();
    expect(got(await run(reader, reading({ requestId })))).toMatchObject(value as object);
    expect(asked).toHaveLength(1);
    const { pathname, searchParams } = new URL(asked[0]!.url, host);
    expect([asked[0]!.host, pathname]).toEqual([hostOf(host), path]);
    expect(searchParams.get('api-version') ?? undefined).toBe(version);
    const { headers } = asked[0]!;
    expect([headers['x-ms-client-request-id'], headers.traceparent]).toEqual([requestId, TRACEPARENT]);
    expect(headers).not.toHaveProperty('tracestate');
  });

  it.each(['cluster', 'application by its application id'])(
    '%s under no trace, where its asker has none',
    async (name) => {
      const { word, body, run } = cases[name]!;
      const asked = play(word, json(body));
      got(await run(world().reader, reading({ traceparent: undefined })));
      expect(asked[0]!.headers).not.toHaveProperty('traceparent');
    },
  );

  it.each([
    ['applications', 'application by its application id', ['id', 'appId', 'displayName', 'signInAudience']],
    [
      'servicePrincipals',
      'servicePrincipal by its object id',
      ['id', 'appId', 'displayName', 'servicePrincipalType', 'alternativeNames', 'appOwnerOrganizationId'],
    ],
  ])('of %s only the members that are used', async (_name, key, members) => {
    const { word, body, run } = cases[key]!;
    const asked = play(word, json(body));
    await run(world().reader, reading());
    expect(new URL(asked[0]!.url, GRAPH).searchParams.get('$select')?.split(',')).toEqual(members);
  });

  it('no subscriptions where the setting names them', async () => {
    const { word, body } = cases.subscriptions!;
    const asked = play(word, json(body));
    const { reader } = world({ subscriptions: [SUBSCRIPTION] });
    expect(got(await reader.subscriptions(reading()))).toEqual([SUBSCRIPTION]);
    expect(asked).toEqual([]);
  });
});
