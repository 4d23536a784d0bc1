import { readFileSync } from 'node:fs';
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
    ['a role on the whole group', 'app.bicep', 'scope: storage', ''],
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

  it('reach the app', () => {
    expect(files['app.bicep']).toMatch(/name: 'appsettings'\s+properties: union\([\s\S]*?\n {6}ownSettings,/);
  });

  it.each(code)('%s is missed in each place', (name) => {
    const without = (names: readonly string[]) => names.filter((other) => other !== name);
    const removed = planted('app.bicep', new RegExp(`^ *${name}: .*\\n`, 'm'), '')['app.bicep'] ?? '';
    expect(gaps(without(code), bicep, sample)).toEqual([name]);
    expect(gaps(code, bicepSettings(removed), sample)).toEqual([name]);
    expect(gaps(code, bicep, without(sample))).toEqual([name]);
  });

  it('comes from a parameter of main.bicep, or from what is deployed', () => {
    const parameters = parseBicep('main.bicep', files['main.bicep'] ?? '').modules.get('app')?.params ?? {};
    const taken = Object.values(
      parseBicep('app.bicep', files['app.bicep'] ?? '').variables.get('ownSettings') ?? {},
    ).map((value) => /^(?:string\()?(\w+)\)?$/.exec(String((value as { expression?: string }).expression))?.[1]);
    expect(taken.filter((name) => name !== undefined && !(name in parameters))).toEqual([]);
    expect(taken.filter((name) => name === undefined)).toHaveLength(2);
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
