import type { Finding, Remediation } from '../contract/finding.ts';
import type { EvidenceItem, Fact, PredictedError, Reception, Report } from '../contract/report.ts';
import { differenceInWords, singledOut, unjudged, VERDICTS } from './singled-out.ts';
import { EMPTY, shown, visible, words } from './visible.ts';

/** A report for a step summary or a ticket, in GitHub Flavored Markdown. A value in it is text and can be nothing else. */
export function markdown(report: Report): string {
  const { cause, open, failed } = singledOut(report);
  const judged = report.findings.filter(({ outcome }) => outcome !== 'not-applicable');
  const also = cause.length > 0 ? 'Also failed' : 'Failed';
  const blocks = [
    `## Token Doctor: ${VERDICTS[report.verdict]}`,
    paragraph(report.summary),
    ...cause.flatMap((finding) => [`### Root cause: ${code(finding.id)}`, ...details(finding, report.predictedError)]),
    ...(open.length > 0
      ? [
          '### What keeps this open',
          list(open.map(({ ids, summary }) => `${ids.map(code).join(' ')}: ${prose(summary)}`)),
        ]
      : []),
    ...failed.flatMap((finding) => [`### ${also}: ${code(finding.id)} (${finding.severity})`, ...details(finding)]),
    ...(report.facts?.length ? ['### What was analysed', list(report.facts.map(fact))] : []),
    ...(report.receptions?.length
      ? [
          '### Who would accept it',
          table(['Target', 'Verdict', 'Root cause', 'Predicted error'], report.receptions.map(reception)),
        ]
      : []),
    '### Checks',
    table(['Check', 'Outcome', 'Severity', 'Decides', 'Seen'], judged.map(check)),
    ...unjudged(report.findings).map(({ summary, ids }) => `${paragraph(summary)} ${ids.map(code).join(' ')}`),
    '### Evidence',
    table(['Evidence', 'Source', 'Observed at', 'State'], Object.entries(report.evidence).map(evidence)),
    `Basis: ${report.basis} · Request: ${code(report.requestId)} · Observed at: ${code(report.observedAt)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function details(finding: Finding, error?: PredictedError): string[] {
  const { title, summary, expected, actual, reference, remediation } = finding;
  return [
    list([
      `**Rule:** ${prose(title)}`,
      `**Seen:** ${prose(summary)}`,
      ...(expected === undefined ? [] : [`**Expected:** ${code(expected)}`]),
      ...(actual === undefined ? [] : [`**Actual:** ${code(actual)}`]),
      ...differenceInWords(finding).map((words) => `**Difference:** ${words}`),
      ...(error ? [`**Predicted error:** ${code(error.code)} (${error.certainty})`] : []),
      `**Reference:** ${code(reference)}`,
    ]),
    ...(remediation ? advice(remediation) : []),
  ];
}

function advice({ text, commands = [] }: Remediation): string[] {
  const [first = '', ...more] = text.split('\n');
  return [
    `**What to do:** ${prose(first)}`,
    ...more.map(paragraph),
    ...(commands.length > 0 ? [shellBlock(commands)] : []),
  ];
}

const fact = ({ name, value, because }: Fact) =>
  `**${name}:** ${prose(value)}${because === undefined ? '' : ` (${prose(because.replace(/\.$/, ''))})`}`;

const reception = ({ title, verdict, rootCause, predictedError }: Reception) => [
  prose(title),
  verdict === 'fail' ? '**fail**' : verdict,
  rootCause === null ? '' : code(rootCause),
  predictedError === undefined ? '' : `${code(predictedError.code)} (${predictedError.certainty})`,
];

const check = ({ id, outcome, severity, deciding, summary }: Finding) => [
  code(id),
  outcome === 'fail' ? '**fail**' : outcome,
  severity,
  deciding ? 'yes' : 'no',
  prose(summary),
];

const evidence = ([name, { source, observedAt, state, reason = '', detail = '' }]: [string, EvidenceItem]) => [
  code(name),
  prose(source),
  code(observedAt),
  state === 'present' ? state : `**absent**, ${prose(reason)}: ${prose(detail)}`,
];

const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((cells) => cells.map(cell))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** Rows are split at pipes before code spans are seen, and renderers disagree about a pipe with a backslash before it. */
const cell = (content: string): string => content.replace(/(?<=\\)\|/g, '\\u{7C}').replaceAll('|', '\\|');

/** At the beginning of a line a number with a full stop would start a list. */
const paragraph = (sentence: string): string => prose(sentence).replace(/^\d+(?=[.)])/, '$&\\');

/**
 * A sentence of ours with words of strangers in it. Only what consists of letters, or is a small number, is left as text; every
 * other word becomes a code span, in which nothing is expanded: no tag, link, mention, reference or shortcode. So a stranger's
 * backticks may move the borders of code spans, as ours do on purpose, and nothing else.
 */
const prose = (sentence: string): string => words(shown(sentence)).map(word).join(' ');

/** Of words like `defaced` GitHub makes commits. */
const PLAIN = /^(?!.*\b[\da-f]{7,}\b)(?:\p{L}+(?:['’-]\p{L}+)*|v\d|\d{1,6}(?:\.\d{1,6})?)$/u;

function word(whole: string): string {
  const [before = ''] = /^[("“‘]*/.exec(whole) ?? [];
  const [after = ''] = /(?<![.,;:!?)"”’])[.,;:!?)"”’]+$/.exec(whole.slice(before.length)) ?? [];
  const core = whole.slice(before.length, whole.length - after.length);
  if (core === '') return codeSpan(whole);
  if (PLAIN.test(core)) return whole;
  const [, marked = core] = /^`([^ `](?:[^`]*[^ `])?)`$/.exec(core) ?? [];
  return before + codeSpan(marked) + after;
}

const code = (value: string): string => (value === '' ? EMPTY : codeSpan(shown(value)));

/** CommonMark 0.31 §6.1: escapes do not work inside; a backtick at an edge needs a space, which is taken away again. */
function codeSpan(content: string): string {
  const fence = fenceFor(content, 1);
  const pad = /^`|`$/.test(content) ? ' ' : '';
  return `${fence}${pad}${content}${pad}${fence}`;
}

function shellBlock(commands: readonly string[]): string {
  const lines = commands.map(visible).join('\n');
  const fence = fenceFor(lines, 3);
  return `${fence}sh\n${lines}\n${fence}`;
}

/** Backticks, more of them than anywhere inside. */
const fenceFor = (content: string, atLeast: number): string =>
  '`'.repeat((content.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length + 1), atLeast));
