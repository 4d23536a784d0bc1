import { describe, expect, it } from 'vitest';
import { tokenTooLarge } from '../../src/checks/token-too-large.ts';

describe('token-too-large', () => {
  it.each([
    ['nothing', 0, 'pass'],
    ['a usual token', 1_800, 'pass'],
    ['one byte below the limit', 16_383, 'pass'],
    ['exactly the limit', 16_384, 'pass'],
    ['one byte above the limit', 16_385, 'fail'],
    ['a whole body', 262_144, 'fail'],
  ] as const)('%s', (_name, lengthBytes, outcome) => {
    const tokenForm = { lengthBytes, sha256: '0123456789abcdef', removed: [] };
    expect(tokenTooLarge.run({ tokenForm }).outcome).toBe(outcome);
  });

  it('names both sizes', () => {
    const tokenForm = { lengthBytes: 20_000, sha256: '0123456789abcdef', removed: [] };
    expect(tokenTooLarge.run({ tokenForm })).toMatchObject({
      expected: expect.stringContaining('16384'),
      actual: expect.stringContaining('20000'),
    });
  });
});
