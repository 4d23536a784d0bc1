import { describe, expect, it } from 'vitest';
import { rateLimit } from '../../src/functions/rate-limit.ts';

describe('rateLimit', () => {
  it('lets through a minute’s worth at once, then one each share of a minute', () => {
    let now = 1_000_000;
    const limit = rateLimit(60, () => new Date(now));
    const waits = Array.from({ length: 62 }, () => limit('a'));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(60);
    expect(waits.slice(60)).toEqual([1, 1]);
    now += 1000;
    expect([limit('a'), limit('a')]).toEqual([0, 1]);
    now += 3_600_000;
    expect(Array.from({ length: 61 }, () => limit('a')).filter((wait) => wait === 0)).toHaveLength(60);
  });

  it('tells whole seconds, never 0 for a caller that must wait', () => {
    const limit = rateLimit(1, () => new Date(0));
    expect([limit('a'), limit('a'), limit('b')]).toEqual([0, 60, 0]);
    const fast = rateLimit(1_000_000, () => new Date(0));
    for (let calls = 0; calls < 1_000_000; calls += 1) fast('a');
    expect(fast('a')).toBe(1);
  });

  it('is off at 0', () => {
    const limit = rateLimit(0, () => new Date(0));
    expect(Array.from({ length: 1000 }, () => limit('a')).every((wait) => wait === 0)).toBe(true);
  });

  it('gives nothing to a clock that is set back', () => {
    let now = 100_000;
    const limit = rateLimit(1, () => new Date(now));
    expect(limit('a')).toBe(0);
    now = 0;
    expect(limit('a')).toBe(60);
  });

  it('remembers a bounded number of callers, the most recent ones', () => {
    const limit = rateLimit(1, () => new Date(0));
    limit('first');
    limit('second');
    for (let caller = 0; caller < 9_998; caller += 1) limit(`caller ${caller}`);
    expect(limit('first')).toBe(60);
    limit('one more');
    expect([limit('first'), limit('second')]).toEqual([60, 0]);
  });
});
