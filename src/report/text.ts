import type { Finding } from '../contract/finding.ts';
import type { Fact, PredictedError, Reception, Report } from '../contract/report.ts';
import { differenceInWords, singledOut, unjudged, VERDICTS } from './singled-out.ts';
import { EMPTY, shown, visible, words } from './visible.ts';

/** Columns prose is wrapped at. Commands, addresses and values are never broken, so that they can be copied. */
const WIDTH = 100;

/**
 * A report for a terminal, without colours. Only headings start in the first column and only commands are indented by four,
 * so that no value can pass for either.
 */
export function text(report: Report): string {
  const { cause, open, failed } = singledOut(report);
  const judged = report.findings.filter(({ outcome }) => outcome !== 'not-applicable');
  const also = cause.length > 0 ? 'Also failed' : 'Failed';
  const blocks = [
    `Token Doctor: ${VERDICTS[report.verdict]}`,
    wrapped('  ', report.summary),
    ...cause.map((finding) => `Root cause: ${shown(finding.id)}\n${details(finding, report.predictedError)}`),
    ...section('What keeps this open', rows(open.map(({ ids, summary }) => [`${ids.join(', ')}: ${summary}`]))),
    ...failed.map((finding) => `${also}: ${shown(finding.id)} (${finding.severity})\n${details(finding)}`),
    ...section('What was analysed', rows((report.facts ?? []).map(fact))),
    ...section('Who would accept it', rows((report.receptions ?? []).map(reception))),
    ...section('Checks', rows(judged.map(check))),
    ...section(
      'Not judged',
      rows(unjudged(report.findings).map(({ summary, ids }) => [`${summary} ${ids.join(', ')}`])),
    ),
    ...section('Evidence that is absent', rows(absentEvidence(report))),
    `Basis: ${report.basis}\nRequest: ${shown(report.requestId)}\nObserved at: ${shown(report.observedAt)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

const section = (heading: string, body: string): string[] => (body === '' ? [] : [`${heading}\n${body}`]);

function details(finding: Finding, error?: PredictedError): string {
  const { title, summary, expected, actual, reference, remediation } = finding;
  const [first = '', ...more] = remediation?.text.split('\n') ?? [];
  return [
    wrapped(label('Rule'), title),
    wrapped(label('Seen'), summary),
    ...(expected === undefined ? [] : [label('Expected') + (shown(expected) || EMPTY)]),
    ...(actual === undefined ? [] : [label('Actual') + (shown(actual) || EMPTY)]),
    ...caret(finding).map((mark) => label('') + mark),
    ...differenceInWords(finding).map((words) => label('Difference') + words),
    ...(error ? [`${label('Predicted')}${shown(error.code)} (${error.certainty})`] : []),
    label('Reference') + shown(reference),
    ...(remediation ? [wrapped(label('What to do'), first), ...more.map((line) => wrapped(label(''), line))] : []),
    // Each with a blank line before it, since a terminal breaks long ones.
    ...(remediation?.commands ?? []).map((command) => `\n    ${visible(command)}`),
  ].join('\n');
}

const label = (name: string): string => `  ${name.padEnd('What to do'.length)}  `;

/** Points at the first character that differs, where both values are plain up to there and fit into a narrow line. */
function caret({ expected, actual, difference }: Finding): string[] {
  if (expected === undefined || actual === undefined || !difference) return [];
  const same = actual.slice(0, difference.at);
  const pointable =
    same.length === difference.at &&
    /^[ -~]+$/.test(same) &&
    [expected, actual].every((value) => shown(value).startsWith(same) && shown(value).length <= 64);
  return pointable ? [`${' '.repeat(same.length)}^`] : [];
}

const fact = ({ name, value, because }: Fact) => [
  name,
  because === undefined ? value : `${value} (${because.replace(/\.$/, '')})`,
];

const reception = ({ title, verdict, rootCause, predictedError }: Reception) => [
  verdict === 'fail' ? 'FAIL' : verdict,
  title,
  [...(rootCause === null ? [] : [rootCause]), ...(predictedError ? [predictedError.code] : [])].join(', '),
];

const check = ({ outcome, id, summary }: Finding) => [outcome === 'fail' ? 'FAIL' : outcome, id, summary];

/** What is absent for one reason stands together. */
function absentEvidence({ evidence }: Report): string[][] {
  const absent = Object.entries(evidence).filter(([, { state }]) => state === 'absent');
  const byReason = Map.groupBy(absent, ([, { reason = '', source, detail = '' }]) =>
    JSON.stringify([reason, source, detail]),
  );
  return [...byReason.values()].map((group) => {
    const [[, { reason = '', source, detail = '' }] = ['', { source: '' }]] = group;
    return [reason, source, `${group.map(([name]) => name).join(', ')}: ${detail}`];
  });
}

/** Cells in columns; the last is prose and wraps within its column. */
function rows(table: readonly (readonly string[])[]): string {
  const columns = table.map((cells) => cells.slice(0, -1).map((cell) => shown(cell) || EMPTY));
  const widths = (columns[0] ?? []).map((_, at) => Math.max(...columns.map((cells) => cells[at]?.length ?? 0)));
  return table
    .map((cells, row) => {
      const start = (columns[row] ?? []).map((cell, at) => `${cell.padEnd(widths[at] ?? 0)}  `);
      return wrapped(`  ${start.join('')}`, cells.at(-1) ?? '');
    })
    .join('\n');
}

/** Prose behind `start`, its further lines indented as far as the first. */
function wrapped(start: string, prose: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words(shown(prose))) {
    if (line !== '' && start.length + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line += line === '' ? word : ` ${word}`;
  }
  return start + [...lines, line].join(`\n${' '.repeat(start.length)}`);
}
