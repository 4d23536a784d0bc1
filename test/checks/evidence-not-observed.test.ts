import { describe, expect, it } from 'vitest';
import { evidenceNotObserved } from '../../src/checks/evidence-not-observed.ts';

const run = (required: boolean, ...supplied: string[]) =>
  evidenceNotObserved.run({ observation: { required, supplied } });

describe('evidence-not-observed', () => {
  it.each([
    ['not asked for', run(false), 'not-applicable'],
    ['not asked for, and handed in', run(false, 'cluster'), 'not-applicable'],
    ['all seen', run(true), 'pass'],
    ['something handed in', run(true, 'cluster'), 'unknown'],
  ])('%s', (_name, { outcome }, expected) => {
    expect(outcome).toBe(expected);
  });

  it('names what was handed in', () => {
    const { summary } = run(true, 'cluster', 'federatedCredentials');
    expect(summary).toContain('cluster, federatedCredentials');
  });
});
