import { describe, expect, it } from 'vitest';
import { keySetUntidy } from '../../src/checks/key-set-untidy.ts';
import type { PublishedKey } from '../../src/contract/evidence.ts';
import { named, setOf } from './key-builders.ts';

const run = (keys: PublishedKey[], keysLeftOut = 0) =>
  keySetUntidy.run({ signingKeys: setOf(keys, {}, { keysLeftOut }) }).outcome;

describe('key-set-untidy', () => {
  it.each<[string, PublishedKey[], number, string]>([
    ['each named once', [named('k1'), named('k2')], 0, 'pass'],
    ['one named twice', [named('k1'), named('k1')], 0, 'fail'],
    ['one without a name', [named('k1'), { kty: 'RSA' }], 0, 'fail'],
    ['one for encryption', [named('k1'), named('k2', { fault: 'other-use' })], 0, 'fail'],
    ['one too short', [named('k1', { fault: 'too-short' })], 0, 'fail'],
    ['one private, of which another check speaks', [named('k1', { fault: 'secret-published' })], 0, 'pass'],
    ['more than are read', [named('k1')], 1, 'fail'],
  ])('%s', (_name, keys, leftOut, outcome) => {
    expect(run(keys, leftOut)).toBe(outcome);
  });

  it('only warns', () => {
    expect(keySetUntidy.severity).toBe('warning');
  });
});
