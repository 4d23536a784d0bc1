import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Difference } from '../../src/contract/finding.ts';
import type { Report } from '../../src/contract/report.ts';
import { text } from '../../src/report/text.ts';
import {
  absent,
  anyReport,
  failed,
  findingOf,
  NASTY,
  PIPELINE_COMMAND,
  readBack,
  reportOf,
  unseenIn,
} from './reports.ts';

const linesOf = (report: Report) => text(report).split('\n').slice(0, -1);
/** What stands in the first column. */
const outlineOf = (report: Report) => linesOf(report).filter((line) => /^[^ ]/.test(line));
const FOOT = ['Basis: observed', 'Request: r-1', 'Observed at: 2026-11-20T10:00:00.123Z'];

describe('text', () => {
  it.each([
    ['pass', reportOf('pass', [findingOf('a', 'pass')]), ['Token Doctor: Pass', 'Checks']],
    [
      'pass with a warning',
      reportOf('pass', [findingOf('a', 'fail', { severity: 'warning', deciding: false })]),
      ['Token Doctor: Pass', 'Failed: a (warning)', 'Checks'],
    ],
    [
      'inconclusive',
      reportOf('inconclusive', [findingOf('a', 'unknown')], { evidence: { token: absent } }),
      ['Token Doctor: Inconclusive', 'What keeps this open', 'Checks', 'Evidence that is absent'],
    ],
    ['inconclusive without checks', reportOf('inconclusive', []), ['Token Doctor: Inconclusive']],
    [
      'fail',
      failed,
      [
        'Token Doctor: Fail',
        'Root cause: broken',
        'Also failed: broken-too (error)',
        'Also failed: worrying (warning)',
        'Checks',
        'Not judged',
        'Evidence that is absent',
      ],
    ],
  ])('has its parts in order: %s', (_name, report, outline) => {
    expect(outlineOf(report)).toEqual([...outline, ...FOOT]);
  });

  it('tells of the root cause all there is, aligned', () => {
    const lines = linesOf(failed);
    const from = lines.indexOf('Root cause: broken') + 1;
    expect(lines.slice(from, lines.indexOf('Also failed: broken-too (error)') - 1)).toEqual([
      '  Rule        All is well with broken',
      '  Seen        Seen of broken.',
      '  Expected    https://issuer.example/a/',
      '  Actual      https://issuer.example/a',
      '                                      ^',
      '  Difference  trailing-slash, at index 24',
      '  Predicted   AADSTS1 (documented)',
      '  Reference   https://rules.example/rule#one',
      '  What to do  Mend it.',
      '              Here it is done.',
      '',
      '    one --flag "a b"',
      '',
      '    two | three',
    ]);
  });

  it('lists the checks in columns, in their order', () => {
    const lines = linesOf(failed);
    const from = lines.indexOf('Checks') + 1;
    expect(lines.slice(from, from + 9)).toEqual([
      '  pass     first       Seen of first.',
      '  FAIL     broken      Seen of broken.',
      '  FAIL     broken-too  Seen of broken-too.',
      '  FAIL     worrying    Seen of worrying.',
      '  unknown  unseen      Seen of unseen.',
      '  unknown  aside       Seen of aside.',
      '',
      'Not judged',
      '  Seen of behind: behind',
    ]);
  });

  it('tells absent evidence only, and why', () => {
    expect(linesOf(failed)).toContain('  unreachable  keys  signingKeys: It is down.');
    expect(text(failed)).not.toMatch(/^ {2}token /m);
  });

  it('wraps prose within its column, and neither values nor what stands between backticks', () => {
    const long = 'x'.repeat(130);
    const sentence = `${'word '.repeat(40)}\`${'az ad '.repeat(30)}\` ${long} end.`;
    const finding = findingOf('a', 'fail', {
      summary: sentence,
      actual: `${long} ${long}`,
      remediation: { text: sentence, commands: [`${long} ${long}`] },
    });
    const lines = linesOf(reportOf('fail', [finding], { rootCause: 'a', summary: sentence }));
    expect(lines.filter((line) => line.length > 100 && !line.includes(long) && !line.includes('az ad az'))).toEqual([]);
    expect(lines).toContain(`  Actual      ${long} ${long}`);
    expect(lines).toContain(`    ${long} ${long}`);
    for (const indent of [2, 14, 14, 11]) expect(lines).toContain(`${' '.repeat(indent)}\`${'az ad '.repeat(30)}\``);
    // Summary, what was seen, what to do, and the list: each breaks the sentence in its own column and loses no word of it.
    for (const indent of [2, 14, 14, 11]) expect(lines).toContain(' '.repeat(indent) + long);
    const start = lines.findIndex((line) => line.startsWith('  word'));
    expect(
      lines
        .slice(start, lines.indexOf('', start))
        .map((line) => line.trim())
        .join(' '),
    ).toBe(sentence);
  });
});

describe('the mark under the first difference', () => {
  const at = (index: number): Difference => ({ kind: 'other', at: index });
  const column = (expected: string | undefined, actual: string | undefined, difference?: Difference) => {
    const finding = findingOf('a', 'fail', {
      ...(expected !== undefined && { expected }),
      ...(actual !== undefined && { actual }),
      ...(difference && { difference }),
    });
    const mark = linesOf(reportOf('fail', [finding], { rootCause: 'a' })).find((line) => /^ +\^$/.test(line));
    return mark && mark.length - 1 - '  Expected    '.length;
  };

  it.each([
    ['in the middle', 'abcd', 'abXd', at(2), 2],
    ['behind the end', 'abcd', 'ab', at(2), 2],
    ['at a space', 'ab c', 'ab d', at(3), 3],
    ['a trailing space', 'ab', 'ab ', at(2), 2],
    ['at the very beginning', 'abcd', 'Xbcd', at(0), undefined],
    ['no place told', 'abcd', 'abXd', undefined, undefined],
    ['nothing expected', undefined, 'abXd', at(2), undefined],
    ['nothing there', 'abcd', undefined, at(2), undefined],
    ['a place beyond the value', 'abcd', 'ab', at(9), undefined],
    ['too long for a narrow terminal', `ab${'c'.repeat(80)}`, 'abX', at(2), undefined],
    ['behind a character that is spelt out', '\u200bab', '\u200baX', at(2), undefined],
    ['behind a wide character', '一ab', '一aX', at(2), undefined],
    ['values that do not begin alike', 'XXcd', 'abXd', at(2), undefined],
  ])('%s', (_name, expected, actual, difference, expectedColumn) => {
    expect(column(expected, actual, difference)).toBe(expectedColumn);
  });
});

describe('a value in text', () => {
  it.each(NASTY)('is shown on its line, and reads as it is: %j', (value) => {
    const remediation = { text: 'Mend.', commands: [value] };
    const report = reportOf('fail', [findingOf('a', 'fail', { actual: value, remediation })], { rootCause: 'a' });
    expect(unseenIn(text(report))).toEqual([]);
    const [actual, ...others] = linesOf(report).filter((line) => line.startsWith('  Actual'));
    expect([readBack(actual!.slice(14)), others]).toEqual([value, []]);
    expect(readBack(text(report))).toContain(`\n    ${value}\n`);
  });

  it.each([
    ['nothing', '', '(empty)'],
    ['a space', ' ', '\\u{20}'],
    ['spaces at the edges and together', ' a  b ', '\\u{20}a \\u{20}b\\u{20}'],
    ['a line break', 'a\r\nb', 'a\\u{D}\\u{A}b'],
    ['what clears a terminal', '\u001b[2Ja', '\\u{1B}[2Ja'],
    ['a letter that turns the line around', 'a\u202eb', 'a\\u{202E}b'],
    ['a space that is none', 'a\u00a0b', 'a\\u{A0}b'],
    ['what looks like an escape', '\\u{41}', '\\u{5C}u{41}'],
    ['half a character', 'a\ud83d', 'a\\u{D83D}'],
    ['a character of two halves', '😀', '😀'],
    ['letters of other scripts', 'жא一é', 'жא一é'],
    [
      'a command to Azure Pipelines',
      'a##vso[task.setvariable variable=a]b',
      'a\\u{23}#vso[task.setvariable variable=a]b',
    ],
    ['a command to GitHub Actions', '::error::a', '\\u{3A}:error::a'],
    ['a command to GitHub Actions behind a space', 'a ::error::a', 'a \\u{3A}:error::a'],
    ['colons elsewhere', 'system::a fe80::1', 'system::a fe80::1'],
  ])('shows %s', (_name, value, shown) => {
    expect(linesOf(reportOf('fail', [findingOf('a', 'fail', { actual: value })]))).toContain(`  Actual      ${shown}`);
  });

  it('leaves the spaces of a command alone', () => {
    const commands = ["kubectl get -o  jsonpath='{ .a }'"];
    const report = reportOf('fail', [findingOf('a', 'fail', { remediation: { text: 'Mend.', commands } })]);
    expect(linesOf(report)).toContain(`    ${commands[0]}`);
  });

  it('forges no heading, no command, no line and no instruction to terminal or pipeline, in whatever field', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const { findings, rootCause, verdict, evidence } = report;
        expect(unseenIn(text(report))).toEqual([]);
        expect(text(report)).not.toMatch(PIPELINE_COMMAND);

        const cause = findings.filter(({ id }) => id === rootCause);
        const told = [...cause, ...findings.filter(({ id, outcome }) => id !== rootCause && outcome === 'fail')];
        const open =
          verdict === 'inconclusive' && findings.some(({ deciding, outcome }) => deciding && outcome !== 'pass');
        const missing = Object.values(evidence).some(({ state }) => state === 'absent');
        const [first, ...headings] = outlineOf(report);
        expect(first).toMatch(/^Token Doctor: (?:Pass|Fail|Inconclusive)$/);
        expect(headings.map(readBack)).toEqual([
          ...cause.map(({ id }) => `Root cause: ${id}`),
          ...(open ? ['What keeps this open'] : []),
          ...told
            .slice(cause.length)
            .map(({ id, severity }) => `${cause.length > 0 ? 'Also failed' : 'Failed'}: ${id} (${severity})`),
          ...(report.facts?.length ? ['What was analysed'] : []),
          ...(report.receptions?.length ? ['Who would accept it'] : []),
          ...(findings.some(({ outcome }) => outcome !== 'not-applicable') ? ['Checks'] : []),
          ...(findings.some(({ outcome }) => outcome === 'not-applicable') ? ['Not judged'] : []),
          ...(missing ? ['Evidence that is absent'] : []),
          `Basis: ${report.basis}`,
          `Request: ${report.requestId}`,
          `Observed at: ${report.observedAt}`,
        ]);

        const commands = told.flatMap(({ remediation }) => remediation?.commands ?? []);
        const indented = linesOf(report).filter((line) => /^ {4}[^ ]/.test(line));
        expect(indented.map((line) => readBack(line.slice(4)))).toEqual(
          commands.filter((command) => !command.startsWith(' ')),
        );
      }),
      { numRuns: 300 },
    );
  });
});
