// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Bicep writes it so
import { expect, it } from 'vitest';
import { filesOf } from './bicep.ts';
import { planted } from './planted.ts';
import { weaknesses } from './weaknesses.ts';

it.each([
  [
    'a role on another storage',
    'app-roles.bicep',
    'existing = {\n  name: storageName',
    "existing = {\n  scope: resourceGroup('x')\n  name: storageName",
  ],
  ['a role on other telemetry', 'app-roles.bicep', 'name: insightsName', "name: 'x'"],
  ['an app on another storage', 'app.bicep', '  name: storageName\n', "  name: 'other'\n"],
  [
    'Reader by default, where it is deployed by hand',
    'reader.bicep',
    'useBuiltInReader bool = false',
    'useBuiltInReader bool = true',
  ],
  [
    'Reader by default, in a management group',
    'reader-management-group.bicep',
    'useBuiltInReader bool = false',
    'useBuiltInReader bool = true',
  ],
  ['a role for whom nobody names', 'reader.bicep', 'param principalId string', "param principalId string = '0'"],
  ['no bound of instances', 'main.bicep', 'maximumInstances int = 40', 'maximumInstances int = 1000'],
  ['instances that nobody asked for', 'main.bicep', 'alwaysReadyInstances int = 0', 'alwaysReadyInstances int = 100'],
  ['an older Node', 'main.bicep', "nodeVersion string = '24'", "nodeVersion string = '22'"],
  ['an assignment that is not found again', 'reader.bicep', "description: 'Token Doctor (", "description: 'Doctor ("],
  [
    'a definition that is not found again',
    'reader.bicep',
    "roleName: 'Token Doctor reader (",
    "roleName: 'Doctor reader (",
  ],
  [
    'a definition of a group that is not found again',
    'reader-management-group.bicep',
    "managementGroup().name})'",
    "managementGroup().id})'",
  ],
  [
    'another principal handed on',
    'app.bicep',
    'output principalId string = app.identity.principalId',
    'output principalId string = deployer().objectId',
  ],
  ['endpoints in the subnet of the app', 'network.bicep', 'subnets[1].id', 'subnets[0].id'],
  ['a subnet that Flex does not take', 'network.bicep', / *delegations.*\n/, ''],
  [
    'a peering',
    'network.bicep',
    '    subnets: [',
    "    virtualNetworkPeerings: [{ name: 'p', properties: { remoteVirtualNetwork: { id: '/x' } } }]\n    subnets: [",
  ],
  [
    'settings before the roles that they need',
    'app.bicep',
    / *\/\/ The host reads its storage[^\n]*\n *dependsOn: \[roles\]\n/,
    '',
  ],
  ['an app before the endpoint of its storage', 'main.bicep', / *dependsOn: \[blobEndpoint\]\n/, ''],
  ['alerts of nothing', 'monitoring.bicep', 'for alert in alerts:', 'for alert in []:'],
  ['no query saved', 'monitoring.bicep', 'for item in queries:', 'for item in []:'],
  [
    'a key as an output, by a variable',
    'storage.bicep',
    'output id string = account.id',
    'var k = account.listKeys().keys[0].value\noutput id string = account.id\noutput k string = k',
  ],
  [
    'alerts sent elsewhere',
    'monitoring.bicep',
    '    enabled: true\n    emailReceivers',
    "    enabled: true\n    webhookReceivers: [{ name: 'x', serviceUri: 'https://x.example' }]\n    emailReceivers",
  ],
  [
    'alerts that are muted',
    'monitoring.bicep',
    '      autoMitigate: true',
    "      autoMitigate: false\n      muteActionsDuration: 'P1D'",
  ],
  [
    'a log that ends each day',
    'monitoring.bicep',
    '    features: { disableLocalAuth: true }',
    '    features: { disableLocalAuth: true }\n    workspaceCapping: { dailyQuotaGb: 1 }',
  ],
  ['a log of other days', 'monitoring.bicep', 'retentionInDays: retentionDays', 'retentionInDays: 4'],
  ['an app that azd does not find', 'app.bicep', "union(tags, { 'azd-service-name': 'api' })", 'tags'],
  ['a group that azd does not find', 'main.bicep', "{ 'azd-env-name': environmentName }", '{}'],
  ['another region', 'storage.bicep', 'location: location', "location: 'eastus'"],
  ['a name that stays public', 'main.bicep', "'privatelink.azurewebsites.net'", "'azurewebsites.net'"],
  ['the issuers of another cloud', 'app.bicep', "AzureUSGovernment: 'usgovernment'", "AzureUSGovernment: 'public'"],
  [
    'members spread from elsewhere',
    'app.bicep',
    'platform: { enabled: !empty(apiClientId) }',
    'platform: { enabled: !empty(apiClientId), ...openPaths }',
  ],
  [
    'members spread from elsewhere, on a line',
    'app.bicep',
    '      httpSettings: { requireHttps: true }',
    '      httpSettings: { requireHttps: true }\n      ...openPaths',
  ],
  ['authentication that azd does not hand over', 'main.parameters.json', /.*"apiClientId".*\n/, ''],
  ['a private network that azd does not hand over', 'main.parameters.json', /.*"privateNetwork".*\n/, ''],
  [
    'an API that does not know what is asked',
    'storage.bicep',
    'storageAccounts@2026-04-01',
    'storageAccounts@2015-06-15',
  ],
  ['another scope', 'reader.bicep', "targetScope = 'subscription'", "targetScope = 'managementGroup'"],
  [
    'one assignment for several environments',
    'reader.bicep',
    /name: guid\(subscription\(\).id, home, environmentName, principalId.*/,
    "name: guid('x')",
  ],
  [
    'one definition for several environments',
    'reader.bicep',
    /name: guid\(subscription\(\).id, home, environmentName, 'token-doctor-reader'\)/,
    "name: guid('x')",
  ],
  [
    'an output that names another principal',
    'main.bicep',
    'output SERVICE_API_PRINCIPAL_ID string = app.outputs.principalId',
    'output SERVICE_API_PRINCIPAL_ID string = tenant().tenantId',
  ],
  ['a command of other words', 'main.bicep', 'keys list --sub', 'keys list --all --sub'],
  ['one deployment for several environments', 'main.bicep', "'token-doctor-reader-${token}'", "'token-doctor-reader'"],
  [
    'names that several subscriptions share',
    'main.bicep',
    'uniqueString(subscription().id, environmentName, location)',
    'uniqueString(location)',
  ],
  [
    'a plan of other zones',
    'app.bicep',
    'properties: { reserved: true }',
    'properties: { reserved: true, zoneRedundant: true }',
  ],
  ['a package in another container', 'app.bicep', "}app-package'", "}app-packages'"],
  ['roles nowhere by default', 'main.bicep', 'for id in read:', 'for id in asked:'],
  ['a group that is shared', 'main.bicep', "name: 'rg-${environmentName}'", "name: 'rg-shared'"],
  [
    'monitoring on a condition',
    'main.bicep',
    "module monitoring './monitoring.bicep' = {",
    "module monitoring './monitoring.bicep' = if (empty(apiClientId)) {",
  ],
  [
    'an identity of the storage',
    'storage.bicep',
    "  sku: { name: 'Standard_LRS' }",
    "  sku: { name: 'Standard_LRS' }\n  identity: { type: 'SystemAssigned' }",
  ],
  [
    'an identity of another tenant',
    'app-roles.bicep',
    '    principalId: principalId\n',
    '    principalId: principalId\n    delegatedManagedIdentityResourceId: principalId\n',
  ],
  [
    'a role on a condition of its own',
    'reader.bicep',
    '    principalId: principalId\n',
    "    principalId: principalId\n    condition: 'true'\n",
  ],
  ['keys fresh for an hour', 'main.bicep', 'param keysFreshSeconds int = 600', 'param keysFreshSeconds int = 3600'],
  ['no limit of calls', 'main.bicep', 'param rateLimit int = 600', 'param rateLimit int = 0'],
  ['alerts of another kind', 'monitoring.bicep', "kind: 'LogAlert'", "kind: 'EventLogAlert'"],
  ['endpoints without policies', 'network.bicep', "'Enabled' }", "'Disabled' }"],
  ['a container of another name', 'storage.bicep', "name: 'app-package'", "name: 'public'"],
  ['a module from outside', 'main.bicep', "'./network.bicep'", "'../network.bicep'"],
  ['a preview of an API', 'app.bicep', 'sites@2025-03-01', 'sites@2025-03-01-preview'],
  ['a rule of the linter off', 'bicepconfig.json', '"level": "error"', '"level": "off"'],
  ['the linter off', 'bicepconfig.json', '"enabled": true', '"enabled": false'],
  ['a rule of the linter left out', 'bicepconfig.json', 'secure-secrets-in-params', 'use-recent-api-versions'],
  ['modules from elsewhere', 'bicepconfig.json', '"analyzers"', '"moduleAliases": {}, "analyzers"'],
] as const)('would not be the deployment that is meant by %s, and that is seen', (_what, file, text, other) => {
  expect(weaknesses(planted(file, text, other))).not.toEqual([]);
});

it.each(['main.bicepparam', 'main.json', 'main.parameters.prod.json', 'extra.bicep'])(
  'would take %s beside what is known, and that is seen',
  (file) => {
    expect(weaknesses({ ...filesOf('infra'), [file]: '' })).toEqual([`file ${file}: what it does is said nowhere`]);
  },
);

it.each([
  ['a comment in an expression', 'app.bicep', '      ownSettings,', '      ownSettings, // ours'],
  [
    'a call on one line',
    'app.bicep',
    /union\(\s+hostSettings,\s+ownSettings,\s+empty/,
    'union(hostSettings, ownSettings, empty',
  ],
  [
    'a tag more',
    'main.bicep',
    "{ 'azd-env-name': environmentName }",
    "{ 'azd-env-name': environmentName, owner: 'me' }",
  ],
  ['a choice unfolded', 'reader.bicep', /useBuiltInReader\s+\? subs/, 'useBuiltInReader ? subs'],
  [
    'another order of members',
    'storage.bicep',
    /( *allowSharedKeyAccess: false\n)( *allowBlobPublicAccess: false\n)/,
    '$2$1',
  ],
  ['a comment', 'app.bicep', '    httpsOnly: true', '    // always\n    httpsOnly: true'],
  ['a comment in a list', 'app.bicep', "  '/api/health'\n", "  '/api/health' // first\n"],
  [
    'a list folded',
    'app.bicep',
    "allowedAudiences: [apiClientId, 'api://${apiClientId}']",
    "allowedAudiences: [\n apiClientId\n 'api://${apiClientId}'\n]",
  ],
  ['a choice folded', 'app.bicep', 'empty(subnetId) ? null : subnetId', 'empty(subnetId)\n ? null\n : subnetId'],
  [
    'another order of a list',
    'app.bicep',
    "  '/api/health'\n  '/api/health/ready'",
    "  '/api/health/ready'\n  '/api/health'",
  ],
  [
    'a call folded',
    'main.bicep',
    'subscription().subscriptionId] : union(asked, [])',
    'subscription().subscriptionId] : union(\n asked,\n [])',
  ],
  [
    'an object folded',
    'app.bicep',
    '{ http: { perInstanceConcurrency: httpConcurrency } }',
    '{\n http: { perInstanceConcurrency: httpConcurrency }\n }',
  ],
  ['a comment within a line', 'app.bicep', '    httpsOnly: true', '    /* always */ httpsOnly: true'],
  ['blanks in JSON', 'policies.json', '{}', '{ }\n'],
  ['another order in JSON', 'main.parameters.json', /( *"apiClientId".*\n)( *"allowedClientIds".*\n)/, '$2$1'],
  ['another order of actions', 'reads.json', /(.*managedClusters\/read",\n)(.*identityBindings\/read",\n)/, '$2$1'],
  ['a description', 'main.bicep', 'param tenants string', "@description('t')\nparam tenants string"],
  ['a variable more', 'storage.bicep', 'output name', 'var x = 1\noutput name'],
  ['a description of other words', 'reader.bicep', 'Reads AKS clusters', 'May read AKS clusters'],
  ['a newer API', 'app.bicep', 'sites@2025-03-01', 'sites@2027-03-01'],
  [
    'a size of the operator',
    'main.parameters.json',
    '"apiClientId"',
    '"alwaysReadyInstances": { "value": 1 }, "apiClientId"',
  ],
] as const)('is no worse for %s', (_what, file, text, other) => {
  expect(weaknesses(planted(file, text, other))).toEqual([]);
});
