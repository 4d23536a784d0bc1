import type { Gathered } from '../contract/evidence.ts';
import type { Finding } from '../contract/finding.ts';
import type { EvidenceItem, Fact, PredictedError, Reception, Report, Verdict } from '../contract/report.ts';

export interface ReportParts {
  findings: readonly Finding[];
  evidence: Readonly<Record<string, Gathered<unknown>>>;
  /** The sentence for a healthy outcome: what was asked, answered with yes. */
  passSummary: string;
  /** Said before the sentence when it is not about now. */
  prelude?: string | undefined;
  predictError(rootCause: string): PredictedError | undefined;
  basis?: Report['basis'];
  facts?: readonly Fact[];
  receptions?: readonly Reception[];
  requestId: string;
  observedAt: Date;
}

/** Puts findings and evidence into the one shape of every diagnosis. Decides the one-word answer and nothing else. */
export function buildReport(parts: ReportParts): Report {
  const findings = [...parts.findings];
  const { verdict, rootCause } = outcomeOf(findings);
  const predictedError = rootCause === null ? undefined : parts.predictError(rootCause);
  return {
    verdict,
    summary: `${parts.prelude ?? ''}${summaryOf(verdict, findings, parts.passSummary)}`,
    basis: parts.basis ?? 'observed',
    rootCause,
    ...(predictedError && { predictedError }),
    ...(parts.facts && { facts: [...parts.facts] }),
    ...(parts.receptions && { receptions: [...parts.receptions] }),
    findings,
    evidence: Object.fromEntries(Object.entries(parts.evidence).map(([name, item]) => [name, evidenceItem(item)])),
    requestId: parts.requestId,
    observedAt: parts.observedAt.toISOString(),
  };
}

/** The one-word answer and the first broken link. */
export function outcomeOf(findings: readonly Finding[]): Pick<Report, 'verdict' | 'rootCause'> {
  const verdict = verdictOf(findings);
  return { verdict, rootCause: verdict === 'fail' ? (findings.find(isBroken)?.id ?? null) : null };
}

const isBroken = ({ severity, outcome }: Finding) => severity === 'error' && outcome === 'fail';

/** `pass` needs every deciding check passed, and at least one; what could not be seen is never folded into it. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(isBroken)) return 'fail';
  const deciding = findings.filter((finding) => finding.deciding);
  return deciding.length > 0 && deciding.every((finding) => finding.outcome === 'pass') ? 'pass' : 'inconclusive';
}

function summaryOf(verdict: Verdict, findings: readonly Finding[], passSummary: string): string {
  if (verdict === 'pass') return passSummary;
  if (verdict === 'fail') {
    const broken = findings.find(isBroken);
    // The first line of a remediation is the thing to do; what follows says where.
    return [broken?.summary, broken?.remediation?.text.split('\n')[0]].filter(Boolean).join(' ');
  }
  const open = findings.find((finding) => finding.deciding && finding.outcome !== 'pass');
  return `Not decided. ${open?.summary ?? 'Nothing that decides could be judged.'}`;
}

function evidenceItem(item: Gathered<unknown>): EvidenceItem {
  const { source } = item;
  const observedAt = item.observedAt.toISOString();
  return item.state === 'present'
    ? { state: 'present', value: item.value, source, observedAt }
    : { state: 'absent', reason: item.reason, detail: item.detail, source, observedAt };
}
