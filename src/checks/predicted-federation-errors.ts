import { entraIssuer } from '../contract/clouds.ts';
import type { Assertion, FederatedCredentials } from '../contract/federation.ts';
import type { FederationEvidence } from '../contract/federation-evidence.ts';
import type { PredictedError } from '../contract/report.ts';
import { IDENTITY_BINDING_AUDIENCE } from '../contract/resources.ts';
import { isAssertionAudience } from '../contract/target.ts';
import { candidatesFor } from './federated-match.ts';
import { predictedError } from './predicted-errors.ts';

const documented = (code: string): PredictedError => ({ code, certainty: 'documented' });
const likely = (code: string): PredictedError => ({ code, certainty: 'likely' });

/** What Entra answers to the exchange when this check is the first to fail; undefined where it is not asked, or no source tells. */
export function predictedFederationError(evidence: FederationEvidence, rootCause: string): PredictedError | undefined {
  const { target, token, tokenKind, assertion } = evidence;
  switch (rootCause) {
    // azure-workload-identity, troubleshooting; AADSTS90061 and 501661 say the same.
    case 'issuer-unreadable':
      return credentialsRefuse(evidence) ?? likely('AADSTS50166');
    // entra-docs, reference-error-codes.md.
    case 'identity-not-found':
    case 'identity-in-another-tenant':
      return documented('AADSTS700016');
    case 'identity-id-mistaken':
      return likely('AADSTS700016');
    case 'identity-cannot-federate':
      return likely('AADSTS70025');
    case 'assertion-not-exchangeable':
      return assertion.state === 'present' ? refusedAtOnce(assertion.value) : undefined;
    case 'federation-across-tenants':
      return likely('AADSTS700236');
    // azure-devops-docs, errors of workload identity.
    case 'application-multitenant':
      return documented('AADSTS70052');
    case 'federated-credential-missing':
    case 'federated-issuer-mismatch':
    case 'federated-subject-mismatch':
    case 'federated-audience-mismatch':
    case 'token-of-another-cluster':
    case 'token-of-another-service-account':
      return credentialsRefuse(evidence);
    default:
      return target.state === 'present'
        ? predictedError(target.value, {
            rootCause,
            kind: tokenKind.state === 'present' ? tokenKind.value.kind : undefined,
            claims: token.state === 'present' ? token.value.claims : {},
          })
        : undefined;
  }
}

const credentialsRefuse = ({ federatedCredentials, assertion }: FederationEvidence) =>
  federatedCredentials.state === 'present' && assertion.state === 'present'
    ? refusedByCredentials(assertion.value, federatedCredentials.value)
    : undefined;

function refusedAtOnce({ issuer = '', audiences = [] }: Assertion): PredictedError | undefined {
  if (entraIssuer(issuer)?.version === '1.0') return likely('AADSTS700227');
  return audiences.includes(IDENTITY_BINDING_AUDIENCE) ? documented('AADSTS700212') : undefined;
}

/**
 * The code by what of the credentials fits, in the order in which Entra’s texts narrow down: issuer, subject, audience. 70025 and
 * 700213 stand in azure-devops-docs, 700212 for bindings in azure-aks-docs; the others as users quote them. Undefined where a
 * credential fits. AADSTS70021 is the older spelling of all of them.
 */
function refusedByCredentials(assertion: Assertion, credentials: FederatedCredentials): PredictedError | undefined {
  const entra = entraIssuer(assertion.issuer ?? '');
  const audiences = assertion.audiences ?? [];
  if (entra && audiences.length > 0 && !audiences.some(isAssertionAudience)) return likely('AADSTS7002121');
  if (!credentials.complete) return undefined;
  if (credentials.credentials.length === 0) return documented('AADSTS70025');
  const all = candidatesFor(assertion, credentials);
  const byIssuer = all.filter(({ issuer }) => issuer.state === 'equal');
  if (byIssuer.length === 0)
    return all.some(({ issuer }) => issuer.state === 'open') ? undefined : likely('AADSTS700211');
  const bySubject = byIssuer.filter(({ subject }) => subject.state === 'equal');
  if (bySubject.length === 0) {
    if (byIssuer.some(({ subject }) => subject.state === 'open')) return undefined;
    if (byIssuer.some(({ credential }) => credential.expression)) return likely('AADSTS7002131');
    if (byIssuer.some(({ subject }) => subject.difference?.kind === 'letter-case')) return likely('AADSTS7002138');
    if (assertion.subject?.startsWith('/eid1/')) return likely('AADSTS7002137');
    return documented('AADSTS700213');
  }
  if (bySubject.some(({ audience }) => audience.state !== 'differs')) return undefined;
  return likely(entra ? 'AADSTS7002121' : 'AADSTS700212');
}
