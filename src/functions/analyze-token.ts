import { type Blamed, predictedError } from '../checks/predicted-errors.ts';
import { type OnBug, runChecks } from '../checks/run.ts';
import { tokenQuestion } from '../checks/token-question.ts';
import { AnalyzeTokenRequest } from '../contract/analyze-token.ts';
import { annotate, type ClaimMeaning } from '../contract/claim-meanings.ts';
import type { CloudName } from '../contract/clouds.ts';
import type { Gathered, TokenEvidence } from '../contract/evidence.ts';
import type { Reception } from '../contract/report.ts';
import { PUBLIC_ONLY, type Target, TargetName, targetOf } from '../contract/target.ts';
import { gatherTokenEvidence } from '../evidence/gather.ts';
import { buildReport, outcomeOf } from '../report/build-report.ts';
import { policyUnknown } from './body.ts';
import { type LogFields, reportEndpoint, type World } from './endpoint.ts';
import { EXAMPLE_TOKENS } from './example-tokens.ts';
import { settingsWrong } from './response.ts';
import { tokenFacts } from './token-facts.ts';

/** When the tokens of the examples were valid. */
const AT = '2026-11-20T10:00:00Z';

/** `POST /api/tokens/analyze`: what is this token, and who would accept it? A bad token is a report, not an HTTP error. */
export const analyzeToken = reportEndpoint({
  summary: 'What is this token, and why would this target refuse it?',
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
    {
      name: 'claimsOnly',
      summary: 'Claims in place of a token, so that no live secret leaves a pipeline',
      body: {
        claims: {
          aud: 'api://AzureADTokenExchange',
          iss: 'https://token.actions.githubusercontent.com',
          sub: 'repo:contoso/shop:environment:production',
          iat: 1795168500,
          nbf: 1795168500,
          exp: 1795169400,
        },
        target: 'token-exchange',
        cloud: 'public',
        at: AT,
      },
    },
    {
      name: 'whoWouldTakeIt',
      summary: 'No target: who would take it?',
      body: { token: EXAMPLE_TOKENS.forArm, at: AT },
    },
  ],

  async diagnose({ body, requestId, note, reportBug }, world) {
    const { settings } = world;
    requirePolicy(body, world);
    const sources = await world.sources();
    const started = performance.now();
    const evidence = await gatherTokenEvidence(body, sources, settings.policies);
    const target = presentTarget(evidence);
    note({
      target: target.name,
      cloud: target.cloud,
      gatheredMs: Math.round(performance.now() - started),
      ...seen(evidence),
    });
    const claimsOnly = body.token === undefined;
    return buildReport({
      findings: runChecks(tokenQuestion, evidence, reportBug),
      evidence: { ...evidence, claimMeanings: meanings(evidence) },
      passSummary: passSummary(evidence, target),
      prelude: prelude(body, target),
      predictError: (rootCause) => predictedError(target, blamed(evidence, rootCause)),
      basis: claimsOnly ? 'supplied' : 'observed',
      facts: tokenFacts(evidence),
      ...(body.target === undefined && { receptions: receptions(evidence, target.cloud, reportBug) }),
      requestId,
      observedAt: sources.now(),
    });
  },
});

/** A policy that is asked for must be there, and the setting that holds it must be right. */
function requirePolicy({ target }: AnalyzeTokenRequest, { settings: { policies }, faults }: World): void {
  if (typeof target !== 'object' || target.policy === undefined || policies.has(target.policy)) return;
  const wrong = faults.filter(({ setting }) => setting === 'TOKEN_DOCTOR_POLICIES');
  if (wrong.length > 0) throw settingsWrong(wrong);
  throw policyUnknown({ pointer: '/target/policy' }, [...policies.keys()]);
}

function presentTarget({ target }: TokenEvidence): Target {
  if (target.state === 'absent') throw new Error('A target is always gathered.');
  return target.value;
}

/** The notes on every claim that is known here, as evidence beside the token. */
const meanings = ({ token }: TokenEvidence): Gathered<ClaimMeaning[]> =>
  token.state === 'present' ? { ...token, value: annotate(token.value) } : token;

const blamed = ({ token, tokenKind }: TokenEvidence, rootCause: string): Blamed => ({
  rootCause,
  kind: tokenKind.state === 'present' ? tokenKind.value.kind : undefined,
  claims: token.state === 'present' ? token.value.claims : {},
});

/** Receivers a token is commonly tried on: those that need nothing said of themselves. */
const TRIED = TargetName.options.filter((name) => !['mcp', 'servicenow-oidc', 'servicenow-jwt-bearer'].includes(name));

function receptions(evidence: TokenEvidence, cloud: CloudName, onBug: OnBug): Reception[] {
  if (evidence.token.state === 'absent') return [];
  return TRIED.filter((name) => cloud === 'public' || !PUBLIC_ONLY.includes(name)).map((name) => {
    const target = targetOf(name, cloud);
    const findings = runChecks(
      tokenQuestion,
      { ...evidence, target: { ...evidence.target, state: 'present', value: target } },
      onBug,
    );
    const { verdict, rootCause } = outcomeOf(findings);
    const error = rootCause === null ? undefined : predictedError(target, blamed(evidence, rootCause));
    return { target: name, title: target.title, verdict, rootCause, ...(error && { predictedError: error }) };
  });
}

/** Which token it was, without a word of it, and how the keys were had. */
const seen = ({ tokenForm, tokenKind, signingKeys }: TokenEvidence): LogFields => ({
  ...(tokenForm.state === 'present' && { token: tokenForm.value.sha256 }),
  ...(tokenKind.state === 'present' && { kind: tokenKind.value.kind }),
  ...(signingKeys.state === 'present' && { keys: signingKeys.value.cache.state }),
});

/** What a reader must know before the verdict: another moment, no signature, a target nobody named. */
function prelude({ at, token, target: asked }: AnalyzeTokenRequest, target: Target): string {
  return [
    ...(at === undefined ? [] : [`Judged for ${at}`]),
    ...(token === undefined ? ['Claims as handed in, signature not judged'] : []),
    ...(asked === undefined && target.name !== 'unnamed' ? [`For ${target.title}, to which the token points`] : []),
  ]
    .map((words) => `${words}: `)
    .join('');
}

/** Yes, with what a reader must know before relying on it. */
function passSummary({ tokenForm, signingKeys }: TokenEvidence, { title }: Target): string {
  const removed = tokenForm.state === 'present' ? tokenForm.value.removed : [];
  const cache = signingKeys.state === 'present' ? signingKeys.value.cache : undefined;
  const what = tokenForm.state === 'present' ? 'in this token' : 'in these claims';
  return [
    `Nothing ${what} keeps ${title} from accepting it${removed.length > 0 ? `, once this is taken away: ${removed.join(', ')}` : ''}.`,
    ...(cache?.state === 'stale'
      ? [`Its issuer did not answer again in time; the keys are ${cache.ageSeconds} s old.`]
      : []),
  ].join(' ');
}
