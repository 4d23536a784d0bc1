// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Bicep writes it so
import { code, type Demand, named, PLACE } from './demand.ts';
import { ENDPOINTS, MONITORING } from './demanded-beside.ts';

const assigned = (role: string) => ({
  roleDefinitionId: code(role),
  principalId: code('principalId'),
  principalType: 'ServicePrincipal',
});
const definition = (call: string) => `${call}('Microsoft.Authorization/roleDefinitions', `;
const inGroup = (scope: string, role: string): Demand => ({
  type: 'Microsoft.Authorization/roleAssignments',
  body: {
    scope: code(scope),
    name: code(`guid(${scope}.id, principalId, ${role})`),
    properties: assigned(`${definition('subscriptionResourceId')}${role})`),
  },
});
/** `scope` and `id` say where it is deployed. A name that is not of the environment would be shared by several. */
const readerRole = (scope: string, id: string): Demand => ({
  type: 'Microsoft.Authorization/roleDefinitions',
  condition: '(!useBuiltInReader)',
  body: {
    name: code(`guid(${scope}.id, home, environmentName, 'token-doctor-reader')`),
    properties: {
      // scripts/remove-roles.ts finds it by this name, and the assignment by its description.
      roleName: code(`'Token Doctor reader (\${environmentName} of \${home}, \${${id}})'`),
      type: 'CustomRole',
      assignableScopes: [code(`${scope}.id`)],
      permissions: [
        { actions: code("loadJsonContent('./reads.json')"), notActions: [], dataActions: [], notDataActions: [] },
      ],
    },
  },
});
const readerAssignment = (scope: string, call: string): Demand => ({
  type: 'Microsoft.Authorization/roleAssignments',
  body: {
    name: code(
      `guid(${scope}.id, home, environmentName, principalId, useBuiltInReader ? builtInReader : 'token-doctor-reader')`,
    ),
    properties: {
      ...assigned(`useBuiltInReader ? ${definition(call)}builtInReader) : role.id`),
      description: code("'Token Doctor (${environmentName} of ${home})'"),
    },
  },
});
const existing = (type: string, name: string): Demand => ({ type, existing: true, body: { name: code(name) } });
const STORAGE = existing('Microsoft.Storage/storageAccounts', 'storageName');
const INSIGHTS = existing('Microsoft.Insights/components', 'insightsName');
const container = (name: string): Demand => ({
  type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
  body: { name, properties: { publicAccess: 'None' } },
});
const noPassword = (name: string): Demand => ({
  type: 'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
  body: { name, properties: { allow: false } },
});
export const BLOBS = 'storage.properties.primaryEndpoints.blob';

/** Every resource there may be, by file and symbol. */
export const RESOURCES: Readonly<Record<string, Demand>> = {
  'main.bicep group': {
    type: 'Microsoft.Resources/resourceGroups',
    body: { name: code("'rg-${environmentName}'"), ...PLACE },
  },
  'storage.bicep account': {
    type: 'Microsoft.Storage/storageAccounts',
    body: {
      ...PLACE,
      name: code("'st${token}'"),
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      properties: {
        allowSharedKeyAccess: false,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
        defaultToOAuthAuthentication: true,
        minimumTlsVersion: 'TLS1_2',
        supportsHttpsTrafficOnly: true,
        publicNetworkAccess: code("publicAccess ? 'Enabled' : 'Disabled'"),
        networkAcls: { defaultAction: code("publicAccess ? 'Allow' : 'Deny'"), bypass: 'None' },
      },
    },
  },
  'storage.bicep blobs': {
    type: 'Microsoft.Storage/storageAccounts/blobServices',
    body: { name: 'default', properties: { deleteRetentionPolicy: { enabled: true, days: 7 } } },
  },
  'storage.bicep package': container('app-package'),
  'storage.bicep keys': container('token-doctor-keys'),
  ...MONITORING,
  'app.bicep storage': STORAGE,
  'app.bicep insights': INSIGHTS,
  'app.bicep plan': {
    type: 'Microsoft.Web/serverfarms',
    body: {
      ...named('plan'),
      ...PLACE,
      kind: 'functionapp',
      sku: { name: 'FC1', tier: 'FlexConsumption' },
      properties: { reserved: true },
    },
  },
  'app.bicep app': {
    type: 'Microsoft.Web/sites',
    body: {
      ...named('func'),
      ...PLACE,
      // azd finds by it where the package goes.
      tags: code("union(tags, { 'azd-service-name': 'api' })"),
      kind: 'functionapp,linux',
      identity: { type: 'SystemAssigned' },
      properties: {
        serverFarmId: code('plan.id'),
        httpsOnly: true,
        publicNetworkAccess: code("empty(subnetId) ? 'Enabled' : 'Disabled'"),
        virtualNetworkSubnetId: code('empty(subnetId) ? null : subnetId'),
        // Flex Consumption refuses a deployment with more of them, such as ftpsState (error 51021), also where it is harmless.
        siteConfig: {
          minTlsVersion: '1.2',
          scmMinTlsVersion: '1.2',
          remoteDebuggingEnabled: false,
        },
        functionAppConfig: {
          deployment: {
            storage: {
              type: 'blobContainer',
              value: code(`'\${${BLOBS}}app-package'`),
              authentication: { type: 'SystemAssignedIdentity' },
            },
          },
          runtime: { name: 'node', version: code('nodeVersion') },
          scaleAndConcurrency: {
            instanceMemoryMB: code('instanceMemoryMB'),
            maximumInstanceCount: code('maximumInstances'),
            triggers: code('httpConcurrency > 0 ? { http: { perInstanceConcurrency: httpConcurrency } } : null'),
            alwaysReady: code(
              "alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []",
            ),
          },
        },
      },
    },
  },
  'app.bicep settings': {
    type: 'Microsoft.Web/sites/config',
    body: {
      name: 'appsettings',
      properties: code(
        'union(hostSettings, ownSettings, empty(mcpScopes) ? {} : { WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES: mcpScopes })',
      ),
      dependsOn: [code('roles')],
    },
  },
  // Without a condition: what an earlier deployment turned on has to be turned off again.
  'app.bicep authentication': {
    type: 'Microsoft.Web/sites/config',
    body: {
      name: 'authsettingsV2',
      properties: {
        platform: { enabled: code('!empty(apiClientId)') },
        globalValidation: {
          requireAuthentication: true,
          unauthenticatedClientAction: 'Return401',
          excludedPaths: code('union(outside, opened)'),
        },
        httpSettings: { requireHttps: true },
        identityProviders: {
          azureActiveDirectory: code('empty(apiClientId) ? { enabled: false, registration: {} } : callers'),
        },
        login: { tokenStore: { enabled: false } },
      },
      dependsOn: [code('settings')],
    },
  },
  'app.bicep ftp': noPassword('ftp'),
  'app.bicep scm': noPassword('scm'),
  // The only roles: on the host's own storage, on its own telemetry, and on what is read.
  'app-roles.bicep storage': STORAGE,
  'app-roles.bicep insights': INSIGHTS,
  'app-roles.bicep storageRole': inGroup('storage', 'storageBlobDataOwner'),
  'app-roles.bicep insightsRole': inGroup('insights', 'monitoringMetricsPublisher'),
  'reader.bicep role': readerRole('subscription()', 'subscription().subscriptionId'),
  'reader.bicep assignment': readerAssignment('subscription()', 'subscriptionResourceId'),
  'reader-management-group.bicep role': readerRole('managementGroup()', 'managementGroup().name'),
  'reader-management-group.bicep assignment': readerAssignment('managementGroup()', 'tenantResourceId'),
  ...ENDPOINTS,
};

/** The earliest API versions by provider: older ones do not know all that is said here, and leave it out. */
export const OLDEST: Readonly<Record<string, string>> = {
  'Microsoft.Web': '2023-12-01',
  'Microsoft.Storage': '2022-09-01',
  'Microsoft.OperationalInsights': '2022-10-01',
};
