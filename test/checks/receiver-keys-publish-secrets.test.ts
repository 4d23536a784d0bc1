import { describe, expect, it } from 'vitest';
import { receiverKeysPublishSecrets } from '../../src/checks/receiver-keys-publish-secrets.ts';
import type { HeldKey } from '../../src/contract/evidence.ts';
import { receiverOf } from './key-builders.ts';

const run = (keys: HeldKey[] | undefined) => receiverKeysPublishSecrets.run({ receiver: receiverOf(keys && { keys }) });
const held = (fault?: HeldKey['fault']): HeldKey => ({ kid: 'k1', uploaded: false, ...(fault && { fault }) });

describe('receiver-keys-publish-secrets', () => {
  it.each<[string, HeldKey[] | undefined, string]>([
    ['public keys', [held(), held('too-short')], 'pass'],
    ['no key', [], 'pass'],
    ['a private one among them', [held(), held('secret-published')], 'fail'],
    ['what it holds is not known', undefined, 'not-applicable'],
  ])('%s', (_name, keys, outcome) => {
    expect(run(keys).outcome).toBe(outcome);
  });
});
