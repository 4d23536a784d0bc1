import type { Absence } from '../contract/evidence.ts';
import type { Finding } from '../contract/finding.ts';
import type { Check, EvidenceName, Ruling } from './check.ts';
import type { Given, Question } from './questions.ts';

/** Told when a check throws, which is our own bug: it must not blank the other findings. */
export type OnBug = (checkId: string, error: unknown) => void;

/** Runs a question's checks on the same evidence, in fix order, and reports all of them, those that could not run included. */
export function runChecks(question: Question, evidence: Given, onBug: OnBug): Finding[] {
  const deciding = new Set(question.deciding(evidence));
  const failed = new Set<string>();
  return question.checks.map((check) => {
    const { outcome, summary, expected, actual, difference, remediation, commands } = ruling(
      check,
      evidence,
      failed,
      onBug,
    );
    if (outcome === 'fail') failed.add(check.id);
    return {
      id: check.id,
      title: check.title,
      severity: check.severity,
      outcome,
      deciding: deciding.has(check.id),
      summary,
      ...(expected !== undefined && { expected }),
      ...(actual !== undefined && { actual }),
      ...(difference !== undefined && { difference }),
      ...(outcome === 'fail' && {
        remediation: remediation ?? { text: check.remediation, ...(commands && { commands }) },
      }),
      reference: check.reference,
    };
  });
}

function ruling(check: Check, evidence: Given, failed: ReadonlySet<string>, onBug: OnBug): Ruling {
  const first = check.behind.find((id) => failed.has(id));
  if (first !== undefined) return { outcome: 'not-applicable', summary: `Not judged: ${first} comes first.` };

  const absent = check.needs.flatMap((name) => absenceOf(evidence[name]));
  if (absent.length > 0) {
    const outcome = absent.every((item) => item.reason === 'not-provided') ? 'not-applicable' : 'unknown';
    return { outcome, summary: [...new Set(absent.map((item) => item.detail))].join(' ') };
  }
  try {
    return check.run(
      Object.fromEntries(check.needs.map((name) => [name, presentValue(evidence, name)])) as Parameters<
        Check['run']
      >[0],
    );
  } catch (error) {
    onBug(check.id, error);
    return { outcome: 'unknown', summary: 'Not judged: this check failed, which is a fault of Token Doctor.' };
  }
}

const NOT_GATHERED = { reason: 'not-provided', detail: 'It is not part of this question.' } as const;

const absenceOf = (item: Given[EvidenceName]): { reason: Absence; detail: string }[] =>
  item?.state === 'present' ? [] : [item ?? NOT_GATHERED];

function presentValue(evidence: Given, name: EvidenceName): unknown {
  const item = evidence[name];
  return item?.state === 'present' ? item.value : undefined;
}
