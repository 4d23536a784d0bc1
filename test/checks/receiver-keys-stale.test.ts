import { describe, expect, it } from 'vitest';
import { receiverKeysStale } from '../../src/checks/receiver-keys-stale.ts';
import type { HeldKey, KeyReceiver } from '../../src/contract/evidence.ts';
import { NOW } from './builders.ts';
import { detailsOf, KID, named, receiverOf, setOf } from './key-builders.ts';

const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const run = (receiver: Partial<KeyReceiver>, firstAt?: Date) =>
  receiverKeysStale.run({
    soughtKey: { kid: KID },
    signingKeys: setOf([named(KID)], {}, firstAt ? { kidSeen: { firstAt, lastAt: NOW } } : {}),
    signingKey: detailsOf(),
    receiver: receiverOf(receiver),
  });
const held = (kid: string, thumbprint = 'thumb'): HeldKey => ({ kid, thumbprint, uploaded: false });

describe('receiver-keys-stale', () => {
  it.each<[string, Partial<KeyReceiver>, Date | undefined, string]>([
    ['it holds the key', { keys: [held(KID)] }, undefined, 'pass'],
    ['it holds another', { keys: [held('k2')] }, undefined, 'fail'],
    ['it holds none', { keys: [] }, undefined, 'fail'],
    ['it holds another under this name', { keys: [held(KID, 'other')] }, undefined, 'fail'],
    ['it holds something that is no key under this name', { keys: [{ kid: KID, uploaded: true }] }, undefined, 'fail'],
    ['nothing is known of it', {}, undefined, 'not-applicable'],
    ['it fetched before the key was first seen', { fetchedAt: at(-600) }, at(-300), 'fail'],
    ['it fetched after', { fetchedAt: at(-100) }, at(-300), 'unknown'],
    ['it fetched once, and since when the key is there is not known', { fetchedAt: at(-600) }, undefined, 'unknown'],
    // Seen at the first look: it may have been there for years.
    ['it fetched once, and the key was there at the first look', { fetchedAt: at(-600) }, NOW, 'unknown'],
  ])('%s', (_name, receiver, firstAt, outcome) => {
    expect(run(receiver, firstAt).outcome).toBe(outcome);
  });

  it('tells the product how to fetch anew', () => {
    expect(run({ product: 'servicenow-jwt-bearer', keys: [] }).remediation?.text).toContain('JWKS URL');
    expect(run({ product: 'token-exchange', keys: [] }).remediation?.text).toContain('24 h');
  });
});
