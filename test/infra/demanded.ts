// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Bicep writes it so
import { type Expression, tight, type Written } from './bicep.ts';

/** An expression of Bicep, however it is folded. */
export const code = (expression: string): Expression => ({ expression: tight(expression) });

export interface Demand {
  /** Letter for letter: another spelling would be another entry here. */
  type: string;
  /** Read, not deployed. */
  existing?: true;
  condition?: string;
  loop?: string;
  /** Exactly this, so that nothing is added to an object either; only a description that is left out here may be any. */
  body: { readonly [name: string]: Written };
}

const named = (name: string) => ({ name: code(`'${name}-\${token}'`) });
const PLACE = { location: code('location'), tags: code('tags') };
const GLOBAL = { ...PLACE, location: 'global' };

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
  'monitoring.bicep workspace': {
    type: 'Microsoft.OperationalInsights/workspaces',
    body: {
      ...named('log'),
      ...PLACE,
      properties: {
        sku: { name: 'PerGB2018' },
        retentionInDays: code('retentionDays'),
        features: { disableLocalAuth: true },
      },
    },
  },
  'monitoring.bicep insights': {
    type: 'Microsoft.Insights/components',
    body: {
      ...named('appi'),
      ...PLACE,
      kind: 'web',
      properties: { Application_Type: 'web', WorkspaceResourceId: code('workspace.id'), DisableLocalAuth: true },
    },
  },
  'monitoring.bicep pack': {
    type: 'Microsoft.OperationalInsights/queryPacks',
    body: { ...named('pack'), ...PLACE, properties: {} },
  },
  'monitoring.bicep saved': {
    type: 'Microsoft.OperationalInsights/queryPacks/queries',
    loop: 'for item in queries',
    body: {
      parent: code('pack'),
      name: code('guid(pack.id, item.name)'),
      properties: {
        displayName: code('item.displayName'),
        body: code('item.body'),
        related: {
          categories: ['applications'],
          resourceTypes: ['microsoft.operationalinsights/workspaces', 'microsoft.insights/components'],
        },
      },
    },
  },
  'monitoring.bicep people': {
    type: 'Microsoft.Insights/actionGroups',
    condition: '(!empty(alertEmail))',
    body: {
      ...named('ag'),
      ...GLOBAL,
      properties: {
        groupShortName: 'TokenDoctor',
        enabled: true,
        emailReceivers: [{ name: 'operators', emailAddress: code('alertEmail'), useCommonAlertSchema: true }],
      },
    },
  },
  'monitoring.bicep rules': {
    type: 'Microsoft.Insights/scheduledQueryRules',
    loop: 'for alert in alerts',
    body: {
      ...named('alert-${alert.name}'),
      ...PLACE,
      kind: 'LogAlert',
      properties: {
        displayName: code('alert.displayName'),
        enabled: true,
        severity: code('alert.severity'),
        scopes: [code('workspace.id')],
        skipQueryValidation: true,
        evaluationFrequency: 'PT5M',
        windowSize: code('alert.window'),
        criteria: {
          allOf: [
            {
              query: code('alert.query'),
              timeAggregation: code('alert.aggregation'),
              metricMeasureColumn: code('alert.column'),
              operator: 'GreaterThan',
              threshold: code('alert.threshold'),
              dimensions: code('alert.dimensions'),
              failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
            },
          ],
        },
        autoMitigate: true,
        actions: { actionGroups: code('empty(alertEmail) ? [] : [people.id]') },
      },
    },
  },
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
          azureActiveDirectory: {
            enabled: code('!empty(apiClientId)'),
            registration: { clientId: code('apiClientId'), openIdIssuer: code("'${login}${tenant().tenantId}/v2.0'") },
            validation: {
              allowedAudiences: [code('apiClientId'), code("'api://${apiClientId}'")],
              // An empty list would let in every client of the tenant.
              defaultAuthorizationPolicy: {
                allowedApplications: code('empty(clients) ? [apiClientId] : clients'),
              },
            },
          },
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
  'network.bicep network': {
    type: 'Microsoft.Network/virtualNetworks',
    body: {
      ...named('vnet'),
      ...PLACE,
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [
          {
            name: 'app',
            properties: {
              addressPrefix: '10.0.0.0/24',
              delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }],
            },
          },
          {
            name: 'endpoints',
            properties: { addressPrefix: '10.0.1.0/24', privateEndpointNetworkPolicies: 'Enabled' },
          },
        ],
      },
    },
  },
  'private-endpoint.bicep names': {
    type: 'Microsoft.Network/privateDnsZones',
    body: { ...GLOBAL, name: code('zone') },
  },
  'private-endpoint.bicep link': {
    type: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
    body: {
      ...named('vnet'),
      location: 'global',
      properties: { registrationEnabled: false, virtualNetwork: { id: code('networkId') } },
    },
  },
  'private-endpoint.bicep endpoint': {
    type: 'Microsoft.Network/privateEndpoints',
    body: {
      ...named('pe-${name}'),
      ...PLACE,
      properties: {
        subnet: { id: code('subnetId') },
        privateLinkServiceConnections: [
          { name: code('name'), properties: { privateLinkServiceId: code('targetId'), groupIds: [code('group')] } },
        ],
      },
    },
  },
  'private-endpoint.bicep zones': {
    type: 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
    body: {
      name: 'default',
      properties: {
        privateDnsZoneConfigs: [{ name: code('name'), properties: { privateDnsZoneId: code('names.id') } }],
      },
    },
  },
};

/** The earliest API versions by provider: older ones do not know all that is said here, and leave it out. */
export const OLDEST: Readonly<Record<string, string>> = {
  'Microsoft.Web': '2023-12-01',
  'Microsoft.Storage': '2022-09-01',
  'Microsoft.OperationalInsights': '2022-10-01',
};
