// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Bicep writes it so
import { code, type Demand, GLOBAL, named, PLACE } from './demand.ts';

/** Logs, alerts and saved queries. */
export const MONITORING: Readonly<Record<string, Demand>> = {
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
          resourceTypes: ['microsoft.operationalinsights/workspaces'],
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
};

/** The network of a private deployment, and a private endpoint of it. */
export const ENDPOINTS: Readonly<Record<string, Demand>> = {
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
