import { describe, expect, it, vi } from 'vitest';
import { type Check, defineCheck, fail, pass, unknown } from '../../src/checks/check.ts';
import { runChecks } from '../../src/checks/run.ts';
import { OF_HEADERS, OF_WHOLE_TOKENS, tokenQuestion } from '../../src/checks/token-question.ts';
import { targetOf } from '../../src/contract/target.ts';
import { evidenceWith, NOW, tokenWith } from './builders.ts';

const words = {
  title: 'All is well',
  severity: 'error',
  behind: [],
  remediation: 'Make it well.',
  reference: 'https://rules.example/rule',
} as const;

const broken = defineCheck({ ...words, id: 'broken', needs: [], run: () => fail('It is not.') });
const healthy = defineCheck({ ...words, id: 'healthy', needs: [], run: () => pass('It is.') });
const undecided = defineCheck({ ...words, id: 'undecided', needs: [], run: () => unknown('Who knows?') });
const throwing = defineCheck({
  ...words,
  id: 'throwing',
  needs: [],
  run: () => {
    throw new TypeError('undefined is not a function');
  },
});

const none = () => expect.unreachable('no check throws here');
const findingsOf = (
  checks: readonly unknown[],
  evidence = evidenceWith({}),
  onBug: Parameters<typeof runChecks>[2] = none,
) => runChecks({ ...tokenQuestion, checks: checks as Check[] }, evidence, onBug);
const outcomesOf = (...given: Parameters<typeof findingsOf>) =>
  Object.fromEntries(findingsOf(...given).map(({ id, outcome }) => [id, outcome]));

describe('runChecks', () => {
  it('reports every check, in its order and in its own words', () => {
    const findings = findingsOf([healthy, broken, undecided]);
    expect(findings.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['healthy', 'pass'],
      ['broken', 'fail'],
      ['undecided', 'unknown'],
    ]);
    expect(findings[0]).toEqual({
      id: 'healthy',
      title: words.title,
      severity: 'error',
      outcome: 'pass',
      deciding: false,
      summary: 'It is.',
      reference: words.reference,
    });
  });

  it('hands a check the evidence it names and nothing else', () => {
    const run = vi.fn(() => pass('Seen.'));
    findingsOf(
      [{ ...healthy, needs: ['now', 'token'], run }],
      evidenceWith({
        now: NOW,
        token: tokenWith({}),
        tokenForm: {
          lengthBytes: 1,
          sha256: '',
          removed: [],
        },
      }),
    );
    expect(run).toHaveBeenCalledExactlyOnceWith({ now: NOW, token: tokenWith({}) });
  });

  it('passes on expected, actual and difference, and leaves out what a check does not say', () => {
    const difference = { kind: 'letter-case', at: 3 } as const;
    const run = () => fail('It is not.', { expected: 'a', actual: '', difference });
    const [telling, silent] = findingsOf([{ ...broken, run }, broken]);
    expect(telling).toMatchObject({ expected: 'a', actual: '', difference });
    expect(silent).not.toHaveProperty('expected');
    expect(silent).not.toHaveProperty('actual');
    expect(silent).not.toHaveProperty('difference');
  });
});

describe('runChecks without evidence', () => {
  const needing = (...needs: Check['needs']) => ({ ...healthy, id: 'needing', needs });

  it.each([
    ['all there', needing('now'), { now: NOW }, {}, 'pass'],
    ['one of two there', needing('now', 'token'), { now: NOW }, { token: 'malformed' }, 'unknown'],
    ['not provided', needing('token'), {}, { token: 'not-provided' }, 'not-applicable'],
    [
      'not provided, the other there',
      needing('now', 'token'),
      { now: NOW },
      { token: 'not-provided' },
      'not-applicable',
    ],
    [
      'two not provided',
      needing('token', 'signature'),
      {},
      { token: 'not-provided', signature: 'not-provided' },
      'not-applicable',
    ],
    [
      'not provided, and not reachable',
      needing('token', 'signature'),
      {},
      { token: 'not-provided', signature: 'unreachable' },
      'unknown',
    ],
    ['untrusted', needing('trustedIssuer'), {}, { trustedIssuer: 'untrusted' }, 'unknown'],
    ['forbidden', needing('issuerMetadata'), {}, { issuerMetadata: 'forbidden' }, 'unknown'],
    ['not found', needing('issuerMetadata'), {}, { issuerMetadata: 'not-found' }, 'unknown'],
    ['of no concern', needing(), {}, {}, 'pass'],
  ] as const)('%s', (_name, check, values, reasons, outcome) => {
    expect(outcomesOf([check], evidenceWith(values, reasons))).toEqual({ needing: outcome });
  });

  it('says why, each reason once', () => {
    const evidence = evidenceWith({});
    const same = { ...evidence, signature: evidence.token as typeof evidence.signature };
    expect(findingsOf([needing('token', 'signature')], same)[0]!.summary).toBe('No token.');
    expect(findingsOf([needing('token', 'signature')], evidence)[0]!.summary).toBe('No token. No signature.');
  });

  it('does not run the check', () => {
    const run = vi.fn(() => pass('Seen.'));
    findingsOf([{ ...needing('token'), run }]);
    expect(run).not.toHaveBeenCalled();
  });
});

describe('runChecks behind a failed check', () => {
  const behind = (id: string, ...ids: string[]) => ({ ...healthy, id, behind: ids });

  it.each([
    ['a failed one', [broken, behind('later', 'broken')], 'not-applicable'],
    ['one of several failed', [healthy, broken, behind('later', 'healthy', 'broken')], 'not-applicable'],
    ['a passed one', [healthy, behind('later', 'healthy')], 'pass'],
    ['an undecided one', [undecided, behind('later', 'undecided')], 'pass'],
    ['one that threw', [throwing, behind('later', 'throwing')], 'pass'],
    ['one that was not judged itself', [broken, behind('between', 'broken'), behind('later', 'between')], 'pass'],
    ['another that failed', [broken, behind('later', 'healthy')], 'pass'],
  ] as const)('%s', (_name, checks, outcome) => {
    expect(outcomesOf(checks, evidenceWith({}), () => {}).later).toBe(outcome);
  });

  it('names the first that failed, does not run, and weighs more than missing evidence', () => {
    const run = vi.fn(() => pass('Seen.'));
    const checks = [healthy, broken, { ...behind('later', 'healthy', 'broken'), needs: ['token'], run }];
    const later = findingsOf(checks).at(-1)!;
    expect(later.outcome).toBe('not-applicable');
    expect(later.summary).toContain('broken');
    expect(run).not.toHaveBeenCalled();
  });
});

describe('runChecks with a check that throws', () => {
  it('is unknown, told to us, and harms no other', () => {
    const onBug = vi.fn();
    expect(outcomesOf([broken, throwing, healthy], evidenceWith({}), onBug)).toEqual({
      broken: 'fail',
      throwing: 'unknown',
      healthy: 'pass',
    });
    expect(onBug).toHaveBeenCalledExactlyOnceWith('throwing', expect.any(TypeError));
  });

  it('repeats nothing of the error', () => {
    const [finding] = findingsOf([throwing], evidenceWith({}), () => {});
    expect(JSON.stringify(finding)).not.toContain('undefined is not a function');
  });
});

describe('remediation', () => {
  const more = { remediation: { text: 'Do this.', commands: ['true'] } };

  it.each([
    ['the check’s own on fail', () => fail('It is not.'), { text: words.remediation }],
    ['the better one of the case on fail', () => fail('It is not.', more), more.remediation],
    ['none on pass', () => pass('It is.', more), undefined],
    ['none on unknown', () => unknown('Who knows?', more), undefined],
  ])('%s', (_name, run, remediation) => {
    expect(findingsOf([{ ...healthy, run }])[0]!.remediation).toEqual(remediation);
  });

  it('is not there when a check was not judged', () => {
    const findings = findingsOf(
      [broken, { ...healthy, behind: ['broken'] }, { ...healthy, needs: ['token'] }, throwing],
      evidenceWith({}),
      () => {},
    );
    expect(findings.filter((finding) => 'remediation' in finding).map(({ id }) => id)).toEqual(['broken']);
  });
});

describe('deciding', () => {
  const decidingFor = (evidence: ReturnType<typeof evidenceWith>) => {
    const marked = runChecks(tokenQuestion, evidence, none).filter(({ deciding }) => deciding);
    const ids = marked.map(({ id }) => id);
    expect([...ids].sort()).toEqual([...tokenQuestion.deciding(evidence)].sort());
    return ids;
  };

  it.each([
    ['aks-api-server', true],
    ['arm', false],
  ] as const)('goes by the target: %s', (name, groups) => {
    expect(decidingFor(evidenceWith({ target: targetOf(name, 'public') })).includes('group-overage')).toBe(groups);
  });

  it.each<[string, object, boolean, boolean]>([
    ['a whole token that could not be read', {}, true, true],
    ['header and claims', { tokenForm: 'not-provided' }, false, true],
    ['claims alone', { tokenForm: 'not-provided', header: 'not-provided' }, false, false],
  ])('goes by what was handed in: %s', (_name, reasons, ofWhole, ofHeader) => {
    const ids = decidingFor(evidenceWith({ target: targetOf('aks-api-server', 'public') }, reasons));
    for (const id of OF_WHOLE_TOKENS) expect([id, ids.includes(id)]).toEqual([id, ofWhole]);
    for (const id of OF_HEADERS) expect([id, ids.includes(id)]).toEqual([id, ofHeader]);
    expect(ids).toContain('audience-not-accepted');
  });

  it('is nothing without a target', () => {
    expect(decidingFor(evidenceWith({}))).toEqual([]);
  });

  it('takes evidence that a question does not gather for not asked for', () => {
    const [finding] = runChecks({ checks: [healthy as Check], deciding: () => [] }, {}, none);
    const [needing] = runChecks({ checks: [{ ...healthy, needs: ['token'] } as Check], deciding: () => [] }, {}, none);
    expect([finding?.outcome, needing?.outcome]).toEqual(['pass', 'not-applicable']);
  });
});
