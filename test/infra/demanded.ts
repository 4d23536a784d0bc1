// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Bicep writes it so
import { routes } from '../../src/routes.ts';
import { OpenRoute, settingNames } from '../../src/settings.ts';
import type { Expression, Written } from './bicep.ts';

/** An expression of Bicep, on one line. */
export const code = (expression: string): Expression => ({ expression });

export interface Demand {
  /** Letter for letter: another spelling would be another entry here. */
  type: string;
  condition?: string;
  /** What must stand at each path: exactly this, so that nothing is added to an object either. */
  exactly: { readonly [path: string]: Written };
}

/** Forward-auth has no route yet; what decides by an end user's token stands outside platform authentication. */
const DECIDING_LATER = ['/api/authorize', '/api/authorize/*'];
/** What needs no key or keeps its own: only this stands outside platform authentication. */
const outside = routes
  .filter(({ access }) => access === 'anonymous' || access === 'decision')
  .map(({ path }) => `/${path}`);
const opened = routes.filter(({ access }) => OpenRoute.options.some((name) => name === access));

const assigned = (role: string, scope: Written = ''): Record<string, Written> => ({
  ...(scope === '' ? {} : { scope }),
  'properties.roleDefinitionId': code(role),
  'properties.principalId': code('principalId'),
  'properties.principalType': 'ServicePrincipal',
});
const READER: Record<string, Written> = {
  'properties.type': 'CustomRole',
  'properties.permissions': [
    { actions: code("loadJsonContent('./reads.json')"), notActions: [], dataActions: [], notDataActions: [] },
  ],
};
const definition = (call: string) => `${call}('Microsoft.Authorization/roleDefinitions', `;
const blob = 'storage.properties.primaryEndpoints.blob';

/** Every resource there may be, by file and symbol, with what a deployment's safety hangs on. */
export const RESOURCES: Readonly<Record<string, Demand>> = {
  'main.bicep group': { type: 'Microsoft.Resources/resourceGroups', exactly: {} },
  'storage.bicep account': {
    type: 'Microsoft.Storage/storageAccounts',
    exactly: {
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
    exactly: { name: 'default', properties: { deleteRetentionPolicy: { enabled: true, days: 7 } } },
  },
  'storage.bicep package': {
    type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
    exactly: { name: 'app-package', properties: { publicAccess: 'None' } },
  },
  'storage.bicep keys': {
    type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
    exactly: { name: 'token-doctor-keys', properties: { publicAccess: 'None' } },
  },
  'monitoring.bicep workspace': {
    type: 'Microsoft.OperationalInsights/workspaces',
    exactly: { 'properties.features': { disableLocalAuth: true } },
  },
  'monitoring.bicep insights': {
    type: 'Microsoft.Insights/components',
    exactly: {
      properties: { Application_Type: 'web', WorkspaceResourceId: code('workspace.id'), DisableLocalAuth: true },
    },
  },
  'monitoring.bicep pack': { type: 'Microsoft.OperationalInsights/queryPacks', exactly: { properties: {} } },
  'monitoring.bicep saved': {
    type: 'Microsoft.OperationalInsights/queryPacks/queries',
    exactly: { 'properties.displayName': code('item.displayName'), 'properties.body': code('item.body') },
  },
  'monitoring.bicep people': {
    type: 'Microsoft.Insights/actionGroups',
    condition: '(!empty(alertEmail))',
    exactly: {
      'properties.enabled': true,
      'properties.emailReceivers': [
        { name: 'operators', emailAddress: code('alertEmail'), useCommonAlertSchema: true },
      ],
    },
  },
  'monitoring.bicep rules': {
    type: 'Microsoft.Insights/scheduledQueryRules',
    exactly: {
      'properties.enabled': true,
      'properties.scopes': [code('workspace.id')],
      'properties.evaluationFrequency': 'PT5M',
      'properties.windowSize': code('alert.window'),
      'properties.criteria': {
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
      'properties.actions': { actionGroups: code('empty(alertEmail) ? [] : [people.id]') },
    },
  },
  'app.bicep plan': { type: 'Microsoft.Web/serverfarms', exactly: { sku: { name: 'FC1', tier: 'FlexConsumption' } } },
  'app.bicep app': {
    type: 'Microsoft.Web/sites',
    exactly: {
      kind: 'functionapp,linux',
      identity: { type: 'SystemAssigned' },
      properties: {
        serverFarmId: code('plan.id'),
        httpsOnly: true,
        publicNetworkAccess: code("empty(subnetId) ? 'Enabled' : 'Disabled'"),
        virtualNetworkSubnetId: code('empty(subnetId) ? null : subnetId'),
        siteConfig: {
          minTlsVersion: '1.2',
          scmMinTlsVersion: '1.2',
          ftpsState: 'Disabled',
          remoteDebuggingEnabled: false,
        },
        functionAppConfig: {
          deployment: {
            storage: {
              type: 'blobContainer',
              value: code(`'\${${blob}}app-package'`),
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
    exactly: {
      name: 'appsettings',
      properties: code(
        'union( hostSettings, ownSettings, empty(mcpScopes) ? {} : { WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES: mcpScopes } )',
      ),
    },
  },
  // Without a condition: what an earlier deployment turned on has to be turned off again.
  'app.bicep authentication': {
    type: 'Microsoft.Web/sites/config',
    exactly: {
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
    },
  },
  'app.bicep ftp': {
    type: 'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
    exactly: { name: 'ftp', properties: { allow: false } },
  },
  'app.bicep scm': {
    type: 'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
    exactly: { name: 'scm', properties: { allow: false } },
  },
  // The only roles: on the host's own storage, on its own telemetry, and on what is read.
  'app-roles.bicep storageRole': {
    type: 'Microsoft.Authorization/roleAssignments',
    exactly: assigned(`${definition('subscriptionResourceId')}storageBlobDataOwner)`, code('storage')),
  },
  'app-roles.bicep insightsRole': {
    type: 'Microsoft.Authorization/roleAssignments',
    exactly: assigned(`${definition('subscriptionResourceId')}monitoringMetricsPublisher)`, code('insights')),
  },
  'reader.bicep role': {
    type: 'Microsoft.Authorization/roleDefinitions',
    condition: '(!useBuiltInReader)',
    exactly: { ...READER, 'properties.assignableScopes': [code('subscription().id')] },
  },
  'reader.bicep assignment': {
    type: 'Microsoft.Authorization/roleAssignments',
    exactly: assigned(`useBuiltInReader ? ${definition('subscriptionResourceId')}builtInReader) : role.id`),
  },
  'reader-management-group.bicep role': {
    type: 'Microsoft.Authorization/roleDefinitions',
    condition: '(!useBuiltInReader)',
    exactly: { ...READER, 'properties.assignableScopes': [code('managementGroup().id')] },
  },
  'reader-management-group.bicep assignment': {
    type: 'Microsoft.Authorization/roleAssignments',
    exactly: assigned(`useBuiltInReader ? ${definition('tenantResourceId')}builtInReader) : role.id`),
  },
  'network.bicep network': { type: 'Microsoft.Network/virtualNetworks', exactly: {} },
  'private-endpoint.bicep names': { type: 'Microsoft.Network/privateDnsZones', exactly: { name: code('zone') } },
  'private-endpoint.bicep link': {
    type: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
    exactly: { properties: { registrationEnabled: false, virtualNetwork: { id: code('networkId') } } },
  },
  'private-endpoint.bicep endpoint': {
    type: 'Microsoft.Network/privateEndpoints',
    exactly: {
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
    exactly: {
      properties: {
        privateDnsZoneConfigs: [{ name: code('name'), properties: { privateDnsZoneId: code('names.id') } }],
      },
    },
  },
};

const onlyPrivate = (output: string) => code(`privateNetwork ? network!.outputs.${output} : ''`);
const ENDPOINT = { networkId: onlyPrivate('networkId'), subnetId: onlyPrivate('endpointSubnetId') };
const PLACE = { location: code('location'), tags: code('tags'), token: code('token') };
const handedOn = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, code(name)]));

/** Every module there may be, by file and symbol: which file, when, how often, where, and with what. */
export const MODULES: Readonly<
  Record<string, { path: string; condition?: string; loop?: string; scope?: Written; params: Written }>
> = {
  'main.bicep network': {
    path: './network.bicep',
    condition: '(privateNetwork)',
    scope: code('group'),
    params: PLACE,
  },
  'main.bicep storage': {
    path: './storage.bicep',
    scope: code('group'),
    params: { ...PLACE, publicAccess: code('!privateNetwork') },
  },
  'main.bicep monitoring': {
    path: './monitoring.bicep',
    scope: code('group'),
    params: { ...PLACE, retentionDays: code('logRetentionDays'), alertEmail: code('alertEmail') },
  },
  'main.bicep blobEndpoint': {
    path: './private-endpoint.bicep',
    condition: '(privateNetwork)',
    scope: code('group'),
    params: {
      ...PLACE,
      ...ENDPOINT,
      name: 'blob',
      group: 'blob',
      zone: code("'privatelink.blob.${environment().suffixes.storage}'"),
      targetId: code('storage.outputs.id'),
    },
  },
  'main.bicep app': {
    path: './app.bicep',
    scope: code('group'),
    params: {
      ...PLACE,
      ...handedOn(
        ...['nodeVersion', 'instanceMemoryMB', 'maximumInstances', 'alwaysReadyInstances', 'httpConcurrency'],
        ...['apiClientId', 'allowedClientIds', 'mcpScopes', 'policies', 'tenants', 'issuers', 'openOrigins'],
        ...['openRoutes', 'keysFreshSeconds', 'rateLimit', 'armEndpoint', 'graphEndpoint'],
      ),
      subscriptions: code("join(asked, ',')"),
      storageName: code('storage.outputs.name'),
      insightsName: code('monitoring.outputs.insightsName'),
      subnetId: onlyPrivate('appSubnetId'),
    },
  },
  'main.bicep siteEndpoint': {
    path: './private-endpoint.bicep',
    condition: '(privateNetwork)',
    scope: code('group'),
    params: {
      ...PLACE,
      ...ENDPOINT,
      name: 'site',
      group: 'sites',
      zone: code('siteZones[environment().name]'),
      targetId: code('app.outputs.id'),
    },
  },
  'main.bicep readers': {
    path: './reader.bicep',
    loop: 'for id in read',
    scope: code('subscription(id)'),
    params: {
      ...handedOn('environmentName', 'useBuiltInReader'),
      home: code('subscription().subscriptionId'),
      principalId: code('app.outputs.principalId'),
    },
  },
  'app.bicep roles': {
    path: './app-roles.bicep',
    params: { ...handedOn('storageName', 'insightsName'), principalId: code('app.identity.principalId') },
  },
};

const listOf = (name: string, each: string) =>
  code(`map(filter(split(${name}, ','), part => !empty(trim(part))), part => ${each})`);
const NUMBERS = ['keysFreshSeconds', 'rateLimit'];
/** Each setting that the code reads, from the parameter of the same name. */
const ownSettings = Object.fromEntries(
  settingNames.map((name): [string, Written] => {
    const parameter = name
      .replace('TOKEN_DOCTOR_', '')
      .toLowerCase()
      .replace(/_[a-z]/g, ([, letter = '']) => letter.toUpperCase());
    return [name, code(NUMBERS.includes(parameter) ? `string(${parameter})` : parameter)];
  }),
);
const BUILT_IN_READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

/** Variables that the above hangs on. */
export const VARIABLES: Readonly<Record<string, Written>> = {
  'main.bicep asked': listOf('subscriptions', 'toLower(trim(part))'),
  'main.bicep read': code('empty(asked) ? [subscription().subscriptionId] : union(asked, [])'),
  'app.bicep login': code(
    "replace( environment().authentication.loginEndpoint, 'login.chinacloudapi.cn', 'login.partner.microsoftonline.cn' )",
  ),
  'app.bicep clients': listOf('allowedClientIds', 'toLower(trim(part))'),
  'app.bicep outside': [...outside, ...DECIDING_LATER],
  'app.bicep openPaths': Object.fromEntries(opened.map(({ access, path }) => [access, `/${path}`])),
  'app.bicep opened': listOf('openRoutes', 'openPaths[trim(part)]'),
  'app.bicep ownSettings': {
    ...ownSettings,
    TOKEN_DOCTOR_CLOUD: code('clouds[environment().name]'),
    TOKEN_DOCTOR_SNAPSHOTS: code(`'\${${blob}}token-doctor-keys'`),
  },
  // No more than these: settings of the platform can turn its authentication off, or fake it.
  'app.bicep hostSettings': {
    AzureWebJobsStorage__accountName: code('storageName'),
    AzureWebJobsStorage__blobServiceUri: code(blob),
    AzureWebJobsStorage__credential: 'managedidentity',
    APPLICATIONINSIGHTS_CONNECTION_STRING: code('insights.properties.ConnectionString'),
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD',
  },
  'app-roles.bicep storageBlobDataOwner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'app-roles.bicep monitoringMetricsPublisher': '3913510d-42f4-4e42-8a64-420c390055eb',
  'reader.bicep builtInReader': BUILT_IN_READER,
  'reader-management-group.bicep builtInReader': BUILT_IN_READER,
};

/** Defaults of main.bicep that let nobody in, and grant no more than is needed. */
export const DEFAULTS: Readonly<Record<string, Written>> = {
  apiClientId: '',
  allowedClientIds: '',
  mcpScopes: '',
  subscriptions: '',
  useBuiltInReader: false,
  policies: code("loadTextContent('./policies.json')"),
  tenants: '',
  issuers: '[]',
  openOrigins: '',
  openRoutes: '',
  armEndpoint: '',
  graphEndpoint: '',
  privateNetwork: false,
  alertEmail: '',
};
