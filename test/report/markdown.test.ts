import fc from 'fast-check';
import { type MarkedToken, marked, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/contract/report.ts';
import { markdown } from '../../src/report/markdown.ts';
import {
  absent,
  anyReport,
  anyText,
  failed,
  findingOf,
  NASTY,
  PIPELINE_COMMAND,
  present,
  readBack,
  reportOf,
  unseenIn,
} from './reports.ts';

type Of<Type extends string> = Extract<MarkedToken, { type: Type }>;
const tokensOf = <Type extends string>(tokens: readonly Token[], type: Type) =>
  tokens.filter((token): token is Of<Type> => token.type === type);

const blocksOf = (report: Report) => marked.lexer(markdown(report));
const outlineOf = (report: Report) => tokensOf(blocksOf(report), 'heading').map(read);
const itemsOf = (report: Report) => tokensOf(blocksOf(report), 'list').map(({ items }) => items.map(read));
const tablesOf = (report: Report) =>
  tokensOf(blocksOf(report), 'table').map(({ rows }) => rows.map((cells) => cells.map(read)));

/** What stands on the page, code or not. */
function read(token: { text: string; tokens?: readonly Token[] } | Token): string {
  if ('tokens' in token && token.tokens) return token.tokens.map(read).join('');
  return 'text' in token ? String(token.text) : '';
}

/** Every token, the inline ones too. */
function everyToken(report: Report): Token[] {
  const seen: Token[] = [];
  marked.walkTokens(blocksOf(report), (token) => void seen.push(token));
  return seen;
}

describe('markdown', () => {
  it.each([
    ['pass', reportOf('pass', [findingOf('a', 'pass')]), ['Token Doctor: Pass', 'Checks', 'Evidence']],
    [
      'pass with a warning',
      reportOf('pass', [findingOf('a', 'fail', { severity: 'warning', deciding: false })]),
      ['Token Doctor: Pass', 'Failed: a (warning)', 'Checks', 'Evidence'],
    ],
    [
      'inconclusive',
      reportOf('inconclusive', [findingOf('a', 'pass'), findingOf('b', 'unknown')]),
      ['Token Doctor: Inconclusive', 'What keeps this open', 'Checks', 'Evidence'],
    ],
    ['inconclusive without checks', reportOf('inconclusive', []), ['Token Doctor: Inconclusive', 'Checks', 'Evidence']],
    [
      'fail',
      failed,
      [
        'Token Doctor: Fail',
        'Root cause: broken',
        'Also failed: broken-too (error)',
        'Also failed: worrying (warning)',
        'Checks',
        'Evidence',
      ],
    ],
  ])('has its parts in order: %s', (_name, report, outline) => {
    expect(outlineOf(report)).toEqual(outline);
  });

  it('tells of the root cause all there is', () => {
    expect(itemsOf(failed)[0]).toEqual([
      'Rule: All is well with broken',
      'Seen: Seen of broken.',
      'Expected: https://issuer.example/a/',
      'Actual: https://issuer.example/a',
      'Difference: trailing-slash, at index 24',
      'Predicted error: AADSTS1 (documented)',
      'Reference: https://rules.example/rule#one',
    ]);
    const paragraphs = tokensOf(blocksOf(failed), 'paragraph').map(read);
    expect(paragraphs.slice(0, 3)).toEqual(['One sentence.', 'What to do: Mend it.', 'Here it is done.']);
  });

  it('fences the commands of each finding, a line each', () => {
    expect(tokensOf(blocksOf(failed), 'code').map(({ lang, text }) => [lang, text])).toEqual([
      ['sh', 'one --flag "a b"\ntwo | three'],
      ['sh', 'four'],
    ]);
  });

  it('lists what keeps it open: whatever decides and did not pass', () => {
    const findings = [
      findingOf('passed', 'pass'),
      findingOf('unseen', 'unknown'),
      findingOf('aside', 'unknown', { deciding: false }),
      findingOf('skipped', 'not-applicable'),
    ];
    const open = ['unseen: Seen of unseen.', 'skipped: Seen of skipped.'];
    expect(itemsOf(reportOf('inconclusive', findings))[0]).toEqual(open);
    expect(itemsOf(reportOf('pass', findings))).toEqual([]);
  });

  it('has a row for every check and every piece of evidence, in their order', () => {
    const [checks, evidence] = tablesOf(failed);
    expect(checks?.map((row) => row.slice(0, 4))).toEqual([
      ['first', 'pass', 'error', 'yes'],
      ['broken', 'fail', 'error', 'yes'],
      ['broken-too', 'fail', 'error', 'yes'],
      ['worrying', 'fail', 'warning', 'no'],
      ['unseen', 'unknown', 'error', 'yes'],
      ['aside', 'unknown', 'info', 'no'],
    ]);
    expect(markdown(failed)).toContain('\n\nSeen of behind: `behind`\n\n');
    expect(evidence).toEqual([
      ['token', 'token', present.observedAt, 'present'],
      ['signingKeys', 'keys', absent.observedAt, 'absent, unreachable: It is down.'],
    ]);
  });

  it('keeps our words and code spans as they are', () => {
    const summary =
      'The user’s “first” claim `ver` says 1.0 (v1): call `az ad sp create --id $ID`, 300 times. Well-known!';
    const [, sentence] = blocksOf(reportOf('pass', [], { summary })).filter(({ type }) => type !== 'space');
    expect(sentence?.type === 'paragraph' && sentence.tokens?.map(({ type, raw }) => [type, raw])).toEqual([
      ['text', 'The user’s “first” claim '],
      ['codespan', '`ver`'],
      ['text', ' says 1.0 (v1): call '],
      ['codespan', '`az ad sp create --id $ID`'],
      ['text', ', 300 times. Well-known!'],
    ]);
  });
});

/** A report with `value` as a value, in a cell and as prose. */
const saying = (value: string): Report =>
  reportOf('fail', [findingOf('a', 'fail', { expected: value, summary: value })], { rootCause: 'a', summary: value });

/** All kinds of tokens that our own layout needs. */
const OURS = 'space heading paragraph list list_item table code text strong codespan escape'.split(' ');
const HTML = /<(?!\/?(?:h2|h3|p|ul|li|table|thead|tbody|tr|th|td|pre|code|strong)>|code class="language-sh">)/;

/** Nothing but our layout, and outside of code nothing that any renderer makes something of. */
function expectHarmless(report: Report): void {
  const tokens = everyToken(report);
  expect(OURS).toEqual(expect.arrayContaining([...new Set(tokens.map(({ type }) => type))]));
  expect(marked.parse(markdown(report))).not.toMatch(HTML);
  expect(unseenIn(markdown(report))).toEqual([]);
  expect(markdown(report)).not.toMatch(PIPELINE_COMMAND);
  for (const { text } of [...tokensOf(tokens, 'text'), ...tokensOf(tokens, 'escape')].filter(
    (token) => !('tokens' in token),
  )) {
    expect(text).toMatch(/^[\p{L}\d ()"“”‘’'.,;:!?·-]*$/u);
    expect(text).not.toMatch(/:\S+:|\p{L}\.\p{L}|\b[\da-f]{7,}\b|\p{L}-\d|\p{L}:\p{L}/u);
  }
}

/** Backticks of a sentence may have become code spans; all else must be there, letter for letter. */
const unmarked = (sentence: string) => sentence.replaceAll('`', '');

describe('a value in Markdown', () => {
  it.each(NASTY)('reads as it is and does nothing: %j', (value) => {
    expectHarmless(saying(value));
    expect(readBack(itemsOf(saying(value))[0]?.[2] ?? '')).toBe(`Expected: ${value}`);
  });

  it.each([
    ['empty', '', '(empty)'],
    ['a space', ' ', '\\u{20}'],
    ['spaces at the edges and together', ' a  b ', '\\u{20}a \\u{20}b\\u{20}'],
    ['a line break', 'a\nb', 'a\\u{A}b'],
    ['a letter that turns the line around', 'a\u202eb', 'a\\u{202E}b'],
    ['what looks like an escape', '\\u{41}', '\\u{5C}u{41}'],
    ['half a character', 'a\ud83d', 'a\\u{D83D}'],
    ['a character of two halves', '😀', '😀'],
    ['backticks all around', '``a`', '``a`'],
  ])('is shown: %s', (_name, value, shown) => {
    expect(itemsOf(saying(value))[0]?.[2]).toBe(`Expected: ${shown}`);
  });

  it.each([
    ['a pipe', 'a|b', 'a|b'],
    ['a pipe behind a backslash', 'a\\|b', 'a\\\\u{7C}b'],
    ['pipes behind two', 'a\\\\||b', 'a\\\\\\u{7C}|b'],
  ])('stays in its cell: %s', (_name, value, shown) => {
    const report = reportOf('pass', [findingOf(value, 'pass', { summary: value })]);
    expect(tablesOf(report)[0]).toEqual([[shown, 'pass', 'error', 'yes', shown]]);
    // Renderers count backslashes before a pipe in different ways, but all take one of them for an escape.
    expect(markdown(report)).not.toMatch(/\\\\\|/);
  });

  it.each([
    ['1. a'],
    ['12) a'],
    ['- a'],
    ['# a'],
    ['> a'],
    ['    a'],
    ['::: a'],
    [': a'],
    ['!!! a'],
    ['/close a'],
    ['---'],
  ])('begins no block at the beginning of a line: %j', (summary) => {
    const [, first] = blocksOf(reportOf('pass', [], { summary })).filter(({ type }) => type !== 'space');
    expect([first?.type, readBack(read(first!))]).toEqual(['paragraph', summary]);
    // Other renderers have more blocks than this one; none of them begins with a code span or an escaped list mark.
    expect(first?.raw).toMatch(/^(?:`|\d+\\)/);
  });

  it('cannot close the fence of commands', () => {
    const commands = ['echo ```', '````', '~~~', '``` sh', 'a\nb'];
    const report = reportOf('fail', [findingOf('a', 'fail', { remediation: { text: 'Mend.', commands } })]);
    expect(tokensOf(blocksOf(report), 'code').map(({ text }) => text.split('\n').map(readBack))).toEqual([commands]);
  });

  it('reads as it is as a word of a sentence, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const report = reportOf('pass', [
          findingOf('a', 'pass', { summary: `The claim is ${value}, which is wrong.` }),
        ]);
        expect(unmarked(readBack(tablesOf(report)[0]?.[0]?.[4] ?? ''))).toBe(
          unmarked(`The claim is ${value}, which is wrong.`),
        );
      }),
    );
  });

  it('does nothing in any field of a report, and is whole', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        expectHarmless(report);
        const { findings, rootCause } = report;
        const told = [
          ...findings.filter(({ id }) => id === rootCause),
          ...findings.filter(({ id, outcome }) => id !== rootCause && outcome === 'fail'),
        ];
        expect(
          outlineOf(report).filter((heading) => /^(?:Root cause|Also failed|Failed): /.test(heading)),
        ).toHaveLength(told.length);
        const judged = report.findings.filter(({ outcome }) => outcome !== 'not-applicable');
        const [checks = [], evidence = []] = tablesOf(report).slice(-2);
        expect(checks.map(([id, , , , summary]) => [readBack(id ?? ''), unmarked(readBack(summary ?? ''))])).toEqual(
          judged.map(({ id, summary }) => [id, unmarked(summary)]),
        );
        expect(evidence.map(([, , , state]) => state?.startsWith('present'))).toEqual(
          Object.values(report.evidence).map(({ state }) => state === 'present'),
        );
        expect(tokensOf(blocksOf(report), 'code').map(({ text }) => text.split('\n').map(readBack))).toEqual(
          told.map(({ remediation }) => remediation?.commands ?? []).filter((commands) => commands.length > 0),
        );
      }),
      { numRuns: 300 },
    );
  });
});
