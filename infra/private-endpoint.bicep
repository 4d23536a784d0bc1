metadata description = 'A private endpoint of one resource, and the name by which the network finds it.'

param location string
param tags object
param token string
@description('What it leads to, in a word.')
param name string
@description('Group of the private link: `blob`, `sites`.')
param group string
param zone string
param targetId string
param networkId string
param subnetId string

resource names 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zone
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: 'vnet-${token}'
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: 'pe-${name}-${token}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: name, properties: { privateLinkServiceId: targetId, groupIds: [group] } }
    ]
  }

  resource zones 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: name, properties: { privateDnsZoneId: names.id } }] }
  }
}
