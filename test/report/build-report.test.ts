import { describe, expect, it } from 'vitest';
import { Finding, type Outcome, type Severity } from '../../src/contract/finding.ts';
import { Report } from '../../src/contract/report.ts';
import { buildReport, verdictOf } from '../../src/report/build-report.ts';

const finding = (outcome: Outcome, deciding = true, severity: Severity = 'error', id = 'x'): Finding =>
  Finding.parse({
    id,
    title: 'T',
    severity,
    outcome,
    deciding,
    summary: `seen ${id}`,
    ...(outcome === 'fail' && { remediation: { text: `Mend ${id}.\nWhere.` } }),
    reference: 'https://example.com/',
  });

describe('verdictOf', () => {
  it.each([
    ['all deciding passed', [finding('pass'), finding('pass')], 'pass'],
    ['nothing at all', [], 'inconclusive'],
    ['nothing that decides', [finding('pass', false)], 'inconclusive'],
    ['one deciding unknown', [finding('pass'), finding('unknown')], 'inconclusive'],
    ['one deciding not applicable', [finding('pass'), finding('not-applicable')], 'inconclusive'],
    ['one unknown that does not decide', [finding('pass'), finding('unknown', false, 'info')], 'pass'],
    ['one failed error', [finding('pass'), finding('fail')], 'fail'],
    ['a failed error that does not decide', [finding('pass'), finding('fail', false)], 'fail'],
    ['a failed warning that decides', [finding('pass'), finding('fail', true, 'warning')], 'inconclusive'],
    ['a failed warning that does not', [finding('pass'), finding('fail', false, 'warning')], 'pass'],
    ['failed and unknown', [finding('unknown'), finding('fail')], 'fail'],
  ] as const)('%s', (_name, findings, verdict) => {
    expect(verdictOf(findings)).toBe(verdict);
  });
});

describe('buildReport', () => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  const build = (findings: Finding[]) =>
    buildReport({
      findings,
      evidence: {
        a: { state: 'present', value: { n: 1 }, source: 'token', observedAt: at },
        b: { state: 'absent', reason: 'unreachable', detail: 'down', source: 'keys', observedAt: at },
      },
      passSummary: 'All well.',
      predictError: (rootCause) => (rootCause === 'first' ? { code: 'C', certainty: 'likely' } : undefined),
      requestId: 'r',
      observedAt: at,
    });

  it('names the first broken link as the root cause, with what the target would answer', () => {
    const report = build([
      finding('pass'),
      finding('fail', true, 'warning', 'w'),
      finding('fail', true, 'error', 'first'),
      finding('fail', true, 'error', 'second'),
    ]);
    expect(report).toMatchObject({
      verdict: 'fail',
      rootCause: 'first',
      predictedError: { code: 'C' },
      summary: 'seen first Mend first.',
    });
  });

  it('has no root cause unless the verdict is fail', () => {
    expect(build([finding('pass')])).toMatchObject({ verdict: 'pass', rootCause: null, summary: 'All well.' });
    expect(build([finding('unknown')])).toMatchObject({ verdict: 'inconclusive', rootCause: null });
    expect(build([finding('unknown')])).not.toHaveProperty('predictedError');
  });

  it('tells each piece of evidence with its source and time, or why it is absent', () => {
    expect(build([]).evidence).toEqual({
      a: { state: 'present', value: { n: 1 }, source: 'token', observedAt: at.toISOString() },
      b: { state: 'absent', reason: 'unreachable', detail: 'down', source: 'keys', observedAt: at.toISOString() },
    });
  });

  it('is the contract’s report', () => {
    expect(Report.safeParse(build([finding('pass')])).success).toBe(true);
  });
});
