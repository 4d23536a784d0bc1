metadata description = 'Logs, alerts and saved queries. What the queries read is told in docs/logs.md.'

param location string
param tags object
param token string
param retentionDays int
param alertEmail string

// The largest of a number, or the sum of it, in a window, is compared with a threshold. A window holds a whole step of its query.
var alerts = [
  {
    name: 'error-rate'
    displayName: 'Token Doctor: answers fail'
    severity: 1
    query: loadTextContent('./alerts/error-rate.kql')
    column: 'errorPercent'
    aggregation: 'Maximum'
    window: 'PT15M'
    threshold: 5
    dimensions: []
  }
  {
    name: 'latency-deciding'
    displayName: 'Token Doctor: decisions are slow'
    severity: 2
    query: loadTextContent('./alerts/latency.kql')
    column: 'p95Ms'
    aggregation: 'Maximum'
    window: 'PT30M'
    threshold: 500
    dimensions: [{ name: 'way', operator: 'Include', values: ['deciding'] }]
  }
  {
    name: 'latency-explaining'
    displayName: 'Token Doctor: reports are slow'
    severity: 3
    query: loadTextContent('./alerts/latency.kql')
    column: 'p95Ms'
    aggregation: 'Maximum'
    window: 'PT30M'
    threshold: 6000
    dimensions: [{ name: 'way', operator: 'Include', values: ['explaining'] }]
  }
  {
    name: 'refused-callers'
    displayName: 'Token Doctor: many callers are refused'
    severity: 2
    query: loadTextContent('./alerts/refused-callers.kql')
    column: 'refusedPercent'
    aggregation: 'Maximum'
    window: 'PT15M'
    threshold: 20
    dimensions: []
  }
  {
    name: 'stale-keys'
    displayName: 'Token Doctor: signing keys cannot be refreshed'
    severity: 1
    query: loadTextContent('./alerts/stale-keys.kql')
    column: 'affected'
    aggregation: 'Total'
    window: 'PT15M'
    threshold: 0
    dimensions: []
  }
]

// Displayed by the question that each begins with.
var queries = [
  { name: 'errors', displayName: 'What went wrong on our side?', body: loadTextContent('./queries/errors.kql') }
  { name: 'outcomes', displayName: 'How do calls end, by route and outcome?', body: loadTextContent('./queries/outcomes.kql') }
  { name: 'refusals', displayName: 'Why do policies refuse tokens?', body: loadTextContent('./queries/refusals.kql') }
  { name: 'refused-callers', displayName: 'Which callers do we turn away, and why?', body: loadTextContent('./queries/refused-callers.kql') }
  { name: 'root-causes', displayName: 'Which broken links do reports find most?', body: loadTextContent('./queries/root-causes.kql') }
  { name: 'slow-sources', displayName: 'Which sources do requests wait for?', body: loadTextContent('./queries/slow-sources.kql') }
  { name: 'stale-keys', displayName: 'Which answers rested on keys that are not fresh, or could not be had?', body: loadTextContent('./queries/stale-keys.kql') }
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
      body: item.body
      related: {
        categories: ['applications']
        resourceTypes: ['microsoft.operationalinsights/workspaces']
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
      windowSize: alert.window
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: alert.aggregation
            metricMeasureColumn: alert.column
            operator: 'GreaterThan'
            threshold: alert.threshold
            dimensions: alert.dimensions
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
