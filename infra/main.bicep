targetScope = 'subscription'

@description('Name of the azd environment; names of resources and of the role are made of it.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Region of all resources. Flex Consumption must be offered there.')
@metadata({ azd: { type: 'location' } })
param location string

// The app.

@allowed(['22', '24'])
param nodeVersion string = '24'

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Scale-out ends about here: a bound of cost, and of what an attack can cost. The platform takes no fewer than 40.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Instances that are kept warm and paid for by the hour.')
@minValue(0)
param alwaysReadyInstances int = 0

@description('Calls at once on an instance before another one comes. 0: what the platform takes for the memory.')
@minValue(0)
@maxValue(1000)
param httpConcurrency int = 0

// Who may call.

@description('Application (client) id of the registration of this API. Empty: callers need function keys.')
param apiClientId string = ''

@description('Client ids, comma separated, that may call the diagnosing routes. Empty: the registration of the API alone.')
param allowedClientIds string = ''

@description('Scopes, comma separated, that the platform names in protected-resource metadata (RFC 9728) for MCP clients. Empty: no such document.')
param mcpScopes string = ''

// What is read.

@description('Subscriptions, comma separated, whose clusters and identities are read. Empty: that of the deployment.')
param subscriptions string = ''

@description('true: the built-in role Reader in place of a custom one, where role definitions may not be made.')
param useBuiltInReader bool = false

// Settings of the app; README.md says what each means. Empty: its default.

@description('TOKEN_DOCTOR_POLICIES, a JSON text: that of the file beside this one.')
param policies string = loadTextContent('./policies.json')
param tenants string = ''
@description('TOKEN_DOCTOR_ISSUERS, a JSON text.')
param issuers string = '[]'
param openOrigins string = ''
param openRoutes string = ''
@minValue(60)
@maxValue(3600)
param keysFreshSeconds int = 600
@minValue(0)
@maxValue(1000000)
param rateLimit int = 600
param armEndpoint string = ''
param graphEndpoint string = ''

// Network and operation.

@description('true: app and storage are reached through private endpoints alone, and deployed to from within the network.')
param privateNetwork bool = false

@description('Who is told by alerts. Empty: alerts are seen in the portal alone.')
param alertEmail string = ''

@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))
var asked = map(filter(split(subscriptions, ','), part => !empty(trim(part))), part => toLower(trim(part)))
// A subscription that is named twice is one.
var read = empty(asked) ? [subscription().subscriptionId] : union(asked, [])
var siteZones = {
  AzureCloud: 'privatelink.azurewebsites.net'
  AzureUSGovernment: 'privatelink.azurewebsites.us'
  AzureChinaCloud: 'privatelink.chinacloudsites.cn'
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module network './network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module storage './storage.bicep' = {
  name: 'storage'
  scope: group
  params: { location: location, tags: tags, token: token, publicAccess: !privateNetwork }
}

module monitoring './monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    retentionDays: logRetentionDays
    alertEmail: alertEmail
  }
}

// Before the app: its host needs the storage as soon as it starts.
module blobEndpoint './private-endpoint.bicep' = if (privateNetwork) {
  name: 'blob-endpoint'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    name: 'blob'
    group: 'blob'
    zone: 'privatelink.blob.${environment().suffixes.storage}'
    targetId: storage.outputs.id
    networkId: privateNetwork ? network!.outputs.networkId : ''
    subnetId: privateNetwork ? network!.outputs.endpointSubnetId : ''
  }
}

module app './app.bicep' = {
  name: 'app'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    alwaysReadyInstances: alwaysReadyInstances
    httpConcurrency: httpConcurrency
    storageName: storage.outputs.name
    insightsName: monitoring.outputs.insightsName
    apiClientId: apiClientId
    allowedClientIds: allowedClientIds
    mcpScopes: mcpScopes
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    policies: policies
    tenants: tenants
    subscriptions: join(asked, ',')
    issuers: issuers
    openOrigins: openOrigins
    openRoutes: openRoutes
    keysFreshSeconds: keysFreshSeconds
    rateLimit: rateLimit
    armEndpoint: armEndpoint
    graphEndpoint: graphEndpoint
  }
  dependsOn: [blobEndpoint]
}

module siteEndpoint './private-endpoint.bicep' = if (privateNetwork) {
  name: 'site-endpoint'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    name: 'site'
    group: 'sites'
    zone: siteZones[environment().name]
    targetId: app.outputs.id
    networkId: privateNetwork ? network!.outputs.networkId : ''
    subnetId: privateNetwork ? network!.outputs.endpointSubnetId : ''
  }
}

module readers './reader.bicep' = [
  for id in read: {
    name: 'token-doctor-reader-${token}'
    scope: subscription(id)
    params: {
      environmentName: environmentName
      home: subscription().subscriptionId
      principalId: app.outputs.principalId
      useBuiltInReader: useBuiltInReader
    }
  }
]

output AZURE_RESOURCE_GROUP string = group.name
output SERVICE_API_NAME string = app.outputs.name
@description('Every route is below this address.')
output SERVICE_API_URL string = app.outputs.url
output READINESS_URL string = '${app.outputs.url}/api/health/ready'
@description('Prints the key of one function; there is one for each, so that who decides cannot diagnose.')
output KEY_COMMAND string = 'az functionapp function keys list --subscription ${subscription().subscriptionId} --resource-group ${group.name} --name ${app.outputs.name} --function-name analyzeToken --query default --output tsv'
@description('Object id of the identity that reads Azure: for further subscriptions, management groups and Microsoft Graph.')
output SERVICE_API_PRINCIPAL_ID string = app.outputs.principalId
