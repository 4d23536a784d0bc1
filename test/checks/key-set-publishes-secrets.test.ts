import { describe, expect, it } from 'vitest';
import { keySetPublishesSecrets } from '../../src/checks/key-set-publishes-secrets.ts';
import type { PublishedKey } from '../../src/contract/evidence.ts';
import { LONG, named, setOf } from './key-builders.ts';

const run = (...keys: PublishedKey[]) => keySetPublishesSecrets.run({ signingKeys: setOf(keys) });

describe('key-set-publishes-secrets', () => {
  it.each<[string, PublishedKey[], string]>([
    ['public keys', [named('k1'), named('k2')], 'pass'],
    ['no key', [], 'pass'],
    ['keys of no use', [named('k1', { fault: 'too-short' }), named('k2', { fault: 'other-use' })], 'pass'],
    ['a key of an unknown type', [named('k1', { fault: 'other-type' })], 'pass'],
    ['a private key', [named('k1', { fault: 'secret-published' })], 'fail'],
    ['one among others', [named('k1'), named('k2', { fault: 'secret-published' })], 'fail'],
    ['a symmetric key without a name', [named('k1'), { kty: 'oct', fault: 'secret-published' }], 'fail'],
  ])('%s', (_name, keys, outcome) => {
    expect(run(...keys).outcome).toBe(outcome);
  });

  it('names the keys, cut where they are long', () => {
    const { actual = '' } = run(named('k1'), named(LONG, { fault: 'secret-published' }));
    expect(actual.length).toBeLessThan(300);
    expect(actual).not.toContain('k1');
  });
});
