import type { Finding } from '../contract/finding.ts';
import type { Report, Verdict } from '../contract/report.ts';

/** The verdict as a heading says it. */
export const VERDICTS: Record<Verdict, string> = { pass: 'Pass', fail: 'Fail', inconclusive: 'Inconclusive' };

/** The findings a reader is told about before all the others: at most one root cause, what leaves the verdict open, what else failed. */
export function singledOut({ verdict, rootCause, findings }: Report): {
  cause: Finding[];
  open: BySummary[];
  failed: Finding[];
} {
  return {
    cause: findings.filter(({ id }) => id === rootCause).slice(0, 1),
    open: bySummary(
      findings.filter(({ deciding, outcome }) => verdict === 'inconclusive' && deciding && outcome !== 'pass'),
    ),
    failed: findings.filter(({ id, outcome }) => outcome === 'fail' && id !== rootCause),
  };
}

/** The slip and its place, where it is more than "something else altogether". */
export const differenceInWords = ({ difference }: Pick<Finding, 'difference'>): string[] => {
  if (!difference || (difference.kind === 'other' && difference.at === 0)) return [];
  return [`${difference.kind}, at index ${difference.at}`];
};

/** Checks that were not judged, by the reason they share: most stand behind one broken link, or the target asks for none. */
export const unjudged = (findings: readonly Finding[]): BySummary[] =>
  bySummary(findings.filter(({ outcome }) => outcome === 'not-applicable')).map(({ summary, ids }) => ({
    summary: summary.replace(/\.$/, ':'),
    ids,
  }));

/** Checks of which the same is to be said. */
interface BySummary {
  summary: string;
  ids: string[];
}

const bySummary = (findings: readonly Finding[]): BySummary[] =>
  [...Map.groupBy(findings, ({ summary }) => summary)].map(([summary, group]) => ({
    summary,
    ids: group.map(({ id }) => id),
  }));
