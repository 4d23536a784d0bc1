metadata description = 'Logs, alerts and saved queries. What the queries read is told in docs/logs.md.'

param location string
param tags object
param token string
param retentionDays int
param alertEmail string

// Each query returns a row for what is wrong; the threshold is compared with its measured column.
var alerts = [
  {
    name: 'error-rate'
    displayName: 'Token Doctor: answers fail'
    severity: 1
    query: loadTextContent('./alerts/error-rate.kql')
    column: 'errorPercent'
    threshold: 5
  }
  {
    name: 'latency'
    displayName: 'Token Doctor: answers are slow'
    severity: 2
    query: loadTextContent('./alerts/latency.kql')
    column: 'overPercent'
    threshold: 100
  }
  {
    name: 'refused-callers'
    displayName: 'Token Doctor: unusually many callers are refused'
    severity: 2
    query: loadTextContent('./alerts/refused-callers.kql')
    column: 'refusedPercent'
    threshold: 50
  }
  {
    name: 'stale-keys'
    displayName: 'Token Doctor: signing keys cannot be refreshed'
    severity: 1
    query: loadTextContent('./alerts/stale-keys.kql')
    column: 'answers'
    threshold: 0
  }
]

var queries = [
  { name: 'outcomes', displayName: 'Outcomes by route and verdict', query: loadTextContent('./queries/outcomes.kql') }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

// A pack, since saved searches of a workspace cannot be written a second time.
resource pack 'Microsoft.OperationalInsights/queryPacks@2026-03-01' = {
  name: 'pack-${token}'
  location: location
  tags: tags
  properties: {}
}

resource saved 'Microsoft.OperationalInsights/queryPacks/queries@2026-03-01' = [
  for item in queries: {
    parent: pack
    name: guid(pack.id, item.name)
    properties: {
      displayName: item.displayName
      body: item.query
      related: {
        categories: ['applications']
        resourceTypes: ['microsoft.operationalinsights/workspaces', 'microsoft.insights/components']
      }
    }
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'TokenDoctor'
    enabled: true
    emailReceivers: [{ name: 'operators', emailAddress: alertEmail, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: 'alert-${alert.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.displayName
      description: 'What it means and what to do: docs/operate.md, ${alert.name}.'
      enabled: true
      severity: alert.severity
      scopes: [workspace.id]
      // The tables come with the first line that is logged.
      skipQueryValidation: true
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Maximum'
            metricMeasureColumn: alert.column
            operator: 'GreaterThan'
            threshold: alert.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      actions: { actionGroups: empty(alertEmail) ? [] : [people.id] }
    }
  }
]

output insightsName string = insights.name
