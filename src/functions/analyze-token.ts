import { tokenQuestion } from '../checks/index.ts';
import { predictedError } from '../checks/predicted-errors.ts';
import { runChecks } from '../checks/run.ts';
import { AnalyzeTokenRequest } from '../contract/analyze-token.ts';
import type { Evidence } from '../contract/evidence.ts';
import { targetOf } from '../contract/target.ts';
import { gatherTokenEvidence } from '../evidence/gather.ts';
import { buildReport } from '../report/build-report.ts';
import { reportEndpoint } from './endpoint.ts';
import { EXAMPLE_TOKENS } from './example-tokens.ts';

/** When the tokens of the examples were valid. */
const AT = '2026-11-20T10:00:00Z';

/** `POST /api/tokens/analyze`: would this target accept this token? A bad token is a report, not an HTTP error. */
export const analyzeToken = reportEndpoint({
  summary: 'Why would this target refuse this token?',
  description:
    'Reads the token as the target does and answers with the first broken link, the evidence and the command that mends it. A bad token is a good answer: its faults are findings, with status 200 unless the gate is asked for.',
  bodies: { json: AnalyzeTokenRequest },
  examples: [
    {
      name: 'wrongAudience',
      summary: 'ServiceNow sends AKS a token for Azure Resource Manager',
      body: { token: EXAMPLE_TOKENS.forArm, target: 'aks-api-server', cloud: 'public', at: AT },
    },
    {
      name: 'accepted',
      summary: 'The token it should send',
      body: { token: EXAMPLE_TOKENS.forAks, target: 'aks-api-server', cloud: 'public', at: AT },
    },
  ],

  async diagnose({ body, requestId, note, reportBug }, world) {
    const sources = await world.sources();
    const cloud = body.cloud ?? sources.cloud;
    const started = performance.now();
    const evidence = await gatherTokenEvidence(body, sources);
    note({ target: body.target, cloud, gatheredMs: Math.round(performance.now() - started), ...seen(evidence) });
    const findings = runChecks(tokenQuestion, evidence, reportBug);
    const target = targetOf(body.target, cloud);
    return buildReport({
      findings,
      evidence: { ...evidence },
      passSummary: passSummary(evidence, target.title),
      prelude: body.at === undefined ? undefined : `Judged for ${body.at}: `,
      predictError: (rootCause) => predictedError(body.target, rootCause),
      requestId,
      observedAt: sources.now(),
    });
  },
});

/** Which token it was, without a word of it, and how the keys were had. */
const seen = ({ tokenForm, signingKeys }: Evidence) => ({
  ...(tokenForm.state === 'present' && { token: tokenForm.value.sha256 }),
  ...(signingKeys.state === 'present' && { keys: signingKeys.value.cache.state }),
});

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
