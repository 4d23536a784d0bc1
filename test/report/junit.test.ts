import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/contract/finding.ts';
import type { Report } from '../../src/contract/report.ts';
import { junit } from '../../src/report/junit.ts';
import { anyReport, failed, findingOf, NASTY, PIPELINE_COMMAND, readBack, reportOf, unseenIn } from './reports.ts';

type Attributes = Record<string, string>;
type Detail = Attributes & { '#text'?: string };
type Case = Attributes & { failure?: Detail; error?: Detail; skipped?: Detail };
interface Suite extends Record<string, unknown> {
  properties: { property: Attributes[] };
  testcase?: Case[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => ['testsuite', 'testcase', 'property'].includes(name),
});

function suiteOf(report: Report): { suites: Record<string, unknown>; suite: Suite; cases: Case[] } {
  const { testsuites } = parser.parse(junit(report)) as { testsuites: { testsuite: Suite[] } };
  const { testsuite, ...suites } = testsuites;
  expect(testsuite).toHaveLength(1);
  const suite = testsuite[0]!;
  return { suites, suite, cases: suite.testcase ?? [] };
}

const propertiesOf = (report: Report) =>
  Object.fromEntries(suiteOf(report).suite.properties.property.map(({ name, value }) => [name, value]));
const resultOf = (each: Case | undefined) =>
  (['failure', 'error', 'skipped'] as const).filter((result) => each && result in each).join() || 'passed';
const countsOf = ({ tests, failures, errors, skipped }: Record<string, unknown>) =>
  [tests, failures, errors, skipped].map(Number);

describe('junit', () => {
  it.each([
    ['pass', true, 'passed'],
    ['pass', false, 'passed'],
    ['fail', true, 'failure'],
    ['fail', false, 'failure'],
    ['unknown', true, 'error'],
    ['unknown', false, 'skipped'],
    ['not-applicable', true, 'skipped'],
    ['not-applicable', false, 'skipped'],
  ] as const)('%s, deciding %s', (outcome: Outcome, deciding, result) => {
    for (const severity of ['error', 'warning', 'info'] as const) {
      const { cases } = suiteOf(reportOf('pass', [findingOf('a', outcome, { deciding, severity })]));
      expect(cases.map(resultOf)).toEqual([result]);
    }
  });

  it('tells as an error what keeps a verdict open, also where it was not judged', () => {
    const aside = findingOf('aside', 'not-applicable', { deciding: false });
    const { cases } = suiteOf(reportOf('inconclusive', [findingOf('a', 'not-applicable', { deciding: true }), aside]));
    expect(cases.map(resultOf)).toEqual(['error', 'skipped']);
  });

  it.each([
    ['one of each and more', failed, [7, 3, 1, 2]],
    ['all passed', reportOf('pass', [findingOf('a', 'pass'), findingOf('b', 'pass')]), [2, 0, 0, 0]],
    ['no checks', reportOf('inconclusive', []), [0, 0, 0, 0]],
  ])('counts on suite and suites: %s', (_name, report, counts) => {
    const { suites, suite } = suiteOf(report);
    expect([countsOf(suites), countsOf(suite)]).toEqual([counts, counts]);
  });

  it('names suite and cases, and says when', () => {
    const { suites, suite, cases } = suiteOf(failed);
    expect(junit(failed)).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/);
    expect([suites.name, suite.name, suite.timestamp]).toEqual(['Token Doctor', 'Token Doctor', '2026-11-20T10:00:00']);
    expect(cases.map(({ classname, name }) => [classname, name])).toEqual(
      failed.findings.map(({ id, title }) => [`token-doctor.${id}`, title]),
    );
  });

  it('tells what was seen and what mends it', () => {
    const [, broken, , , unseen, aside] = suiteOf(failed).cases;
    expect(broken?.failure).toMatchObject({ message: 'Seen of broken.', type: 'broken' });
    expect(broken?.failure?.['#text']?.split('\n')).toEqual([
      'Expected: https://issuer.example/a/',
      'Actual: https://issuer.example/a',
      'Difference: trailing-slash, at index 24',
      'What to do:',
      '  Mend it.',
      '  Here it is done.',
      '    one --flag "a b"',
      '    two | three',
      'Reference: https://rules.example/rule#one',
    ]);
    expect(unseen?.error).toMatchObject({ message: 'Seen of unseen.', type: 'unseen' });
    expect(aside?.skipped).toEqual({ message: 'Seen of aside.' });
  });

  it('has the verdict in its properties', () => {
    expect(propertiesOf(failed)).toMatchObject({
      verdict: 'fail',
      summary: failed.summary,
      rootCause: 'broken',
      predictedError: 'AADSTS1 (documented)',
      requestId: 'r-1',
    });
    const passed = propertiesOf(reportOf('pass', []));
    expect(passed).not.toHaveProperty('rootCause');
    expect(passed).not.toHaveProperty('predictedError');
  });
});

/** What XML 1.0 §2.2 allows in a document. */
const CHARACTERS = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

function expectSound(report: Report): void {
  expect(XMLValidator.validate(junit(report))).toBe(true);
  expect(junit(report)).toMatch(CHARACTERS);
  expect(unseenIn(junit(report))).toEqual([]);
  expect(junit(report)).not.toMatch(PIPELINE_COMMAND);
  expect(junit(report)).not.toContain(']]>');
}

describe('a value in JUnit', () => {
  it.each(NASTY)('reads as it is, in attribute and body: %j', (value) => {
    const report = reportOf('fail', [findingOf('a', 'fail', { title: value, summary: value, actual: value })]);
    expectSound(report);
    const [{ name, failure }] = suiteOf(report).cases as [Case];
    expect([readBack(name!), readBack(failure!.message!)]).toEqual([value, value]);
    const [actual, ...more] = failure!['#text']!.split('\n');
    expect([readBack(actual!), more.length]).toEqual([`Actual: ${value}`, 3]);
  });

  it.each([
    ['a line break', 'a\nb', 'a&#10;b'],
    ['a tab', 'a\tb', 'a&#9;b'],
    ['a carriage return', 'a\rb', 'a\\u{D}b'],
    ['quotes', `a"b'c`, 'a&quot;b&apos;c'],
    ['a tag', '<a & b>', '&lt;a &amp; b&gt;'],
    ['what XML does not allow', '\0\ufffe\ud800', '\\u{0}\\u{FFFE}\\u{D800}'],
    ['a letter that turns the line around', 'a\u202eb', 'a\\u{202E}b'],
  ])('is written so in an attribute: %s', (_name, summary, written) => {
    expect(junit(reportOf('pass', [], { summary }))).toContain(`<property name="summary" value="${written}"/>`);
  });

  it('is sound in whatever field, and whole', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        expectSound(report);
        const { suite, suites, cases } = suiteOf(report);
        expect(cases.map(({ classname, name }) => [readBack(classname!), readBack(name!)])).toEqual(
          report.findings.map(({ id, title }) => [`token-doctor.${id}`, title]),
        );
        const results = cases.map(resultOf);
        const counts = [
          results.length,
          ...(['failure', 'error', 'skipped'] as const).map(
            (result) => results.filter((each) => each === result).length,
          ),
        ];
        expect([countsOf(suite), countsOf(suites)]).toEqual([counts, counts]);
        expect(
          cases
            .map((each) => each.failure ?? each.error ?? each.skipped)
            .map((each) => each && readBack(each.message!)),
        ).toEqual(report.findings.map(({ outcome, summary }) => (outcome === 'pass' ? undefined : summary)));
        expect(readBack(propertiesOf(report).summary!)).toBe(report.summary);
      }),
      { numRuns: 300 },
    );
  });
});
