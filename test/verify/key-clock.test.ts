import { describe, expect, it } from 'vitest';
import { LONGEST_BACKOFF_SECONDS, STALE_LIMIT_SECONDS } from '../../src/verify/kept-keys.ts';
import { Misses } from '../../src/verify/misses.ts';
import { at, down, FRESH, farSide, instance } from './key-world.ts';

const DAY = 24 * 3600;

describe('a clock that was set back', () => {
  it('makes no key younger: what was fetched "tomorrow" is fetched again', async () => {
    const far = farSide('revoked', 'a');
    far.seconds = DAY / 2;
    const { keys } = instance(far);
    await keys('a');
    far.kids = ['a'];
    far.seconds = 0;
    expect(await keys('revoked')).toMatchObject({ kidPublished: false, cache: { state: 'refreshed', ageSeconds: 0 } });
  });

  it('tells how far off the time of a fetch is, never an age below nothing, and stops at the limit', async () => {
    const far = farSide();
    far.seconds = FRESH;
    const { keys, get } = instance(far);
    await keys('a');
    far.answer = down;
    far.seconds = 0;
    expect((await keys('a')).cache).toMatchObject({ state: 'stale', ageSeconds: FRESH });
    far.seconds = FRESH - STALE_LIMIT_SECONDS - 1;
    expect((await get('a')).signingKeys.state).toBe('absent');
  });

  it('prolongs no back-off', async () => {
    const far = farSide();
    far.seconds = DAY;
    far.answer = down;
    const { get, keys } = instance(far);
    await get('a');
    far.answer = undefined;
    far.seconds = DAY - LONGEST_BACKOFF_SECONDS;
    expect(await keys('a')).toMatchObject({ kidPublished: true });
    far.answer = down;
    far.seconds = 0;
    expect((await get('a')).nextRefreshAt).toEqual(at(1));
  });

  it('prolongs no look-out for a kid', () => {
    const misses = new Misses();
    misses.add('a', DAY * 1000);
    expect(misses.waitMs('a', 0)).toBe(0);
    misses.add('a', 0);
    expect(misses.waitMs('a', 0)).toBe(20_000);
  });
});
