import { algorithmNotAllowed } from './algorithm-not-allowed.ts';
import { audienceNotAccepted } from './audience-not-accepted.ts';
import type { Check } from './check.ts';
import { criticalHeaderNotSupported } from './critical-header-not-supported.ts';
import { groupOverage } from './group-overage.ts';
import { issuerMetadataMismatch } from './issuer-metadata-mismatch.ts';
import { issuerNotAccepted } from './issuer-not-accepted.ts';
import { issuerTenantMismatch } from './issuer-tenant-mismatch.ts';
import { issuerUntrusted } from './issuer-untrusted.ts';
import { issuerVersionMismatch } from './issuer-version-mismatch.ts';
import { keyNotFound } from './key-not-found.ts';
import { principalMissing } from './principal-missing.ts';
import type { Question } from './questions.ts';
import { receiverTenantUnseen } from './receiver-tenant-unseen.ts';
import { signatureInvalid } from './signature-invalid.ts';
import { tokenExpired } from './token-expired.ts';
import { tokenKindNotAccepted } from './token-kind-not-accepted.ts';
import { tokenMalformed } from './token-malformed.ts';
import { tokenNotYetValid } from './token-not-yet-valid.ts';
import { tokenProofRequired } from './token-proof-required.ts';
import { tokenTooLarge } from './token-too-large.ts';

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
  keyNotFound,
  signatureInvalid,
  audienceNotAccepted,
  tokenNotYetValid,
  tokenExpired,
  tokenProofRequired,
  principalMissing,
  groupOverage,
  receiverTenantUnseen,
] as readonly Check[];

/** Decide for every receiver of Entra tokens. */
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
  'key-not-found',
  'signature-invalid',
  'audience-not-accepted',
  'token-not-yet-valid',
  'token-expired',
  'token-proof-required',
  'principal-missing',
];

/** Would this target accept this token? */
export const tokenQuestion: Question = {
  checks: tokenChecks,
  deciding: {
    'aks-api-server': [...everyTarget, 'group-overage'],
    arm: everyTarget,
  },
};
