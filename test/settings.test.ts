import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSettings, settingNames } from '../src/settings.ts';

const sample: { Values: Record<string, string> } = JSON.parse(readFileSync('local.settings.sample.json', 'utf8'));
const own = (names: readonly string[]) => names.filter((name) => name.startsWith('TOKEN_DOCTOR_')).toSorted();

describe('readSettings', () => {
  it('has a sane default for everything', () => {
    expect(readSettings({})).toEqual({
      settings: { cloud: 'public', issuers: [], openOrigins: [], keysFreshSeconds: 600 },
      faults: [],
    });
  });

  it('takes empty for not set', () => {
    expect(readSettings(Object.fromEntries(settingNames.map((name) => [name, '']))).faults).toEqual([]);
  });

  it('reads every setting', () => {
    const { settings, faults } = readSettings({
      TOKEN_DOCTOR_CLOUD: 'china',
      TOKEN_DOCTOR_ISSUERS:
        '[{"issuer":"https://idp.example/a"},{"issuer":"http://127.0.0.1:1","jwksUri":"http://127.0.0.1:1/keys"}]',
      TOKEN_DOCTOR_OPEN_ORIGINS: 'http://127.0.0.1:17901, https://idp.internal:8443',
      TOKEN_DOCTOR_KEYS_FRESH_SECONDS: '60',
    });
    expect(faults).toEqual([]);
    expect(settings).toEqual({
      cloud: 'china',
      issuers: [
        { issuer: 'https://idp.example/a' },
        { issuer: 'http://127.0.0.1:1', jwksUri: 'http://127.0.0.1:1/keys' },
      ],
      openOrigins: ['http://127.0.0.1:17901', 'https://idp.internal:8443'],
      keysFreshSeconds: 60,
    });
  });

  it.each([
    ['TOKEN_DOCTOR_CLOUD', 'mars'],
    ['TOKEN_DOCTOR_CLOUD', 'Public'],
    ['TOKEN_DOCTOR_ISSUERS', 'https://idp.example/'],
    ['TOKEN_DOCTOR_ISSUERS', '{}'],
    ['TOKEN_DOCTOR_ISSUERS', '[{"issuer":"idp.example"}]'],
    ['TOKEN_DOCTOR_ISSUERS', '[{"issuer":"ftp://idp.example/"}]'],
    ['TOKEN_DOCTOR_ISSUERS', '[{"issuer":"https://idp.example/","jwks_uri":"https://idp.example/"}]'],
    ['TOKEN_DOCTOR_OPEN_ORIGINS', 'http://127.0.0.1:17901/'],
    ['TOKEN_DOCTOR_OPEN_ORIGINS', '127.0.0.1:17901'],
    ['TOKEN_DOCTOR_OPEN_ORIGINS', 'http://127.0.0.1:1,,'],
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
    });
    expect(faults).toHaveLength(3);
    const named = readSettings({ TOKEN_DOCTOR_ISSUERS: '[{"issuer":"https://idp.example/","canary4":1}]' });
    expect(named.faults).toHaveLength(1);
    expect(JSON.stringify([faults, named.faults])).not.toContain('canary');
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
