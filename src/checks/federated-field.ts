import { entraIssuer } from '../contract/clouds.ts';
import { difference } from '../contract/difference.ts';
import type { Evidence } from '../contract/evidence.ts';
import { type Assertion, MOST_CREDENTIALS } from '../contract/federation.ts';
import type { DifferenceKind, Remediation } from '../contract/finding.ts';
import { resourceOf, TOKEN_EXCHANGE_AUDIENCES } from '../contract/resources.ts';
import { writeCredential } from './azure-commands.ts';
import { fail, type Present, pass, type Ruling, shown, unknown } from './check.ts';
import { type Candidate, type FieldMatch, nearestCandidate } from './federated-match.ts';

/** What the checks of single fields look at. */
export const FIELD_NEEDS = ['federatedCredentials', 'assertion'] as const satisfies (keyof Evidence)[];
type Seen = Present<'federatedCredentials' | 'assertion'>;

/** One field of the credential that comes nearest: whether it is what is presented, letter for letter. */
export function judgeField(
  name: 'issuer' | 'subject' | 'audience',
  seen: Seen,
  advice: (candidate: Candidate, field: FieldMatch) => string,
): Ruling {
  const { federatedCredentials, assertion } = seen;
  const candidate = nearestCandidate(assertion, federatedCredentials);
  if (!candidate)
    return {
      outcome: 'not-applicable',
      summary: federatedCredentials.complete
        ? 'There is no federated credential for the direct exchange.'
        : 'No federated credential for the direct exchange could be read.',
    };
  const field = name === 'audience' ? fromTheRightSide(candidate.audience) : candidate[name];
  // Entra gives the v1 issuer by the audience, which is judged by itself.
  if (name === 'issuer' && field.state === 'differs' && entraIssuer(assertion.issuer ?? '')?.version === '1.0')
    return { outcome: 'not-applicable', summary: 'Not judged: the issuer has its v1 form because of the audience.' };
  const called = shown(candidate.credential.name ?? 'without a name');
  if (field.state === 'equal')
    return pass(`The ${name} of the federated credential ${called} is the one that is presented, letter for letter.`);
  const told = {
    ...(field.expected !== undefined && { expected: shown(field.expected) }),
    actual: shown(field.actual),
    ...(field.difference && { difference: field.difference }),
  };
  if (field.state === 'open')
    return unknown(
      `The ${name} of the federated credential ${called} could not be compared. ${field.why ?? ''}`.trim(),
      told,
    );
  if (!federatedCredentials.complete)
    return unknown(
      `No federated credential that was read has the ${name} that is presented, and not all could be read.`,
      told,
    );
  if (name === 'issuer' && assertion.issuerWritten && SLIPS.includes(field.difference?.kind))
    return unknown(
      `The issuer was written in the request, and differs by a slip from the one that the federated credential ${called} names: send the token, or write the issuer as the cluster or the pipeline has it.`,
      told,
    );
  const count = federatedCredentials.credentials.length;
  const which = `${called}${count > 1 ? `, the nearest of ${count},` : ''}`;
  return fail(
    name === 'issuer' || field.expected === undefined
      ? `The ${name} of the federated credential ${which} is not the one that is presented.`
      : `The federated credential ${which} names the ${name} ${shown(candidate[name].actual)}, and ${shown(candidate[name].expected)} is presented.`,
    { ...told, remediation: remedy(seen, candidate, advice(candidate, candidate[name])) },
  );
}

/** Where the credential has the audience of the exchange and the token another, it is the token that has to change. */
function fromTheRightSide(field: FieldMatch): FieldMatch {
  const { state, expected = '', actual } = field;
  const ofExchange = (audience: string) => TOKEN_EXCHANGE_AUDIENCES.includes(audience);
  return state === 'differs' && ofExchange(actual) && !ofExchange(expected)
    ? { state, expected: actual, actual: expected, difference: difference(actual, expected) }
    : field;
}

/** Whether no federated credential should be made to say what is presented: Entra exchanges none like it, or its audience is in doubt. */
export const isUnfit = ({ issuer, audiences = [] }: Assertion, known: readonly string[]): boolean =>
  entraIssuer(issuer ?? '')?.version === '1.0' ||
  audiences.length !== 1 ||
  !audiences.every((audience) => known.includes(audience));

/** A resource of Microsoft's own, which is asked for after the exchange. */
export function isForAnotherResource(audience: string): boolean {
  const resource = resourceOf(audience);
  return resource !== undefined && resource.target !== 'token-exchange';
}

/** Writes the credential as the token has it; where it serves another workload, a further one beside it. */
function remedy({ assertion, federatedCredentials }: Seen, candidate: Candidate, text: string): Remediation {
  const { issuer, subject, audiences = [] } = assertion;
  const { credentials, of } = federatedCredentials;
  const agreed = candidate.audience.state === 'equal' ? audiences : TOKEN_EXCHANGE_AUDIENCES;
  if (isUnfit(assertion, agreed)) return { text };
  const existing = serves(candidate) === 'this' ? candidate.credential : undefined;
  // Whoever runs under `default` should run under another.
  if (subject?.startsWith('system:serviceaccount:') && subject.endsWith(':default')) return { text };
  if (!existing && credentials.length >= MOST_CREDENTIALS)
    return {
      text: `${text} The identity has ${MOST_CREDENTIALS} already, as many as it may have: delete one that serves nobody, or use another identity.`,
    };
  const wanted = {
    issuer: issuer ?? existing?.issuer,
    subject: subject ?? existing?.subject,
    audience: audiences[0],
  };
  const commands = writeCredential(of, wanted, { existing, taken: credentials });
  return { text, ...(commands && { commands }) };
}

/** Differences that part one and the same workload from itself. */
const SLIPS: readonly (DifferenceKind | undefined)[] = [
  'trailing-slash',
  'letter-case',
  'white-space',
  'homoglyph',
  'encoding',
  'host-alias',
];

/** Whether a credential was meant for this workload, or may serve another, that must go on working. */
export function serves({ issuer, subject }: Candidate): 'this' | 'another' {
  const meant = (field: FieldMatch) => field.state !== 'differs' || SLIPS.includes(field.difference?.kind);
  return meant(issuer) && (meant(subject) || runs(subject) === 'same') ? 'this' : 'another';
}

/** Ids of owner and repository in a subject of GitHub. */
const IDS = /^(repo:[^/@:]+)@\d+\/([^/@:]+)@\d+:/;

/** Two subjects of GitHub: one run, written with ids and without; or that of another repository of the same name. */
export function runs({ expected = '', actual }: FieldMatch): 'same' | 'of-another-repository' | undefined {
  const [named, other] = [expected, actual].map((subject) => subject.replace(IDS, '$1/$2:'));
  if (named !== other || expected === actual) return undefined;
  return IDS.test(expected) && IDS.test(actual) ? 'of-another-repository' : 'same';
}
