import { tokenQuestion } from '../checks/index.ts';
import { predictedError } from '../checks/predicted-errors.ts';
import { runChecks } from '../checks/run.ts';
import { AnalyzeTokenRequest } from '../contract/analyze-token.ts';
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
      passSummary: `Nothing in this token keeps ${target.title} from accepting it.`,
      prelude: question.at === undefined ? undefined : `Judged for ${question.at}: `,
      predictError: (rootCause) => predictedError(question.target, rootCause),
      requestId,
      observedAt: sources.now(),
    });
  };
