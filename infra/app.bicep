param location string
param tags object
param token string
@allowed(['22', '24'])
param nodeVersion string
param instanceMemoryMB int
param maximumInstances int
param alwaysReadyInstances int
param httpConcurrency int
param storageName string
param insightsName string
param apiClientId string
param allowedClientIds string
param mcpScopes string
@description('Empty: the app is reached from the internet, and reaches it directly.')
param subnetId string
param policies string
param tenants string
param subscriptions string
param issuers string
param openOrigins string
param openRoutes string
param keysFreshSeconds int
param rateLimit int
param armEndpoint string
param graphEndpoint string

var clouds = { AzureCloud: 'public', AzureUSGovernment: 'usgovernment', AzureChinaCloud: 'china' }
// In China the endpoint of the environment is an alias; tokens of version 2.0 name the other host.
var login = replace(
  environment().authentication.loginEndpoint,
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn'
)
var clients = map(filter(split(allowedClientIds, ','), part => !empty(trim(part))), part => toLower(trim(part)))

var callers = {
  enabled: true
  registration: {
    clientId: apiClientId
    openIdIssuer: '${login}${tenant().tenantId}/v2.0'
  }
  validation: {
    allowedAudiences: [apiClientId, 'api://${apiClientId}']
    // An empty list would let in every client of the tenant.
    defaultAuthorizationPolicy: { allowedApplications: empty(clients) ? [apiClientId] : clients }
  }
}

// Outside of platform authentication: what decides takes the token of an end user, and keeps its function key.
var outside = [
  '/api/health'
  '/api/health/ready'
  '/api/introspect'
  '/api/authorize'
  '/api/authorize/*'
]
var openPaths = { openapi: '/api/openapi.json' }
var opened = map(filter(split(openRoutes, ','), part => !empty(trim(part))), part => openPaths[trim(part)])

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

// The name of the account beside the address: by the latter alone the host has been seen to miss its storage at its start.
var hostSettings = {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__credential: 'managedidentity'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD'
}

// Each setting that the app reads; README.md says what it means.
var ownSettings = {
  TOKEN_DOCTOR_POLICIES: policies
  TOKEN_DOCTOR_CLOUD: clouds[environment().name]
  TOKEN_DOCTOR_TENANTS: tenants
  TOKEN_DOCTOR_SUBSCRIPTIONS: subscriptions
  TOKEN_DOCTOR_ARM_ENDPOINT: armEndpoint
  TOKEN_DOCTOR_GRAPH_ENDPOINT: graphEndpoint
  TOKEN_DOCTOR_ISSUERS: issuers
  TOKEN_DOCTOR_OPEN_ORIGINS: openOrigins
  TOKEN_DOCTOR_KEYS_FRESH_SECONDS: string(keysFreshSeconds)
  TOKEN_DOCTOR_SNAPSHOTS: '${storage.properties.primaryEndpoints.blob}token-doctor-keys'
  TOKEN_DOCTOR_RATE_LIMIT: string(rateLimit)
  TOKEN_DOCTOR_OPEN_ROUTES: openRoutes
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'SystemAssigned' }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: empty(subnetId) ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    // Flex Consumption refuses many members that other plans take, such as ftpsState.
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      remoteDebuggingEnabled: false
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}app-package'
          authentication: { type: 'SystemAssignedIdentity' }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        triggers: httpConcurrency > 0 ? { http: { perInstanceConcurrency: httpConcurrency } } : null
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      hostSettings,
      ownSettings,
      empty(mcpScopes) ? {} : { WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES: mcpScopes }
    )
    // The host reads its storage with them as soon as it starts.
    dependsOn: [roles]
  }

  // Also where it is off: what an earlier deployment had turned on would stay on.
  resource authentication 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: !empty(apiClientId) }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: 'Return401'
        excludedPaths: union(outside, opened)
      }
      httpSettings: { requireHttps: true }
      identityProviders: {
        azureActiveDirectory: empty(apiClientId) ? { enabled: false, registration: {} } : callers
      }
      login: { tokenStore: { enabled: false } }
    }
    dependsOn: [settings]
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

module roles './app-roles.bicep' = {
  name: 'app-roles'
  params: { storageName: storageName, insightsName: insightsName, principalId: app.identity.principalId }
}

output id string = app.id
output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
output principalId string = app.identity.principalId
