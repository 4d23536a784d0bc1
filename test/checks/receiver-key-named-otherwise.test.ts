import { describe, expect, it } from 'vitest';
import { receiverKeyNamedOtherwise } from '../../src/checks/receiver-key-named-otherwise.ts';
import type { HeldKey } from '../../src/contract/evidence.ts';
import { detailsOf, KID, receiverOf } from './key-builders.ts';

const held = (kid: string | undefined, thumbprint?: string): HeldKey => ({
  ...(kid !== undefined && { kid }),
  ...(thumbprint !== undefined && { thumbprint }),
  uploaded: true,
});
const run = (keys: HeldKey[] | undefined) =>
  receiverKeyNamedOtherwise.run({
    soughtKey: { kid: KID },
    signingKey: detailsOf(),
    receiver: receiverOf(keys && { keys }),
  });

describe('receiver-key-named-otherwise', () => {
  it.each<[string, HeldKey[] | undefined, string]>([
    ['under its name', [held(KID, 'thumb')], 'pass'],
    ['under its name and another', [held('mine', 'thumb'), held(KID, 'thumb')], 'pass'],
    ['under another name', [held('mine', 'thumb')], 'fail'],
    ['under none', [held(undefined, 'thumb')], 'fail'],
    ['under its name in capitals', [held(KID.toUpperCase(), 'thumb')], 'fail'],
    ['another key', [held('mine', 'other')], 'pass'],
    ['a key that could not be read', [held('mine')], 'pass'],
    ['no key', [], 'pass'],
    ['what it holds is not known', undefined, 'not-applicable'],
  ])('%s', (_name, keys, outcome) => {
    expect(run(keys).outcome).toBe(outcome);
  });

  it('shows both names', () => {
    expect(run([held('mine', 'thumb')])).toMatchObject({ expected: KID, actual: 'mine' });
  });
});
