import { describe, expect, it } from 'vitest';
import { signingCertificateOutOfDate } from '../../src/checks/signing-certificate-out-of-date.ts';
import { NOW } from './builders.ts';

const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);
const DAY = 86_400_000;
const run = (notBefore: Date, notAfter: Date, now = NOW) =>
  signingCertificateOutOfDate.run({
    signingKey: { kty: 'RSA', algorithms: [], certificate: { notBefore, notAfter, sha1: '' } },
    now,
  });

describe('signing-certificate-out-of-date', () => {
  it.each<[string, number, number, 'pass' | 'fail']>([
    ['valid for years', -365 * DAY, 4 * 365 * DAY, 'pass'],
    ['begins just now', 0, DAY, 'pass'],
    ['ends just now', -DAY, 0, 'pass'],
    ['this very moment alone', 0, 0, 'pass'],
    ['begins in a millisecond', 1, DAY, 'fail'],
    ['ended a millisecond ago', -DAY, -1, 'fail'],
    ['begins tomorrow', DAY, 2 * DAY, 'fail'],
    ['ended yesterday', -2 * DAY, -DAY, 'fail'],
    ['ends before it begins', DAY, -DAY, 'fail'],
  ])('%s', (_name, notBefore, notAfter, outcome) => {
    expect(run(at(notBefore), at(notAfter)).outcome).toBe(outcome);
  });

  it('shows the moment and both dates', () => {
    expect(run(at(-2 * DAY), at(-DAY))).toMatchObject({
      outcome: 'fail',
      expected: expect.stringContaining('2026-11-20T10:00:00.000Z'),
      actual: '2026-11-18T10:00:00.000Z to 2026-11-19T10:00:00.000Z',
    });
  });

  it('judges for the moment asked about', () => {
    expect(run(at(0), at(DAY), at(-1)).outcome).toBe('fail');
    expect(run(at(0), at(DAY), at(DAY)).outcome).toBe('pass');
    expect(run(at(0), at(DAY), at(DAY + 1)).outcome).toBe('fail');
  });

  it.each(['RSA', 'EC'])('asks nothing of a key without one: %s', (kty) => {
    expect(signingCertificateOutOfDate.run({ signingKey: { kty, algorithms: [] }, now: NOW }).outcome).toBe(
      'not-applicable',
    );
  });

  it('only warns, since receivers of tokens mostly do not look at it', () => {
    expect(signingCertificateOutOfDate.severity).toBe('warning');
  });
});
