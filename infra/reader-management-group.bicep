targetScope = 'managementGroup'

metadata description = 'What the app may read in all subscriptions of a management group. A deployment of its own, in place of reader.bicep.'

param environmentName string
@description('Id of the subscription of the deployment: environments of the same name may stand in several.')
param home string
@description('Object id of the identity of the app.')
param principalId string
param useBuiltInReader bool = false

var builtInReader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (!useBuiltInReader) {
  name: guid(managementGroup().id, home, environmentName, 'token-doctor-reader')
  properties: {
    // Unique in a tenant.
    roleName: 'Token Doctor reader (${environmentName} of ${home}, ${managementGroup().name})'
    description: 'Reads AKS clusters, user-assigned identities and their federated credentials.'
    type: 'CustomRole'
    assignableScopes: [managementGroup().id]
    permissions: [
      {
        actions: loadJsonContent('./reads.json')
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, home, environmentName, principalId, useBuiltInReader ? builtInReader : 'token-doctor-reader')
  properties: {
    roleDefinitionId: useBuiltInReader
      ? tenantResourceId('Microsoft.Authorization/roleDefinitions', builtInReader)
      : role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Token Doctor (${environmentName} of ${home})'
  }
}
