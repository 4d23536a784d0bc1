import { describe, expect, it } from 'vitest';
import { difference, nearest } from '../../src/contract/difference.ts';

describe('difference', () => {
  it.each([
    ['equal', 'a/', 'a/', undefined],
    ['missing slash', 'https://a/', 'https://a', { kind: 'trailing-slash', at: 9 }],
    ['added slash', 'https://a', 'https://a/', { kind: 'trailing-slash', at: 9 }],
    ['white space in front', 'abc', ' abc', { kind: 'white-space', at: 0 }],
    ['line break behind', 'abc', 'abc\n', { kind: 'white-space', at: 3 }],
    ['letter case', 'abCd', 'abcd', { kind: 'letter-case', at: 2 }],
    ['another text', 'abc', 'abd', { kind: 'other', at: 2 }],
    ['a prefix', 'abc', 'abcdef', { kind: 'other', at: 3 }],
    ['nothing at all', 'abc', '', { kind: 'other', at: 0 }],
  ])('%s', (_name, expected, actual, found) => {
    expect(difference(expected, actual)).toEqual(found);
  });

  it('finds the candidate a slip away, else the first', () => {
    expect(nearest(['https://x/', 'https://a/'], 'https://a')?.expected).toBe('https://a/');
    expect(nearest(['one', 'two'], 'three')?.expected).toBe('one');
    expect(nearest([], 'three')).toBeUndefined();
  });
});
