import type { Finding } from '../contract/finding.ts';
import type { Report } from '../contract/report.ts';
import { differenceInWords } from './singled-out.ts';
import { EMPTY, shown, visible } from './visible.ts';

/** A report as test results: one suite, one case a check, as Jenkins, GitLab and Azure DevOps read it. */
export function junit(report: Report): string {
  const resultOf = resultsIn(report);
  const results = report.findings.map(resultOf);
  const count = (result: Result) => results.filter((each) => each === result).length;
  const totals = attributes({
    name: 'Token Doctor',
    tests: `${results.length}`,
    failures: `${count('failure')}`,
    errors: `${count('error')}`,
    skipped: `${count('skipped')}`,
    // The schemas take neither fractions nor a zone.
    timestamp: report.observedAt.slice(0, '2026-01-02T03:04:05'.length),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${totals}>`,
    `  <testsuite${totals}>`,
    '    <properties>',
    ...propertiesOf(report).map((property) => `      <property${attributes(property)}/>`),
    '    </properties>',
    ...report.findings.map((finding) => testcase(finding, resultOf(finding))),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

type Result = 'passed' | 'failure' | 'error' | 'skipped';

/** What keeps a verdict open is an error, also where it was not judged for want of something. */
const resultsIn =
  ({ verdict }: Report) =>
  ({ outcome, deciding }: Finding): Result => {
    if (outcome === 'pass') return 'passed';
    if (outcome === 'fail') return 'failure';
    return deciding && (outcome === 'unknown' || verdict === 'inconclusive') ? 'error' : 'skipped';
  };

const propertiesOf = ({ verdict, summary, rootCause, predictedError, basis, requestId, observedAt }: Report) =>
  Object.entries({
    verdict,
    summary,
    ...(rootCause !== null && { rootCause }),
    ...(predictedError && { predictedError: `${predictedError.code} (${predictedError.certainty})` }),
    basis,
    requestId,
    observedAt,
  }).map(([name, value]) => ({ name, value }));

function testcase(finding: Finding, result: Result): string {
  const { id, title, summary } = finding;
  // Jenkins takes what stands before the last dot for the package.
  const start = `    <testcase${attributes({ classname: `token-doctor.${id}`, name: title })}`;
  if (result === 'passed') return `${start}/>`;
  const inside =
    result === 'skipped'
      ? `<skipped${attributes({ message: summary })}/>`
      : `<${result}${attributes({ message: summary, type: id })}>${escaped(details(finding))}</${result}>`;
  return `${start}>\n      ${inside}\n    </testcase>`;
}

function details({ expected, actual, difference, remediation, reference }: Finding): string {
  return [
    ...(expected === undefined ? [] : [`Expected: ${shown(expected) || EMPTY}`]),
    ...(actual === undefined ? [] : [`Actual: ${shown(actual) || EMPTY}`]),
    ...differenceInWords({ difference }).map((words) => `Difference: ${words}`),
    ...(remediation ? ['What to do:', ...remediation.text.split('\n').map((line) => `  ${visible(line)}`)] : []),
    ...(remediation?.commands ?? []).map((command) => `    ${visible(command)}`),
    `Reference: ${shown(reference)}`,
  ].join('\n');
}

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${attribute(value)}"`)
    .join('');

/** Line breaks and tabs survive as references only: XML 1.0 §3.3.3 makes spaces of them. */
const attribute = (value: string): string =>
  value
    .replace(/[^\n\t]+/g, (part) => escaped(visible(part)))
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What XML reads as its own; no `]]>` is left either. What it does not allow at all, `visible` has spelt out. */
const escaped = (content: string): string =>
  content.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
