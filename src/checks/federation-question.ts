import { entraIssuer } from '../contract/clouds.ts';
import { algorithmNotAllowed } from './algorithm-not-allowed.ts';
import { applicationMultitenant, isServiceConnection } from './application-multitenant.ts';
import { assertionNotExchangeable } from './assertion-not-exchangeable.ts';
import type { Check } from './check.ts';
import { clusterNotFound } from './cluster-not-found.ts';
import { clusterStopped } from './cluster-stopped.ts';
import { clusterUnsettled } from './cluster-unsettled.ts';
import { criticalHeaderNotSupported } from './critical-header-not-supported.ts';
import { evidenceNotObserved } from './evidence-not-observed.ts';
import { federatedAudienceCount } from './federated-audience-count.ts';
import { federatedAudienceMismatch } from './federated-audience-mismatch.ts';
import { federatedCredentialDangling } from './federated-credential-dangling.ts';
import { federatedCredentialMissing } from './federated-credential-missing.ts';
import { federatedCredentialUnsettled } from './federated-credential-unsettled.ts';
import { federatedCredentialsDuplicate } from './federated-credentials-duplicate.ts';
import { federatedCredentialsTooMany } from './federated-credentials-too-many.ts';
import { federatedIssuerMismatch } from './federated-issuer-mismatch.ts';
import { federatedSubjectMismatch } from './federated-subject-mismatch.ts';
import { federationAcrossTenants } from './federation-across-tenants.ts';
import { headerNotToBeFollowed } from './header-not-to-be-followed.ts';
import { identityBindingPresent } from './identity-binding-present.ts';
import { identityCannotFederate } from './identity-cannot-federate.ts';
import { identityIdMistaken } from './identity-id-mistaken.ts';
import { identityInAnotherTenant } from './identity-in-another-tenant.ts';
import { identityNotFound } from './identity-not-found.ts';
import { issuerMetadataMismatch } from './issuer-metadata-mismatch.ts';
import { issuerNotAccepted } from './issuer-not-accepted.ts';
import { issuerUnreadable } from './issuer-unreadable.ts';
import { issuerUntrusted } from './issuer-untrusted.ts';
import { keyNotFound } from './key-not-found.ts';
import { keySetPublishesSecrets } from './key-set-publishes-secrets.ts';
import { lifetimeImplausible } from './lifetime-implausible.ts';
import { oidcIssuerDisabled } from './oidc-issuer-disabled.ts';
import { podUnseen } from './pod-unseen.ts';
import { type Given, isLeftOut, type Question } from './questions.ts';
import { signatureInvalid } from './signature-invalid.ts';
import { tokenExpired } from './token-expired.ts';
import { tokenKindNotAccepted } from './token-kind-not-accepted.ts';
import { tokenMalformed } from './token-malformed.ts';
import { tokenNotYetValid } from './token-not-yet-valid.ts';
import { tokenOfAnotherCluster } from './token-of-another-cluster.ts';
import { tokenOfAnotherServiceAccount } from './token-of-another-service-account.ts';
import { tokenTooLarge } from './token-too-large.ts';
import { webhookNamesAnotherTenant } from './webhook-names-another-tenant.ts';
import { workloadIdentityDisabled } from './workload-identity-disabled.ts';

/** In fix order, along the chain: of two broken links the earlier one is the root cause. What a token is comes where it explains the rest. */
export const federationChecks = [
  tokenTooLarge,
  tokenMalformed,
  clusterNotFound,
  clusterStopped,
  oidcIssuerDisabled,
  criticalHeaderNotSupported,
  algorithmNotAllowed,
  tokenKindNotAccepted,
  issuerNotAccepted,
  assertionNotExchangeable,
  tokenOfAnotherCluster,
  tokenOfAnotherServiceAccount,
  issuerUntrusted,
  issuerUnreadable,
  issuerMetadataMismatch,
  keySetPublishesSecrets,
  keyNotFound,
  signatureInvalid,
  workloadIdentityDisabled,
  identityNotFound,
  identityIdMistaken,
  identityCannotFederate,
  identityInAnotherTenant,
  federationAcrossTenants,
  applicationMultitenant,
  federatedCredentialMissing,
  federatedIssuerMismatch,
  federatedSubjectMismatch,
  federatedAudienceMismatch,
  federatedAudienceCount,
  tokenNotYetValid,
  tokenExpired,
  evidenceNotObserved,
  federatedCredentialUnsettled,
  federatedCredentialsDuplicate,
  federatedCredentialsTooMany,
  federatedCredentialDangling,
  webhookNamesAnotherTenant,
  clusterUnsettled,
  lifetimeImplausible,
  headerNotToBeFollowed,
  identityBindingPresent,
  podUnseen,
] as readonly Check[];

/** Decide always: a credential matches what is presented, and Entra can read the keys. */
const ALWAYS = [
  'assertion-not-exchangeable',
  'issuer-unreadable',
  'issuer-metadata-mismatch',
  'key-set-publishes-secrets',
  'federated-credential-missing',
  'federated-issuer-mismatch',
  'federated-subject-mismatch',
  'federated-audience-mismatch',
  'federated-audience-count',
];
/** Decide where a cluster was named or handed in. */
const OF_CLUSTERS = [
  'cluster-not-found',
  'cluster-stopped',
  'oidc-issuer-disabled',
  'workload-identity-disabled',
  'token-of-another-cluster',
];
/** Decide where an identity was named or handed in. */
const OF_IDENTITIES = ['identity-not-found', 'identity-id-mistaken', 'identity-cannot-federate'];
/** Decide where a token or its claims were handed in. */
const OF_CLAIMS = ['token-kind-not-accepted', 'issuer-not-accepted', 'token-not-yet-valid', 'token-expired'];
const OF_HEADERS = ['critical-header-not-supported', 'algorithm-not-allowed'];
const OF_WHOLE_TOKENS = [
  'token-too-large',
  'token-malformed',
  'issuer-untrusted',
  'key-not-found',
  'signature-invalid',
];

/** Would Entra exchange this token for this identity? */
export const federationQuestion: Question = { checks: federationChecks, deciding };

function deciding(given: Given): readonly string[] {
  const {
    assertion,
    tokenForm,
    header,
    token,
    workload,
    cluster,
    clusterLookup,
    identityLookup,
    askedTenant,
    observation,
  } = given;
  if (assertion === undefined) return [];
  const unasked = clusterLookup?.state === 'present' && clusterLookup.value.unasked === true;
  const clusterAsked = !isLeftOut(clusterLookup) && !unasked;
  const tokenless = isLeftOut(token);
  const of = cluster?.state === 'present' ? cluster.value : undefined;
  // With a token at hand Entra asks for neither: what a part of a document does not tell of them leaves nothing open.
  const untold = [
    ...(of && of.powerState === undefined ? ['cluster-stopped'] : []),
    ...(of && of.workloadIdentityEnabled === undefined ? ['workload-identity-disabled'] : []),
  ];
  const presented = assertion.state === 'present' ? assertion.value : undefined;
  // Of Entra’s own tokens; one that a service connection presents has a rule more.
  const ofEntra = entraIssuer(presented?.issuer ?? '') !== undefined;
  return [
    ...ALWAYS,
    ...(clusterAsked ? OF_CLUSTERS.filter((id) => tokenless || !untold.includes(id)) : []),
    ...(isLeftOut(identityLookup) ? [] : OF_IDENTITIES),
    ...(isLeftOut(askedTenant) ? [] : ['identity-in-another-tenant']),
    ...(tokenless ? [] : OF_CLAIMS),
    ...(isLeftOut(header) ? [] : OF_HEADERS),
    ...(isLeftOut(tokenForm) ? [] : OF_WHOLE_TOKENS),
    ...(tokenless || isLeftOut(workload) ? [] : ['token-of-another-service-account']),
    ...(ofEntra ? ['federation-across-tenants'] : []),
    ...(ofEntra && isServiceConnection(presented?.subject ?? '') ? ['application-multitenant'] : []),
    ...(observation?.state === 'present' && observation.value.required ? ['evidence-not-observed'] : []),
  ];
}
