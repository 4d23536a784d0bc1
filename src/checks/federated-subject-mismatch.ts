import { defineCheck } from './check.ts';
import { IDENTITY_LINKS } from './federated-credential-missing.ts';
import { FIELD_NEEDS, judgeField, serves } from './federated-field.ts';
import type { Candidate, FieldMatch } from './federated-match.ts';

export const federatedSubjectMismatch = defineCheck({
  id: 'federated-subject-mismatch',
  title: 'A federated credential names the subject of the token',
  severity: 'error',
  needs: FIELD_NEEDS,
  behind: [
    ...IDENTITY_LINKS,
    'oidc-issuer-disabled',
    'federated-credential-missing',
    'token-of-another-service-account',
  ],
  remediation: 'Write the subject as the token has it, `system:serviceaccount:{namespace}:{service account}` of a pod.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run: (seen) => judgeField('subject', seen, adviceOn),
});

/** Subjects of GitHub since July 2026, with the ids of owner and repository (docs.github.com, OpenID Connect reference). */
const IMMUTABLE = /^repo:[^/@]+@\d+\/[^:@]+@\d+:/;

function adviceOn(candidate: Candidate, { difference, expected = '' }: FieldMatch): string {
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
      return IMMUTABLE.test(expected)
        ? 'Write the subject with the ids of owner and repository: GitHub issues this form for repositories that were created, renamed or transferred since 15 July 2026, or opted in.'
        : 'Write the subject in the form of the token: it names another kind of run (`environment:…`, `ref:…`, `pull_request`), or no ids.';
    default:
      return serves(candidate) === 'another'
        ? 'Create a federated credential for the subject of the token: those that are there serve others.'
        : federatedSubjectMismatch.remediation;
  }
}
