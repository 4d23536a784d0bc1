import { describe, expect, it } from 'vitest';
import { keySetMalformed } from '../../src/checks/key-set-malformed.ts';
import type { PublishedKey } from '../../src/contract/evidence.ts';
import { KID, named, setOf } from './key-builders.ts';

const run = (...keys: PublishedKey[]) =>
  keySetMalformed.run({ soughtKey: { kid: KID }, signingKeys: setOf(keys) }).outcome;

describe('key-set-malformed', () => {
  it.each<[string, PublishedKey[], string]>([
    ['the key once', [named(KID), named('k2')], 'pass'],
    ['the key twice', [named(KID), named('k2'), named(KID)], 'fail'],
    ['another key twice', [named(KID), named('k2'), named('k2')], 'pass'],
    ['the key not, all named', [named('k2')], 'pass'],
    ['the key not, one without a name', [named('k2'), { kty: 'RSA' }], 'fail'],
    ['the key, and one without a name', [named(KID), { kty: 'RSA' }], 'pass'],
    ['no key', [], 'pass'],
  ])('%s', (_name, keys, outcome) => {
    expect(run(...keys)).toBe(outcome);
  });

  it('says nothing of a key that is not named', () => {
    const signingKeys = setOf([{ kty: 'RSA' }]);
    expect(keySetMalformed.run({ soughtKey: {}, signingKeys }).outcome).toBe('not-applicable');
  });
});
