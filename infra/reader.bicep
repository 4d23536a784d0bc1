targetScope = 'subscription'

metadata description = 'What the app may read in one subscription. Deploy it to each that is to be read; nothing else is granted outside its resource group.'

param environmentName string
@description('Id of the subscription of the deployment: environments of the same name may stand in several.')
param home string
@description('Object id of the identity of the app.')
param principalId string
param useBuiltInReader bool = false

var builtInReader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (!useBuiltInReader) {
  name: guid(subscription().id, home, environmentName, 'token-doctor-reader')
  properties: {
    // Unique in a tenant.
    roleName: 'Token Doctor reader (${environmentName} of ${home}, ${subscription().subscriptionId})'
    description: 'Reads AKS clusters, user-assigned identities and their federated credentials.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
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
  name: guid(subscription().id, home, environmentName, principalId, useBuiltInReader ? builtInReader : 'token-doctor-reader')
  properties: {
    roleDefinitionId: useBuiltInReader
      ? subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInReader)
      : role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
    // By this it is found when the environment is taken down.
    description: 'Token Doctor (${environmentName} of ${home})'
  }
}
