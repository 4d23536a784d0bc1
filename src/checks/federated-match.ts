import { entraIssuer } from '../contract/clouds.ts';
import { difference, subjectDifference } from '../contract/difference.ts';
import {
  type Assertion,
  type FederatedCredential,
  type FederatedCredentials,
  type FederatedIdentity,
  isOfBinding,
} from '../contract/federation.ts';
import type { Difference, DifferenceKind } from '../contract/finding.ts';
import { TOKEN_EXCHANGE_APP_ID, TOKEN_EXCHANGE_AUDIENCE, TOKEN_EXCHANGE_AUDIENCES } from '../contract/resources.ts';
import { fulfils } from './matching-expression.ts';

/** One field of a credential beside what is presented. `open`: no source, or nothing that is known, settles it. */
export interface FieldMatch {
  state: 'equal' | 'differs' | 'open';
  /** What is presented, so what the credential should say. */
  expected?: string;
  /** What it says. */
  actual: string;
  difference?: Difference | undefined;
  /** Why it is open. */
  why?: string;
}

export interface Candidate {
  credential: FederatedCredential;
  issuer: FieldMatch;
  subject: FieldMatch;
  audience: FieldMatch;
}

/** Slips: most likely the credential was meant for this very token. */
const SLIPS: readonly (DifferenceKind | undefined)[] = [
  'trailing-slash',
  'letter-case',
  'white-space',
  'homoglyph',
  'encoding',
];

/** How near a field comes: equal, open, a slip away, something alike, nothing alike. */
function nearness({ state, difference: slip }: FieldMatch): number {
  if (state === 'equal') return 6;
  if (state === 'open') return 5;
  if (SLIPS.includes(slip?.kind)) return 4;
  return slip === undefined || slip.kind === 'other' ? 0 : 2;
}

/**
 * The credentials as Entra compares them: each field by itself, letter for letter (entra-docs, workload identity federation). The
 * nearest one comes first; of equally near ones the one for this subject, and with one audience. Those of identity bindings serve another way.
 */
export function candidatesFor(assertion: Assertion, credentials: FederatedCredentials): readonly Candidate[] {
  const known = judgedBefore.get(credentials);
  if (known?.assertion === assertion) return known.candidates;
  const candidates = judge(assertion, credentials);
  judgedBefore.set(credentials, { assertion, candidates });
  return candidates;
}

/** Several checks ask the same of one request. */
const judgedBefore = new WeakMap<FederatedCredentials, { assertion: Assertion; candidates: readonly Candidate[] }>();

function judge(assertion: Assertion, { credentials, of }: FederatedCredentials): readonly Candidate[] {
  const judged = credentials
    .filter((credential) => !isOfBinding(credential))
    .map((credential) => ({
      credential,
      issuer: issuerOf(assertion, credential),
      subject: subjectOf(assertion, credential, of),
      audience: audienceOf(assertion, credential),
    }));
  const score = ({ credential, issuer, subject, audience }: Candidate) =>
    [issuer, subject, audience].reduce((sum, field) => sum + nearness(field), 0) * 20 +
    nearness(subject) * 2 +
    (credential.audiences?.length === 1 ? 1 : 0);
  return judged.toSorted((one, other) => score(other) - score(one));
}

/** The credential to look at: the one that matches, or was most likely meant to. */
export const nearestCandidate = (assertion: Assertion, credentials: FederatedCredentials): Candidate | undefined =>
  candidatesFor(assertion, credentials)[0];

function compared(expected: string | undefined, actual: string, unknown: string, differ = difference): FieldMatch {
  if (expected === undefined) return { state: 'open', actual, why: unknown };
  if (expected === actual) return { state: 'equal', expected, actual };
  return { state: 'differs', expected, actual, difference: differ(expected, actual) };
}

const issuerOf = ({ issuer }: Assertion, credential: FederatedCredential): FieldMatch =>
  compared(issuer, credential.issuer, 'The issuer of its tokens is not known.');

/** Claims that an expression may look up, by issuers of which flexible credentials are documented. */
const FLEXIBLE: readonly { issuer: RegExp; claims: readonly string[] }[] = [
  {
    issuer: /^https:\/\/token\.actions\.githubusercontent\.com(?:\/[A-Za-z0-9-]+)?$/,
    claims: ['sub', 'job_workflow_ref'],
  },
  { issuer: /^https:\/\/(?:gitlab\.com|app\.terraform\.io)$/, claims: ['sub'] },
];

function subjectOf(
  assertion: Assertion,
  { subject, expression, issuer }: FederatedCredential,
  of: FederatedIdentity | undefined,
): FieldMatch {
  const told = assertion.subject === undefined ? {} : { expected: assertion.subject };
  const open = (actual: string, why: string): FieldMatch => ({ state: 'open', ...told, actual, why });
  if (subject !== undefined && expression)
    return open(subject, 'It names a subject and an expression, of which Azure takes one.');
  if (subject !== undefined)
    return compared(
      assertion.subject,
      subject,
      assertion.from === 'workload'
        ? 'The workload is not known: send its token, or name its service account or subject as `workload`.'
        : 'The token names no subject.',
      subjectDifference,
    );
  if (!expression)
    return open('an expression that is not told', 'It is a flexible credential, of which the expression is not known.');
  const actual = expression.value;
  const language = FLEXIBLE.find((candidate) => candidate.issuer.test(issuer));
  if (!language)
    return open(
      actual,
      'Flexible credentials are documented for GitHub, GitLab and Terraform Cloud, and not for this issuer.',
    );
  if (of?.kind !== 'application')
    return open(
      actual,
      'Flexible credentials are documented for application registrations, and not for this identity.',
    );
  const met = fulfils(assertion.claims, expression, language.claims, assertion.from !== 'workload');
  if (met === undefined) return open(actual, 'Its expression could not be judged with what is known of the token.');
  return { state: met ? 'equal' : 'differs', ...told, actual };
}

function audienceOf({ audiences, issuer }: Assertion, { audiences: trusted }: FederatedCredential): FieldMatch {
  if (!trusted) return { state: 'open', actual: 'not told', why: 'Its audience was not told.' };
  const actual = trusted.join(', ');
  if (!audiences) return { state: 'open', actual, why: 'The audience of its tokens is not known.' };
  const [audience = ''] = audiences;
  const expected = audiences.join(', ');
  if (audiences.length > 1 && audiences.some((one) => trusted.includes(one)))
    return {
      state: 'open',
      expected,
      actual,
      why: 'The token names several audiences, and no source says what Entra makes of that.',
    };
  if (audiences.length === 1 && trusted.includes(audience)) return { state: 'equal', expected, actual };
  // Entra’s own v2 tokens carry the id in place of the address, whichever the credential names.
  const entra = audience === TOKEN_EXCHANGE_APP_ID && audiences.length === 1 ? entraIssuer(issuer ?? '') : undefined;
  if (entra && trusted.some((one) => TOKEN_EXCHANGE_AUDIENCES.includes(one)))
    return trusted.includes(TOKEN_EXCHANGE_AUDIENCE) && entra.clouds.includes('public')
      ? { state: 'equal', expected, actual }
      : { state: 'open', expected, actual, why: 'Of this cloud no source has the id of the exchange.' };
  return { state: 'differs', expected, actual, difference: difference(expected, actual) };
}
