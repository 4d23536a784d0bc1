import { describe, expect, it } from 'vitest';
import { keyRetired } from '../../src/checks/key-retired.ts';
import { NOW } from './builders.ts';
import { KID, named, receiverOf, setOf } from './key-builders.ts';

const kidSeen = { firstAt: new Date(NOW.getTime() - 86_400_000), lastAt: new Date(NOW.getTime() - 3_600_000) };
const run = (kids: string[], seen: boolean) =>
  keyRetired.run({
    soughtKey: { kid: KID },
    signingKeys: setOf(
      kids.map((kid) => named(kid)),
      {},
      seen ? { kidSeen } : {},
    ),
    receiver: receiverOf(),
  });

describe('key-retired', () => {
  it.each<[string, string[], boolean, string]>([
    ['published now, never seen before', [KID], false, 'pass'],
    ['published now, seen before', [KID], true, 'pass'],
    ['not published, never seen', ['k2'], false, 'pass'],
    ['not published, seen before', ['k2'], true, 'fail'],
  ])('%s', (_name, kids, seen, outcome) => {
    expect(run(kids, seen).outcome).toBe(outcome);
  });

  it('tells from when to when it was seen', () => {
    const { summary } = run(['k2'], true);
    expect(summary).toContain(kidSeen.firstAt.toISOString());
    expect(summary).toContain(kidSeen.lastAt.toISOString());
  });
});
