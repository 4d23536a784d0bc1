import { describe, expect, it } from 'vitest';
import {
  itemsOf,
  readApplication,
  readBindings,
  readCluster,
  readCredentials,
  readIdentity,
} from '../../src/evidence/azure-documents.ts';

const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';
const CLIENT = '0a1b2c3d-3333-4222-8333-444455556666';
const GROUP = `/subscriptions/${TENANT}/resourceGroups/rg/providers`;
const CLUSTER_ID = `${GROUP}/Microsoft.ContainerService/managedClusters/aks`;
const IDENTITY_ID = `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id`;
const ISSUER = `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${CLIENT}/`;

/** The shape of ARM, and what `az aks show -o json` makes of it: no level below, other letter case, nulls for what is not there. */
const arm = {
  id: CLUSTER_ID,
  name: 'aks',
  type: 'Microsoft.ContainerService/ManagedClusters',
  location: 'westeurope',
  identity: { type: 'SystemAssigned', principalId: CLIENT, tenantId: TENANT },
  properties: {
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    currentKubernetesVersion: '1.34.1',
    aadProfile: { managed: true, tenantID: TENANT },
    oidcIssuerProfile: { enabled: true, issuerURL: ISSUER },
    securityProfile: { workloadIdentity: { enabled: true } },
  },
};
const az = {
  aadProfile: { adminGroupObjectIDs: null, adminUsers: null, clientAppId: null, managed: true, tenantId: TENANT },
  agentPoolProfiles: [{ name: 'nodepool1', powerState: { code: 'Stopped' }, provisioningState: 'Failed' }],
  autoUpgradeProfile: null,
  currentKubernetesVersion: '1.34.1',
  extendedLocation: null,
  id: CLUSTER_ID,
  identity: { delegatedResources: null, principalId: CLIENT, tenantId: TENANT, type: 'SystemAssigned' },
  name: 'aks',
  oidcIssuerProfile: { enabled: true, issuerUrl: ISSUER },
  powerState: { code: 'Running' },
  provisioningState: 'Succeeded',
  resourceGroup: 'rg',
  securityProfile: { azureKeyVaultKms: null, defender: null, imageCleaner: null, workloadIdentity: { enabled: true } },
  systemData: null,
  tags: null,
  type: 'Microsoft.ContainerService/ManagedClusters',
};
const cluster = {
  id: CLUSTER_ID,
  name: 'aks',
  oidcIssuerEnabled: true,
  oidcIssuer: ISSUER,
  workloadIdentityEnabled: true,
  powerState: 'Running',
  provisioningState: 'Succeeded',
  kubernetesVersion: '1.34.1',
  tenantId: TENANT,
};

describe('a cluster', () => {
  it.each<[string, unknown, object | undefined]>([
    ['of ARM', arm, cluster],
    ['of the CLI', az, cluster],
    ['as a list of one', [az], cluster],
    ['in capitals', JSON.parse(JSON.stringify(az).replaceAll(/"(\w+)":/g, (name) => name.toUpperCase())), cluster],
    ['in a list of two', [az, az], undefined],
    [
      'that is off',
      { ...az, oidcIssuerProfile: { enabled: false, issuerUrl: null } },
      { ...cluster, oidcIssuerEnabled: false, oidcIssuer: undefined },
    ],
    [
      'without its profiles',
      { ...az, oidcIssuerProfile: null, securityProfile: null },
      { ...cluster, oidcIssuerEnabled: false, oidcIssuer: undefined, workloadIdentityEnabled: false },
    ],
    [
      'of a query',
      { oidcIssuerProfile: { enabled: true, issuerUrl: ISSUER } },
      { oidcIssuerEnabled: true, oidcIssuer: ISSUER, tenantId: TENANT },
    ],
    ['of a query for one profile', { workloadIdentity: { enabled: false } }, { workloadIdentityEnabled: false }],
    ['as its issuer, as it is printed', `"${ISSUER}"\n`, { oidcIssuerEnabled: true, oidcIssuer: ISSUER }],
    ['in a list of ARM', { value: [arm] }, cluster],
    ['as its issuer', ISSUER, { oidcIssuerEnabled: true, oidcIssuer: ISSUER }],
    ['as nothing', '', undefined],
    ['that says of none', { colour: 'red' }, undefined],
    ['that is null', null, undefined],
    ['of which the name is not that of the id', { ...az, name: 'other' }, undefined],
    ['that contradicts itself', { ...arm, powerState: { code: 'Stopped' } }, undefined],
    ['that says the same twice', { ...arm, powerState: { code: 'Running' } }, cluster],
  ])('%s', (_name, document, expected) => {
    expect(readCluster(document)).toEqual(expected);
  });
});

describe('an identity', () => {
  const own = {
    kind: 'user-assigned',
    clientId: CLIENT,
    principalId: TENANT,
    tenantId: TENANT,
    resourceId: IDENTITY_ID,
    name: 'id',
  };
  const type = 'Microsoft.ManagedIdentity/userAssignedIdentities';
  const ids = { clientId: CLIENT, principalId: TENANT, tenantId: TENANT };
  it.each<[string, unknown, object | undefined]>([
    ['of ARM', { id: IDENTITY_ID, name: 'id', type, properties: { ...ids, isolationScope: 'None' } }, own],
    ['of the CLI', { id: IDENTITY_ID, name: 'id', type, resourceGroup: 'rg', systemData: null, tags: {}, ...ids }, own],
    ['of a query', { clientId: CLIENT }, { kind: 'managed-identity', clientId: CLIENT }],
    ['of a query, with its type', { clientId: CLIENT, type }, { kind: 'user-assigned', clientId: CLIENT }],
    ['of which the name is not that of the id', { id: IDENTITY_ID, name: 'other', type, ...ids }, undefined],
    [
      'of a web app',
      { principalId: TENANT, tenantId: TENANT, type: 'SystemAssigned', userAssignedIdentities: null },
      { kind: 'system-assigned', principalId: TENANT, tenantId: TENANT },
    ],
    [
      'of a machine with both',
      { principalId: TENANT, type: 'SystemAssigned, UserAssigned' },
      { kind: 'system-assigned', principalId: TENANT },
    ],
    [
      'that is another resource',
      { id: CLUSTER_ID, type: 'Microsoft.ContainerService/ManagedClusters', ...ids },
      undefined,
    ],
    ['that says nothing', { name: 'id' }, undefined],
  ])('%s', (_name, document, expected) => {
    expect(readIdentity(document)).toEqual(expected);
  });

  it.each<[string, object, string]>([
    [
      'a managed identity, explicit',
      { servicePrincipalType: 'ManagedIdentity', alternativeNames: ['isExplicit=True'] },
      'user-assigned',
    ],
    [
      'a managed identity, implicit',
      { servicePrincipalType: 'ManagedIdentity', alternativeNames: ['isExplicit=False'] },
      'system-assigned',
    ],
    [
      'a managed identity that says neither',
      { servicePrincipalType: 'ManagedIdentity', alternativeNames: [] },
      'system-assigned',
    ],
    ['a managed identity of which that is not told', { servicePrincipalType: 'ManagedIdentity' }, 'managed-identity'],
    ['an application', { servicePrincipalType: 'Application', alternativeNames: [] }, 'enterprise-application'],
  ])('of a service principal: %s', (_name, members, kind) => {
    expect(readIdentity({ appId: CLIENT, id: TENANT, ...members })).toMatchObject({
      kind,
      clientId: CLIENT,
      principalId: TENANT,
    });
  });

  it.each<[string, unknown, object | undefined]>([
    [
      'of Graph',
      { '@odata.context': 'x', id: TENANT, appId: CLIENT, displayName: 'shop', signInAudience: 'AzureADMyOrg' },
      {
        kind: 'application',
        clientId: CLIENT,
        applicationObjectId: TENANT,
        name: 'shop',
        signInAudience: 'AzureADMyOrg',
      },
    ],
    ['of a query', { appId: CLIENT }, { kind: 'application', clientId: CLIENT }],
    ['with an id that is no GUID', { appId: "x')/../" }, undefined],
    ['that is a service principal', { appId: CLIENT, servicePrincipalType: 'Application' }, undefined],
  ])('of an application: %s', (_name, document, expected) => {
    expect(readApplication(document)).toEqual(expected);
  });
});

describe('federated credentials', () => {
  const members = { issuer: ISSUER, subject: 'system:serviceaccount:a:b', audiences: ['api://AzureADTokenExchange'] };
  const read = { name: 'a', ...members };
  const createdAt = '2026-11-20T10:00:00+00:00';
  it.each<[string, unknown, object[], boolean]>([
    ['of ARM', { value: [{ id: 'x', name: 'a', properties: members }] }, [read], true],
    [
      'of the CLI',
      [{ id: 'x', name: 'a', resourceGroup: 'rg', systemData: null, type: 'y', ...members }],
      [read],
      true,
    ],
    [
      'of Graph',
      { '@odata.context': 'x', value: [{ id: 'x', name: 'a', description: null, ...members }] },
      [read],
      true,
    ],
    [
      'with their age',
      [{ name: 'a', properties: members, systemData: { createdAt } }],
      [{ ...read, createdAt: new Date(createdAt) }],
      true,
    ],
    [
      'that are flexible',
      [{ ...members, subject: null, claimsMatchingExpression: { value: 'x', languageVersion: 1 } }],
      [{ issuer: ISSUER, audiences: members.audiences, expression: { value: 'x', languageVersion: 1 } }],
      true,
    ],
    [
      'that are flexible, with an empty subject',
      [{ ...members, subject: '', claimsMatchingExpression: { value: 'x' } }],
      [{ issuer: ISSUER, audiences: members.audiences, expression: { value: 'x' } }],
      true,
    ],
    ['none', [], [], true],
    ['that go on', { value: [], nextLink: 'https://management.azure.com/next' }, [], false],
    [
      'that go on, in Graph',
      { value: [], nextLink: null, '@odata.nextLink': 'https://graph.microsoft.com/next' },
      [],
      false,
    ],
    ['that end', { value: [], nextLink: null }, [], true],
    ['with two lists', { value: [], Value: [1] }, [], false],
    ['of which one cannot be read', [read, { name: 'b' }, 7, null], [read], false],
    [
      'of PowerShell',
      [{ Name: 'a', Issuer: ISSUER, Subject: members.subject, Audience: members.audiences }],
      [read],
      true,
    ],
    ['that are one by itself', { name: 'a', ...members }, [read], false],
    ['without audiences', [{ issuer: ISSUER, audiences: null }], [{ issuer: ISSUER }], true],
    ['with an audience as text', [{ issuer: ISSUER, audiences: 'x' }], [], false],
  ])('%s', (_name, list, credentials, complete) => {
    expect(readCredentials(list)).toEqual({ credentials, complete });
  });

  it('are read up to ten times as many as an identity has', () => {
    const { credentials, complete } = readCredentials(Array.from({ length: 201 }, () => members));
    expect([credentials.length, complete]).toEqual([200, false]);
    expect(readCredentials(Array.from({ length: 200 }, () => members)).complete).toBe(true);
  });

  it('are no list where there is none', () => {
    for (const list of [null, 'x', 7, {}, { value: {} }]) expect(itemsOf(list)).toEqual({ items: [], complete: false });
  });
});

describe('identity bindings', () => {
  const managedIdentity = { clientId: CLIENT, objectId: TENANT, resourceId: IDENTITY_ID, tenantId: TENANT };
  const properties = {
    managedIdentity,
    oidcIssuer: { oidcIssuerUrl: 'https://ib.example' },
    provisioningState: 'Succeeded',
  };
  it.each<[string, unknown]>([
    ['of ARM', { value: [{ name: 'b', properties }] }],
    ['of the CLI', [{ name: 'b', ...properties }]],
  ])('%s', (_name, list) => {
    expect(readBindings(list)).toEqual([
      { name: 'b', clientId: CLIENT, resourceId: IDENTITY_ID, issuer: 'https://ib.example' },
    ]);
  });

  it('are left out where they say of no identity', () => {
    expect(readBindings([{ name: 'b' }, 7, { properties: { managedIdentity: 'x' } }])).toEqual([]);
  });
});
