import type { Target } from '../contract/target.ts';
import { algorithmNotAllowed } from './algorithm-not-allowed.ts';
import { audienceNotAccepted } from './audience-not-accepted.ts';
import { changeableClaimDecides } from './changeable-claim-decides.ts';
import type { Check } from './check.ts';
import { clientNotAccepted } from './client-not-accepted.ts';
import { criticalHeaderNotSupported } from './critical-header-not-supported.ts';
import { federatedCredentialUnseen } from './federated-credential-unseen.ts';
import { groupOverage } from './group-overage.ts';
import { headerNotToBeFollowed } from './header-not-to-be-followed.ts';
import { issuerMetadataMismatch } from './issuer-metadata-mismatch.ts';
import { issuerNotAccepted } from './issuer-not-accepted.ts';
import { issuerTenantMismatch } from './issuer-tenant-mismatch.ts';
import { issuerUntrusted } from './issuer-untrusted.ts';
import { issuerVersionMismatch } from './issuer-version-mismatch.ts';
import { keyNotFound } from './key-not-found.ts';
import { keySetPublishesSecrets } from './key-set-publishes-secrets.ts';
import { lifetimeImplausible } from './lifetime-implausible.ts';
import { principalMissing } from './principal-missing.ts';
import { isLeftOut, type Question } from './questions.ts';
import { receiverTenantUnseen } from './receiver-tenant-unseen.ts';
import { roleMissing } from './role-missing.ts';
import { scopeMissing } from './scope-missing.ts';
import { signatureInvalid } from './signature-invalid.ts';
import { signingCertificateOutOfDate } from './signing-certificate-out-of-date.ts';
import { signingKeyWeak } from './signing-key-weak.ts';
import { subjectNotAccepted } from './subject-not-accepted.ts';
import { tokenExpired } from './token-expired.ts';
import { tokenIdMissing } from './token-id-missing.ts';
import { tokenKindNotAccepted } from './token-kind-not-accepted.ts';
import { tokenMalformed } from './token-malformed.ts';
import { tokenNotYetValid } from './token-not-yet-valid.ts';
import { tokenProofRequired } from './token-proof-required.ts';
import { tokenTooLarge } from './token-too-large.ts';
import { tokenTooOld } from './token-too-old.ts';

/** The catalogue, in fix order: of two broken links the earlier one is the root cause. */
export const tokenChecks = [
  tokenTooLarge,
  tokenMalformed,
  criticalHeaderNotSupported,
  algorithmNotAllowed,
  tokenKindNotAccepted,
  issuerNotAccepted,
  issuerUntrusted,
  issuerVersionMismatch,
  issuerTenantMismatch,
  issuerMetadataMismatch,
  keySetPublishesSecrets,
  signingKeyWeak,
  keyNotFound,
  signatureInvalid,
  audienceNotAccepted,
  tokenNotYetValid,
  tokenExpired,
  tokenTooOld,
  tokenProofRequired,
  principalMissing,
  groupOverage,
  tokenIdMissing,
  clientNotAccepted,
  subjectNotAccepted,
  scopeMissing,
  roleMissing,
  lifetimeImplausible,
  headerNotToBeFollowed,
  signingCertificateOutOfDate,
  changeableClaimDecides,
  receiverTenantUnseen,
  federatedCredentialUnseen,
] as readonly Check[];

/** Decide for every receiver. */
const everyTarget = [
  'token-too-large',
  'token-malformed',
  'critical-header-not-supported',
  'algorithm-not-allowed',
  'token-kind-not-accepted',
  'issuer-not-accepted',
  'issuer-untrusted',
  'issuer-version-mismatch',
  'issuer-tenant-mismatch',
  'issuer-metadata-mismatch',
  'key-set-publishes-secrets',
  'key-not-found',
  'signature-invalid',
  'audience-not-accepted',
  'token-not-yet-valid',
  'token-expired',
  'token-proof-required',
];
/** Decides beside them where the caller must be named in the token. */
const named = [...everyTarget, 'principal-missing'];
/** Decide beside them where rules of one's own are judged; what they do not ask for is not applicable and decides nothing. */
const ruled = [
  ...everyTarget,
  'token-too-old',
  'client-not-accepted',
  'subject-not-accepted',
  'scope-missing',
  'role-missing',
];

/** Decide about a token, by who is to accept it. */
export const decidingByTarget: Readonly<Record<Target['name'], readonly string[]>> = {
  'aks-api-server': [...named, 'group-overage'],
  arm: named,
  graph: named,
  'key-vault': named,
  storage: named,
  sql: named,
  'azure-devops': named,
  'container-registry': named,
  'token-exchange': named,
  'servicenow-oidc': named,
  'servicenow-jwt-bearer': [...named, 'token-id-missing'],
  mcp: everyTarget,
  custom: ruled,
  policy: ruled,
  unnamed: everyTarget,
};

/** Decide where a whole token was handed in, and not where only claims were. */
export const OF_WHOLE_TOKENS = [
  'token-too-large',
  'token-malformed',
  'issuer-untrusted',
  'issuer-metadata-mismatch',
  'key-set-publishes-secrets',
  'key-not-found',
  'signature-invalid',
];
/** Decide where there is a header. */
export const OF_HEADERS = ['critical-header-not-supported', 'algorithm-not-allowed'];

/** Would this target accept this token? */
export const tokenQuestion: Question = {
  checks: tokenChecks,
  deciding: ({ target, tokenForm, header }) => {
    if (target?.state !== 'present') return [];
    const left = isLeftOut(tokenForm) ? [...OF_WHOLE_TOKENS, ...(isLeftOut(header) ? OF_HEADERS : [])] : [];
    return decidingByTarget[target.value.name].filter((id) => !left.includes(id));
  },
};
