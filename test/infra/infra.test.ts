import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, settingNames } from '../../src/settings.ts';
import { filesOf, parseBicep } from './bicep.ts';
import { weaknesses } from './weaknesses.ts';

const files = filesOf('infra');

/** The files with one text in place of another, which must be there. */
function planted(file: string, text: string | RegExp, other: string): Record<string, string> {
  const old = files[file] ?? '';
  const changed = old.replace(text, other);
  expect(changed, `${file} has ${text}`).not.toBe(old);
  return { ...files, [file]: changed };
}

describe('infra', () => {
  it('has no weakness', () => {
    expect(weaknesses(files)).toEqual([]);
  });

  it.each([
    ['shared keys', 'storage.bicep', 'allowSharedKeyAccess: false', 'allowSharedKeyAccess: true'],
    ['shared keys, left out', 'storage.bicep', 'allowSharedKeyAccess: false', ''],
    [
      'shared keys, by a parameter',
      'storage.bicep',
      'allowSharedKeyAccess: false',
      'allowSharedKeyAccess: publicAccess',
    ],
    ['public blobs', 'storage.bicep', 'allowBlobPublicAccess: false', 'allowBlobPublicAccess: true'],
    ['a public container', 'storage.bicep', /publicAccess: 'None'/, "publicAccess: 'Blob'"],
    ['storage open in a private network', 'storage.bicep', "'Enabled' : 'Disabled'", "'Enabled' : 'Enabled'"],
    ['TLS of storage lowered', 'storage.bicep', 'TLS1_2', 'TLS1_0'],
    ['plain http to storage', 'storage.bicep', 'supportsHttpsTrafficOnly: true', 'supportsHttpsTrafficOnly: false'],
    ['TLS of the app lowered', 'app.bicep', "minTlsVersion: '1.2'", "minTlsVersion: '1.0'"],
    ['TLS of deployment lowered', 'app.bicep', "scmMinTlsVersion: '1.2'", "scmMinTlsVersion: '1.1'"],
    ['plain http to the app', 'app.bicep', 'httpsOnly: true', 'httpsOnly: false'],
    ['FTP', 'app.bicep', "ftpsState: 'Disabled'", "ftpsState: 'FtpsOnly'"],
    ['basic publishing', 'app.bicep', 'allow: false', 'allow: true'],
    ['basic publishing, left out', 'app.bicep', /resource scm[\s\S]*?\n {2}\}\n/, ''],
    ['remote debugging', 'app.bicep', 'remoteDebuggingEnabled: false', 'remoteDebuggingEnabled: true'],
    ['another identity', 'app.bicep', "type: 'SystemAssigned' }", "type: 'SystemAssigned, UserAssigned' }"],
    ['the app open in a private network', 'app.bicep', "'Enabled' : 'Disabled'", "'Enabled' : 'Enabled'"],
    ['authentication off', 'app.bicep', 'platform: { enabled: !empty(apiClientId) }', 'platform: { enabled: false }'],
    ['authentication not required', 'app.bicep', 'requireAuthentication: true', 'requireAuthentication: false'],
    ['anonymous callers', 'app.bicep', "'Return401'", "'AllowAnonymous'"],
    [
      'authentication left out',
      'app.bicep',
      "resource authentication 'config' = {",
      "resource authentication 'config' = if (false) {",
    ],
    ['every route open', 'app.bicep', 'part => openPaths[trim(part)]', "part => '/api/*'"],
    ['another route to be opened', 'app.bicep', "openapi: '/api/openapi.json'", "openapi: '/api/tokens/analyze'"],
    ['any client of the tenant', 'app.bicep', 'empty(clients) ? [apiClientId] : clients', 'clients'],
    ['any audience', 'app.bicep', /allowedAudiences: \[.*\]/, 'allowedAudiences: []'],
    ['a diagnosing route excluded', 'app.bicep', "'/api/introspect'", "'/api/introspect'\n'/api/tokens/analyze'"],
    ['everything excluded', 'app.bicep', "'/api/authorize/*'", "'/*'"],
    ['the deciding route not excluded', 'app.bicep', "'/api/introspect'", ''],
    ['local authentication of telemetry', 'monitoring.bicep', 'DisableLocalAuth: true', 'DisableLocalAuth: false'],
    ['local authentication of logs', 'monitoring.bicep', 'disableLocalAuth: true', 'disableLocalAuth: false'],
    ['the role widened', 'reads.json', /"Microsoft\.ManagedIdentity[^"]*"/, '"*/read"'],
    ['the role widened in Bicep', 'reader.bicep', "loadJsonContent('./reads.json')", "['*/read']"],
    ['data actions', 'reader-management-group.bicep', 'dataActions: []', "dataActions: ['*']"],
    ['one action less', 'reads.json', '"Microsoft.Resources/subscriptions/read",', ''],
    [
      'Owner in place of Reader',
      'reader.bicep',
      'acdd72a7-3385-48ef-bd42-f606fba81ae7',
      '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    ],
    ['a role on the whole group', 'app-roles.bicep', 'scope: storage', ''],
    ['a role of another identity', 'app-roles.bicep', 'principalId: principalId', 'principalId: deployer().objectId'],
    [
      'a role that may be given elsewhere',
      'reader.bicep',
      'assignableScopes: [subscription().id]',
      "assignableScopes: [subscription().id, '/subscriptions/0']",
    ],
    [
      'a role for somebody else',
      'main.bicep',
      'principalId: app.outputs.principalId',
      'principalId: tenant().tenantId',
    ],
    ['more subscriptions', 'main.bicep', 'union(asked, [])', "union(asked, ['0'])"],
    ['Reader by default', 'main.bicep', 'useBuiltInReader bool = false', 'useBuiltInReader bool = true'],
    ['authentication that is not handed on', 'main.bicep', 'apiClientId: apiClientId', "apiClientId: ''"],
    ['storage open where the network is private', 'main.bicep', 'publicAccess: !privateNetwork', 'publicAccess: true'],
    ['an app outside of the network', 'main.bicep', "network!.outputs.appSubnetId : ''", "'' : ''"],
    ['an endpoint left out', 'main.bicep', /module siteEndpoint[\s\S]*?\n\}\n/, ''],
    ['an endpoint never made', 'main.bicep', 'if (privateNetwork)', 'if (!privateNetwork)'],
    ['another module', 'main.bicep', "'./storage.bicep'", "'br/public:avm/res/storage/storage-account:0.1.0'"],
    [
      'a faked platform authentication',
      'app.bicep',
      "AzureWebJobsStorage__credential: 'managedidentity'",
      "AzureWebJobsStorage__credential: 'managedidentity'\n  WEBSITE_AUTH_ENABLED: 'true'",
    ],
    [
      'a setting more',
      'app.bicep',
      'empty(mcpScopes) ? {} :',
      "{ WEBSITE_AUTH_ENABLED: 'True' },\n empty(mcpScopes) ? {} :",
    ],
    [
      'a setting of another name',
      'app.bicep',
      'TOKEN_DOCTOR_OPEN_ORIGINS: openOrigins',
      'TOKEN_DOCTOR_OPEN_ORIGINS: openRoutes',
    ],
    ['a setting missing', 'app.bicep', /.*TOKEN_DOCTOR_TENANTS.*\n/, ''],
    ['sign-in at another place', 'app.bicep', 'environment().authentication.loginEndpoint', "'https://login.example/'"],
    ['clients of nobody', 'app.bicep', 'split(allowedClientIds', 'split(openRoutes'],
    ['a second provider', 'app.bicep', 'identityProviders: {', 'identityProviders: {\n gitHub: { enabled: true }'],
    [
      'debugging of another kind',
      'app.bicep',
      'remoteDebuggingEnabled: false',
      "remoteDebuggingEnabled: false\n cors: { allowedOrigins: ['*'] }",
    ],
    [
      'an address let in',
      'storage.bicep',
      "bypass: 'None'",
      "bypass: 'None'\n ipRules: [{ value: '0.0.0.0/0', action: 'Allow' }]",
    ],
    [
      'a resource that nobody knows',
      'storage.bicep',
      'output id',
      "resource other 'microsoft.storage/storageaccounts@2026-04-01' = { name: 'o', location: location, kind: 'StorageV2', sku: { name: 'Standard_LRS' } }\noutput id",
    ],
    [
      'a type in other letters',
      'app-roles.bicep',
      "resource storageRole 'Microsoft.Authorization/roleAssignments",
      "resource storageRole 'microsoft.authorization/roleassignments",
    ],
    [
      'a resource on a condition',
      'app.bicep',
      "resource scm 'basicPublishingCredentialsPolicies' = {",
      "resource scm 'basicPublishingCredentialsPolicies' = if (empty(subnetId)) {",
    ],
    ['alerts off', 'monitoring.bicep', 'enabled: true\n      severity', 'enabled: false\n      severity'],
    ['alerts that nobody is told', 'monitoring.bicep', '[people.id]', '[]'],
    ['a connection string as an output', 'monitoring.bicep', 'insights.name', 'insights.properties.connectionString'],
    ['Reader, by the environment', 'main.parameters.json', 'USE_BUILT_IN_READER=false', 'USE_BUILT_IN_READER=true'],
    [
      'a client, by the environment',
      'main.parameters.json',
      'ALLOWED_CLIENT_IDS=',
      'ALLOWED_CLIENT_IDS=04b07795-8ddb-461a-bbee-02f9e1bf7b46',
    ],
    ['a route open, by the environment', 'main.parameters.json', 'OPEN_ROUTES=', 'OPEN_ROUTES=openapi'],
    [
      'a key as an output',
      'storage.bicep',
      'output name string = account.name',
      'output name string = account.listKeys().keys[0].value',
    ],
    ['a setting of other plans', 'app.bicep', 'TOKEN_DOCTOR_POLICIES', 'FUNCTIONS_WORKER_RUNTIME'],
    [
      'an open origin by default',
      'main.bicep',
      "param openOrigins string = ''",
      "param openOrigins string = 'http://127.0.0.1:1'",
    ],
    ['a policy by default', 'policies.json', '{}', '{"default":{}}'],
    ['a parameter that nobody knows', 'main.parameters.json', '"apiClientId"', '"apiClientID"'],
    ['broken syntax', 'app.bicep', 'resource app', 'resource'],
  ] as const)('is weaker by %s, and that is seen', (_what, file, text, other) => {
    expect(weaknesses(planted(file, text, other))).not.toEqual([]);
  });
});

/** Which settings stand not in all three places. */
function gaps(code: readonly string[], bicep: readonly string[], sample: readonly string[]): string[] {
  const places = [code, bicep, sample];
  return [...new Set(places.flat())].filter((name) => places.some((place) => !place.includes(name))).sort();
}

it('finds each file that it loads, and each script that azd runs', () => {
  const loaded = Object.entries(files).flatMap(([file, text]) =>
    file.endsWith('.bicep')
      ? [...text.matchAll(/load\w+\('(.+?)'/g)].map(([, path]) => join('infra', String(path)))
      : [],
  );
  expect(loaded.filter((path) => !existsSync(path))).toEqual([]);
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const called = [...readFileSync('azure.yaml', 'utf8').matchAll(/run: npm run ([\w:-]+)/g)].map(([, name]) =>
    String(name),
  );
  expect(called).toEqual(['package', 'remove-roles']);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(called));
});

describe('monitoring', () => {
  const { variables } = parseBicep('monitoring.bicep', files['monitoring.bicep'] ?? '');
  const listed = (name: string) => variables.get(name) as unknown as Record<string, string & { expression: string }>[];
  const fileOf = (loading: { expression: string } | undefined) =>
    join('infra', /^loadTextContent\('(.+)'\)$/.exec(loading?.expression ?? '')?.[1] ?? '');
  const all = (folder: string) => readdirSync(join('infra', folder)).map((name) => join('infra', folder, name));

  it('saves each query under the question that it begins with', () => {
    const saved = listed('queries').map(({ displayName, body }) => [fileOf(body), `// ${displayName}`]);
    const firstLine = (file: string) => readFileSync(file, 'utf8').split('\n')[0];
    expect(saved).toEqual(all('queries').map((file) => [file, firstLine(file)]));
  });

  it('alerts by each query, of the number that it measures', () => {
    const alerts = listed('alerts');
    expect([...new Set(alerts.map(({ query }) => fileOf(query)))]).toEqual(all('alerts'));
    for (const { name, query, column, aggregation } of alerts) {
      const [, measured, how] = /^\/\/ Measured: (\w+) \((\w+)\)/m.exec(readFileSync(fileOf(query), 'utf8')) ?? [];
      expect([name, column, aggregation?.toLowerCase()]).toEqual([name, measured, how]);
    }
  });

  it('alerts within windows that hold a whole step of the query', () => {
    for (const { name, query, window } of listed('alerts')) {
      const step = Number(/bin\(TimeGenerated, (\d+)m\)/.exec(readFileSync(fileOf(query), 'utf8'))?.[1]);
      expect(Number(window?.slice(2, -1)), name).toBeGreaterThanOrEqual(2 * step);
    }
  });

  it('has a line for each alert in the manual', () => {
    const manual = readFileSync('docs/operate.md', 'utf8');
    expect(listed('alerts').filter(({ name }) => !manual.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('settings', () => {
  const own = (names: Iterable<string>) => [...names].filter((name) => name.startsWith('TOKEN_DOCTOR_'));
  const bicepSettings = (text: string): string[] => {
    const set = parseBicep('app.bicep', text).variables.get('ownSettings');
    return own(Object.keys(set ?? {}));
  };
  const code = own(settingNames);
  const bicep = bicepSettings(files['app.bicep'] ?? '');
  const sample = own(Object.keys(JSON.parse(readFileSync('local.settings.sample.json', 'utf8')).Values));

  it('are the same in code, Bicep and sample', () => {
    expect(code.length).toBeGreaterThan(10);
    expect(gaps(code, bicep, sample)).toEqual([]);
  });

  it.each(code)('%s is missed in each place', (name) => {
    const without = (names: readonly string[]) => names.filter((other) => other !== name);
    const removed = planted('app.bicep', new RegExp(`^ *${name}: .*\\n`, 'm'), '')['app.bicep'] ?? '';
    expect(gaps(without(code), bicep, sample)).toEqual([name]);
    expect(gaps(code, bicepSettings(removed), sample)).toEqual([name]);
    expect(gaps(code, bicep, without(sample))).toEqual([name]);
  });

  it('are by default what the code has by default, with snapshots on', () => {
    const main = parseBicep('main.bicep', files['main.bicep'] ?? '').parameters;
    const byDefault = (written: unknown): string => {
      const text =
        typeof written === 'object' ? String((written as { expression: string }).expression) : String(written);
      const file = /^loadTextContent\('\.\/(.+)'\)$/.exec(text)?.[1];
      return file === undefined ? text : (files[file] ?? '');
    };
    const set = parseBicep('app.bicep', files['app.bicep'] ?? '').variables.get('ownSettings') ?? {};
    const environment = Object.fromEntries(
      Object.entries(set).map(([name, value]) => {
        const parameter = /^(?:string\()?(\w+)\)?$/.exec(String((value as { expression?: string }).expression))?.[1];
        return [name, parameter === undefined || parameter === 'subscriptions' ? '' : byDefault(main.get(parameter))];
      }),
    );
    const container = 'https://account.blob.core.windows.net/token-doctor-keys';
    const { settings, faults, unknown } = readSettings({ ...environment, TOKEN_DOCTOR_SNAPSHOTS: container });
    expect([faults, unknown]).toEqual([[], []]);
    expect(settings).toEqual(readSettings({ TOKEN_DOCTOR_SNAPSHOTS: container }).settings);
  });
});
