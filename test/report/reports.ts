import fc from 'fast-check';
import { DifferenceKind, type Finding, Outcome, Severity } from '../../src/contract/finding.ts';
import { type EvidenceItem, type Report, Verdict } from '../../src/contract/report.ts';

export const OBSERVED_AT = '2026-11-20T10:00:00.123Z';

export const findingOf = (id: string, outcome: Outcome, more: Partial<Finding> = {}): Finding => ({
  id,
  title: `All is well with ${id}`,
  severity: 'error',
  outcome,
  deciding: true,
  summary: `Seen of ${id}.`,
  ...(outcome === 'fail' && { remediation: { text: `Mend ${id}.` } }),
  reference: 'https://rules.example/rule#one',
  ...more,
});

export const reportOf = (verdict: Verdict, findings: Finding[], more: Partial<Report> = {}): Report => ({
  verdict,
  summary: 'One sentence.',
  basis: 'observed',
  rootCause: null,
  findings,
  evidence: {},
  requestId: 'r-1',
  observedAt: OBSERVED_AT,
  ...more,
});

export const present: EvidenceItem = { state: 'present', value: { n: 1 }, source: 'token', observedAt: OBSERVED_AT };
export const absent: EvidenceItem = {
  state: 'absent',
  reason: 'unreachable',
  detail: 'It is down.',
  source: 'keys',
  observedAt: OBSERVED_AT,
};

/** One of each kind of finding, with all that a root cause can tell. */
export const failed = reportOf(
  'fail',
  [
    findingOf('first', 'pass'),
    findingOf('broken', 'fail', {
      expected: 'https://issuer.example/a/',
      actual: 'https://issuer.example/a',
      difference: { kind: 'trailing-slash', at: 24 },
      remediation: { text: 'Mend it.\nHere it is done.', commands: ['one --flag "a b"', 'two | three'] },
    }),
    findingOf('broken-too', 'fail', { expected: 'x', remediation: { text: 'Mend this.', commands: ['four'] } }),
    findingOf('worrying', 'fail', { severity: 'warning', deciding: false }),
    findingOf('unseen', 'unknown'),
    findingOf('aside', 'unknown', { severity: 'info', deciding: false }),
    findingOf('behind', 'not-applicable'),
  ],
  {
    rootCause: 'broken',
    predictedError: { code: 'AADSTS1', certainty: 'documented' },
    evidence: { token: present, signingKeys: absent },
  },
);

/** What a hostile token may try on whoever reads a report, by the place where it would work. */
export const NASTY = [
  ...['<img src=x onerror=alert(1)>', '<!--', '&lt;', '<https://evil.example>', ']]>', '<![CDATA[', '</testcase>'],
  ...['[x](javascript:alert(1))', '![x](https://evil.example/x.png)', 'https://evil.example', 'www.evil.example'],
  ...[
    'a@evil.example',
    '@someone',
    '#1',
    'GH-1',
    'owner/repo#1',
    '0123456789abcdef',
    'defaced',
    ':tada:',
    '$x$',
    '/close',
    '~~a~~',
  ],
  ...[
    '`',
    '``',
    '```',
    '` a `',
    '```sh',
    '|',
    '\\|',
    '\\\\|',
    '\\',
    '*a*',
    '_a_',
    '# a',
    '- a',
    '1. a',
    '1.',
    '> a',
    '---',
  ],
  ...[
    '\n',
    '\r\n',
    '\t',
    '\n\n## a',
    '\n| a | b |',
    '\u2028',
    '\u0085',
    '\u001b[2J',
    '\u009b2J',
    '\u001b]0;a\u0007',
    '\b\u007f',
  ],
  ...['\u202e', '\u2066', '\u200b', '\u2060', '\ufeff', '\u00ad', '\u{e0041}', '\u3164', '\u00a0', '\ud800', '\udc00'],
  ...[
    '##vso[task.setvariable variable=a]b',
    '##[error]a',
    '::error::a',
    ' ::error::a',
    '\\u{41}',
    '\0',
    '\ufffe',
    '😀',
    ' ',
    '  ',
  ],
];

const nasty = fc.constantFrom(...NASTY);
/** Any text, most of it made of what is nasty. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  nasty,
  fc
    .array(fc.oneof(nasty, fc.string({ unit: 'binary' }), fc.constantFrom('a', 'word', ' ')), { maxLength: 8 })
    .map((parts) => parts.join('')),
);

const someText = anyText.filter((text) => text !== '');

const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    id: someText,
    title: anyText,
    severity: fc.constantFrom(...Severity.options),
    outcome: fc.constantFrom(...Outcome.options),
    deciding: fc.boolean(),
    summary: anyText,
    expected: anyText,
    actual: anyText,
    difference: fc.record({ kind: fc.constantFrom(...DifferenceKind.options), at: fc.nat(40) }),
    remediation: fc.record({ text: anyText, commands: fc.array(someText, { maxLength: 3 }) }),
    reference: anyText,
  },
  { requiredKeys: ['id', 'title', 'severity', 'outcome', 'deciding', 'summary', 'reference'] },
);
const anyEvidence: fc.Arbitrary<EvidenceItem> = fc.record(
  {
    state: fc.constantFrom('present', 'absent'),
    value: fc.anything(),
    reason: anyText,
    detail: anyText,
    source: anyText,
    observedAt: anyText,
  },
  { requiredKeys: ['state', 'source', 'observedAt'] },
);

/** A report that has nasty text wherever text can be. */
export const anyReport: fc.Arbitrary<Report> = fc
  .tuple(
    fc.record({
      verdict: fc.constantFrom(...Verdict.options),
      summary: anyText,
      basis: fc.constantFrom('observed', 'supplied', 'mixed'),
      findings: fc.uniqueArray(anyFinding, { maxLength: 5, selector: ({ id }) => id }),
      evidence: fc.dictionary(anyText, anyEvidence, { maxKeys: 4 }),
      // Names of facts and receivers are ours; what is said of them may be a stranger's.
      facts: fc.array(fc.record({ name: fc.constant('Subject'), value: anyText, because: anyText }), { maxLength: 3 }),
      receptions: fc.array(
        fc.record({
          target: fc.constant('arm'),
          title: fc.constant('Azure Resource Manager'),
          verdict: fc.constantFrom(...Verdict.options),
          rootCause: fc.option(anyText),
        }),
        { maxLength: 3 },
      ),
      requestId: anyText,
      observedAt: anyText,
    }),
    anyText,
    fc.nat(4),
  )
  .map(([report, code, which]) => {
    const rootCause = report.verdict === 'fail' ? (report.findings[which]?.id ?? null) : null;
    return {
      ...report,
      rootCause,
      ...(rootCause !== null && { predictedError: { code, certainty: 'likely' as const } }),
    };
  });

/** What a reader makes of the escapes for characters that are not to be seen. */
export const readBack = (shown: string): string =>
  shown.replace(/\\u\{([0-9A-F]+)\}/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)));

/** Controls but for the line feed, spaces but for the space, bidirectional and other invisible characters, half characters. */
const UNSEEN: readonly (readonly [from: number, to: number])[] = [
  ...([
    [0x00, 0x09],
    [0x0b, 0x1f],
    [0x7f, 0xa0],
    [0xad, 0xad],
    [0x034f, 0x034f],
    [0x061c, 0x061c],
  ] as const),
  ...([
    [0x115f, 0x1160],
    [0x180e, 0x180e],
    [0x2000, 0x200f],
    [0x2028, 0x202f],
    [0x205f, 0x206f],
  ] as const),
  ...([
    [0x2800, 0x2800],
    [0x3000, 0x3000],
    [0x3164, 0x3164],
    [0xd800, 0xdfff],
    [0xfe00, 0xfe0f],
  ] as const),
  ...([
    [0xfeff, 0xfeff],
    [0xffa0, 0xffa0],
    [0xfff9, 0xfffb],
    [0xfffe, 0xffff],
    [0xe0000, 0xe0fff],
  ] as const),
];

/** The characters of a rendering that must not reach a reader as they are. */
export const unseenIn = (rendering: string): string[] =>
  [...rendering].filter((character) =>
    UNSEEN.some(([from, to]) => from <= codeOf(character) && codeOf(character) <= to),
  );

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;

/** What Azure Pipelines (`##vso[`) and GitHub Actions (`##[`, `::`) take from a log as a command. */
export const PIPELINE_COMMAND = /##(?:vso)?\[|^\s*::/m;
