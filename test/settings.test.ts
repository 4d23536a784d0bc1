import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSettings, settingNames } from '../src/settings.ts';

const sample: { Values: Record<string, string> } = JSON.parse(readFileSync('local.settings.sample.json', 'utf8'));
const own = (names: readonly string[]) => names.filter((name) => name.startsWith('TOKEN_DOCTOR_')).toSorted();

describe('readSettings', () => {
  it('has a sane default for everything', () => {
    expect(readSettings({})).toEqual({
      settings: {
        policies: new Map(),
        cloud: 'public',
        tenants: [],
        subscriptions: [],
        issuers: [],
        openOrigins: [],
        keysFreshSeconds: 600,
        rateLimit: 600,
        openRoutes: [],
        platformAuthentication: false,
      },
      faults: [],
      unknown: [],
    });
  });

  it('takes empty for not set', () => {
    expect(readSettings(Object.fromEntries(settingNames.map((name) => [name, '']))).faults).toEqual([]);
  });

  it('reads every setting', () => {
    const { settings, faults } = readSettings({
      TOKEN_DOCTOR_CLOUD: 'china',
      TOKEN_DOCTOR_TENANTS: '0A1B2C3D-1111-4222-8333-444455556666',
      TOKEN_DOCTOR_SUBSCRIPTIONS: '0a1b2c3d-1111-4222-8333-444455556666, 0a1b2c3d-2222-4222-8333-444455556666',
      TOKEN_DOCTOR_ARM_ENDPOINT: 'https://arm.internal/',
      TOKEN_DOCTOR_GRAPH_ENDPOINT: 'https://graph.internal:8443',
      TOKEN_DOCTOR_ISSUERS:
        '[{"issuer":"https://idp.example/a"},{"issuer":"http://127.0.0.1:1","jwksUri":"http://127.0.0.1:1/keys"}]',
      TOKEN_DOCTOR_OPEN_ORIGINS: 'http://127.0.0.1:17901, https://idp.internal:8443',
      TOKEN_DOCTOR_KEYS_FRESH_SECONDS: '60',
      TOKEN_DOCTOR_SNAPSHOTS: 'https://acct.blob.core.windows.net/token-doctor-keys/',
      TOKEN_DOCTOR_RATE_LIMIT: '0',
      TOKEN_DOCTOR_OPEN_ROUTES: 'openapi',
      TOKEN_DOCTOR_POLICIES: '{"own":{"issuers":["https://idp.example/a"],"audiences":["x"]}}',
      WEBSITE_AUTH_ENABLED: 'True',
    });
    expect(faults).toEqual([]);
    expect([...settings.policies.keys()]).toEqual(['own']);
    expect({ ...settings, policies: undefined }).toEqual({
      cloud: 'china',
      tenants: ['0a1b2c3d-1111-4222-8333-444455556666'],
      subscriptions: ['0a1b2c3d-1111-4222-8333-444455556666', '0a1b2c3d-2222-4222-8333-444455556666'],
      armEndpoint: 'https://arm.internal',
      graphEndpoint: 'https://graph.internal:8443',
      issuers: [
        { issuer: 'https://idp.example/a' },
        { issuer: 'http://127.0.0.1:1', jwksUri: 'http://127.0.0.1:1/keys' },
      ],
      openOrigins: ['http://127.0.0.1:17901', 'https://idp.internal:8443'],
      keysFreshSeconds: 60,
      snapshots: { kind: 'container', address: 'https://acct.blob.core.windows.net/token-doctor-keys' },
      rateLimit: 0,
      openRoutes: ['openapi'],
      platformAuthentication: true,
    });
  });

  it.each(['False', '', '1', 'yes'])('takes WEBSITE_AUTH_ENABLED=%s for off', (value) => {
    expect(readSettings({ WEBSITE_AUTH_ENABLED: value }).settings.platformAuthentication).toBe(false);
  });

  it('tells variables that look like settings and are none', () => {
    const { unknown } = readSettings({
      TOKEN_DOCTOR_POLICY: 'x',
      token_doctor_cloud: 'x',
      TOKEN_DOCTOR: 'x',
      PATH: 'x',
    });
    expect(unknown).toEqual(['TOKEN_DOCTOR_POLICY', 'token_doctor_cloud']);
  });

  it.each([
    ['TOKEN_DOCTOR_CLOUD', 'mars'],
    ['TOKEN_DOCTOR_CLOUD', 'Public'],
    ['TOKEN_DOCTOR_TENANTS', 'contoso.com'],
    ['TOKEN_DOCTOR_SUBSCRIPTIONS', '0a1b2c3d-1111-4222-8333-444455556666;0a1b2c3d-2222-4222-8333-444455556666'],
    ['TOKEN_DOCTOR_ARM_ENDPOINT', 'http://arm.internal'],
    ['TOKEN_DOCTOR_ARM_ENDPOINT', 'https://arm.internal/path'],
    ['TOKEN_DOCTOR_GRAPH_ENDPOINT', 'graph.internal'],
    ['TOKEN_DOCTOR_GRAPH_ENDPOINT', 'https://user@graph.internal'],
    ['TOKEN_DOCTOR_ISSUERS', 'https://idp.example/'],
    ['TOKEN_DOCTOR_ISSUERS', '{}'],
    ['TOKEN_DOCTOR_ISSUERS', '[{"issuer":"idp.example"}]'],
    ['TOKEN_DOCTOR_ISSUERS', '[{"issuer":"ftp://idp.example/"}]'],
    ['TOKEN_DOCTOR_ISSUERS', '[{"issuer":"https://idp.example/"},{"issuer":"https://idp.example/"}]'],
    ['TOKEN_DOCTOR_ISSUERS', '[{"issuer":"https://sts.windows.net/0a1b2c3d-1111-4222-8333-444455556666/"}]'],
    ['TOKEN_DOCTOR_ISSUERS', '[{"issuer":"https://idp.example/","jwks_uri":"https://idp.example/"}]'],
    ['TOKEN_DOCTOR_OPEN_ORIGINS', 'http://127.0.0.1:17901/'],
    ['TOKEN_DOCTOR_OPEN_ORIGINS', '127.0.0.1:17901'],
    ['TOKEN_DOCTOR_OPEN_ORIGINS', 'http://127.0.0.1:1,'],
    ['TOKEN_DOCTOR_RATE_LIMIT', '-1'],
    ['TOKEN_DOCTOR_RATE_LIMIT', 'none'],
    ['TOKEN_DOCTOR_RATE_LIMIT', '1000001'],
    ['TOKEN_DOCTOR_OPEN_ROUTES', 'checks'],
    ['TOKEN_DOCTOR_OPEN_ROUTES', 'openapi;'],
    ['TOKEN_DOCTOR_POLICIES', 'default'],
    ['TOKEN_DOCTOR_POLICIES', '[]'],
    ['TOKEN_DOCTOR_KEYS_FRESH_SECONDS', '59'],
    ['TOKEN_DOCTOR_KEYS_FRESH_SECONDS', '3601'],
    ['TOKEN_DOCTOR_KEYS_FRESH_SECONDS', 'ten minutes'],
    ['TOKEN_DOCTOR_KEYS_FRESH_SECONDS', '1e3'],
  ])('names %s when it is %s', (setting, value) => {
    const { faults } = readSettings({ [setting]: value });
    expect(faults.map((fault) => fault.setting)).toEqual([setting]);
  });

  it('names all wrong settings at once, and repeats no value', () => {
    const { faults } = readSettings({
      TOKEN_DOCTOR_CLOUD: 'canary1',
      TOKEN_DOCTOR_ISSUERS: '[{"canary2":',
      TOKEN_DOCTOR_OPEN_ORIGINS: 'canary3',
      TOKEN_DOCTOR_POLICIES: '{"default":{"issuers":["canary4"],"audiences":7,"resource":"canary5"}}',
    });
    expect(new Set(faults.map(({ setting }) => setting)).size).toBe(4);
    expect(JSON.stringify(faults)).not.toContain('canary');
  });

  it('names the place in a JSON setting, and of a member that is not known the name, not too long', () => {
    const name = `${'a'.repeat(24)}canary`;
    const { faults } = readSettings({
      TOKEN_DOCTOR_ISSUERS: `[{"issuer":"https://idp.example/","jwks_uri":"x"},{"issuer":"https://idp2.example/","${name}":1}]`,
      TOKEN_DOCTOR_POLICIES: '{\n  "default": { "issuers": [], "issuers": [] }\n}',
    });
    expect(faults.map(({ place }) => place)).toEqual(['', '/0/jwks_uri', `/1/${'a'.repeat(24)}…`]);
    expect(faults[0]?.detail).toContain('line 2, column 31');
  });
});

describe('local.settings.sample.json', () => {
  it('has every setting, no other, and each is valid', () => {
    expect(own(Object.keys(sample.Values))).toEqual(own(settingNames));
    expect(readSettings(sample.Values).faults).toEqual([]);
  });

  it('says what the defaults are', () => {
    expect(readSettings(sample.Values).settings).toEqual(readSettings({}).settings);
  });
});
