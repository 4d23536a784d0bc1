import { describe, expect, it } from 'vitest';
import { farSide, instance } from './key-world.ts';

/** What was called before has asked by then. */
const _begun = () => new Promise((done) => setImmediate(done));

describe('a kid that was looked for in vain', () => {
  it('counts from the start again once a fetch had it', async () => {
    const far = farSide();
    const { get, state } = instance(far);
    await get('a');
    for (const seconds of [10, 30]) {
      await get('b');
      far.seconds = seconds;
    }
    far.kids = ['a', 'b'];
    await get('c');
    far.seconds = 50;
    far.kids = ['a'];
    await get('c', { refresh: 'force' });
    expect(await state('b')).toBe('refreshed');
    far.seconds = 60;
    expect(await state('b')).toBe('refreshed');
  });
});
