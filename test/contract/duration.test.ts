import { describe, expect, it } from 'vitest';
import { inWords } from '../../src/contract/duration.ts';

describe('inWords', () => {
  it.each([
    [0, 'less than a second'],
    [0.2, 'less than a second'],
    [0.999, 'less than a second'],
    [1, '1 second'],
    [1.999, '1 second'],
    [2, '2 seconds'],
    [59, '59 seconds'],
    [59.6, '59 seconds'],
    [60, '1 minute'],
    [119.9, '1 minute'],
    [120, '2 minutes'],
    [3_599, '59 minutes'],
    [3_599.9, '59 minutes'],
    [3_600, '1 hour'],
    [7_199, '1 hour'],
    [7_200, '2 hours'],
    [86_399, '23 hours'],
    [86_399.9, '23 hours'],
    [86_400, '1 day'],
    [172_799, '1 day'],
    [172_800, '2 days'],
  ])('%d s', (seconds, words) => {
    expect(inWords(seconds)).toBe(words);
  });
});
