import { parseServiceAccount } from '../contract/service-account.ts';
import { defineCheck } from './check.ts';
import { FIELD_NEEDS, judgeField, runs, serves } from './federated-field.ts';
import type { Candidate, FieldMatch } from './federated-match.ts';
import { IDENTITY_LINKS } from './identity-links.ts';

export const federatedSubjectMismatch = defineCheck({
  id: 'federated-subject-mismatch',
  title: 'A federated credential names the subject of the token',
  severity: 'error',
  needs: FIELD_NEEDS,
  behind: [...IDENTITY_LINKS, 'federated-credential-missing', 'token-of-another-service-account'],
  remediation: 'Write the subject as the token has it, `system:serviceaccount:{namespace}:{service account}` of a pod.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run: (seen) => judgeField('subject', seen, adviceOn),
});

/** Subjects of GitHub since July 2026, with the ids of owner and repository (docs.github.com, OpenID Connect reference). */
const IMMUTABLE = /^repo:[^/@]+@\d+\/[^:@]+@\d+:/;

function adviceOn(candidate: Candidate, field: FieldMatch): string {
  const { difference, expected = '', actual } = field;
  if (actual.includes('*') && candidate.credential.subject !== undefined)
    return 'Write one whole subject: a federated credential takes no wildcards, unless it is a flexible one.';
  if (candidate.credential.issuer === expected)
    return 'Write the subject of the token, and its issuer where the issuer belongs: the two stand in each other’s place.';
  if (runs(field) === 'of-another-repository')
    return 'Look before you change anything: the token is of another repository of the same name, made anew or taken over. If that is right, create a federated credential for it.';
  const open = expected.endsWith(':pull_request')
    ? ' Whoever may open a pull request gets what the identity may do.'
    : '';
  switch (difference?.kind) {
    case 'letter-case':
      return 'Write the subject in the letter case of the token. If the error stays, delete the credential and create it anew.';
    case 'namespace':
      return 'Create a federated credential for the namespace of the pod, or run the pod where the credential says.';
    case 'service-account':
      return expected.endsWith(':default')
        ? 'Set `serviceAccountName` in the pod: it runs under the service account `default`.'
        : 'Create a federated credential for the service account of the pod, or let it run under the one that the credential names.';
    case 'subject-format':
      return `${formOf(expected, actual)}${open}`;
    default:
      return serves(candidate) === 'another'
        ? `Create a federated credential for the subject of the token: those that are there serve others.${open}`
        : federatedSubjectMismatch.remediation;
  }
}

function formOf(expected: string, actual: string): string {
  if (parseServiceAccount(expected) || parseServiceAccount(actual))
    return 'Write the subject as the token has it: one of the two is no service account, `system:serviceaccount:{namespace}:{service account}`.';
  if (IMMUTABLE.test(expected))
    return 'Write the subject with the ids of owner and repository: GitHub issues this form for repositories that were created, renamed or transferred since 15 July 2026, or opted in.';
  if (IMMUTABLE.test(actual))
    return 'Write the subject without the ids of owner and repository: GitHub does not issue them for this repository.';
  return 'Create a federated credential for this kind of run: the one that is there is for another (`environment:…`, `ref:…`, `pull_request`).';
}
