import { tokenQuestion } from '../checks/index.ts';
import { predictedError } from '../checks/predicted-errors.ts';
import { runChecks } from '../checks/run.ts';
import { AnalyzeTokenRequest } from '../contract/analyze-token.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { Report } from '../contract/report.ts';
import { targetOf } from '../contract/target.ts';
import { gatherTokenEvidence, type Sources } from '../evidence/gather.ts';
import { buildReport } from '../report/build-report.ts';
import type { Endpoint } from './endpoint.ts';
import { jsonBody } from './json-body.ts';

/** `POST /api/tokens/analyze`: would this target accept this token? A bad token is a report, not an HTTP error. */
export const analyzeToken =
  (sources: Sources): Endpoint =>
  async ({ request, requestId, reportBug }): Promise<Report> => {
    const question = await jsonBody(request, AnalyzeTokenRequest);
    const evidence = await gatherTokenEvidence(question, sources);
    const findings = runChecks(tokenQuestion, evidence, reportBug);
    const target = targetOf(question.target, question.cloud ?? sources.cloud);
    return buildReport({
      findings,
      evidence: { ...evidence },
      passSummary: passSummary(evidence, target.title),
      prelude: question.at === undefined ? undefined : `Judged for ${question.at}: `,
      predictError: (rootCause) => predictedError(question.target, rootCause),
      requestId,
      observedAt: sources.now(),
    });
  };

/** Yes, with what a reader must know before relying on it. */
function passSummary({ tokenForm, signingKeys }: Evidence, target: string): string {
  const removed = tokenForm.state === 'present' ? tokenForm.value.removed : [];
  const cache = signingKeys.state === 'present' ? signingKeys.value.cache : undefined;
  return [
    `Nothing in this token keeps ${target} from accepting it${removed.length > 0 ? `, once this is taken away: ${removed.join(', ')}` : ''}.`,
    ...(cache?.state === 'stale'
      ? [`Its issuer did not answer again in time; the keys are ${cache.ageSeconds} s old.`]
      : []),
  ].join(' ');
}
