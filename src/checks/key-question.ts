import { applicationSignsWithOwnKey } from './application-signs-with-own-key.ts';
import type { Check } from './check.ts';
import { issuerKeysUnreadable } from './issuer-keys-unreadable.ts';
import { issuerMetadataMismatch } from './issuer-metadata-mismatch.ts';
import { issuerUntrusted } from './issuer-untrusted.ts';
import { keyRetired } from './key-retired.ts';
import { keySetMalformed } from './key-set-malformed.ts';
import { keySetPublishesSecrets } from './key-set-publishes-secrets.ts';
import { keySetUntidy } from './key-set-untidy.ts';
import { keyUnfit } from './key-unfit.ts';
import { kidMisspelt } from './kid-misspelt.ts';
import { kidNotPublished } from './kid-not-published.ts';
import { type Given, isLeftOut, type Question } from './questions.ts';
import { receiverCannotFetch } from './receiver-cannot-fetch.ts';
import { receiverKeyNamedOtherwise } from './receiver-key-named-otherwise.ts';
import { receiverKeysPublishSecrets } from './receiver-keys-publish-secrets.ts';
import { receiverKeysStale } from './receiver-keys-stale.ts';
import { receiverPointsAtMetadata } from './receiver-points-at-metadata.ts';
import { receiverPointsAtNoKeySet } from './receiver-points-at-no-key-set.ts';
import { receiverPointsElsewhere } from './receiver-points-elsewhere.ts';
import { signingCertificateOutOfDate } from './signing-certificate-out-of-date.ts';
import { tokenMalformed } from './token-malformed.ts';
import { tokenNotForThirdParties } from './token-not-for-third-parties.ts';
import { tokenOfAnotherIssuer } from './token-of-another-issuer.ts';
import { tokenTooLarge } from './token-too-large.ts';

/** In fix order: of two broken links the earlier one is the root cause. */
export const keyChecks = [
  tokenTooLarge,
  tokenMalformed,
  tokenNotForThirdParties,
  tokenOfAnotherIssuer,
  receiverPointsAtMetadata,
  receiverPointsAtNoKeySet,
  issuerUntrusted,
  issuerKeysUnreadable,
  issuerMetadataMismatch,
  keySetPublishesSecrets,
  receiverKeysPublishSecrets,
  keySetMalformed,
  receiverPointsElsewhere,
  applicationSignsWithOwnKey,
  kidMisspelt,
  keyRetired,
  kidNotPublished,
  keyUnfit,
  receiverKeyNamedOtherwise,
  receiverKeysStale,
  receiverCannotFetch,
  keySetUntidy,
  signingCertificateOutOfDate,
] as readonly Check[];

/** Decide always: the key is published, can be read, and verifies. */
const ALWAYS = ['issuer-keys-unreadable', 'key-set-publishes-secrets', 'kid-not-published', 'key-unfit'];
/** Decide where a token was handed in. */
const OF_TOKENS = ['token-too-large', 'token-malformed', 'token-not-for-third-parties', 'token-of-another-issuer'];
/** Decide where the address was given that the receiver reads. */
const OF_ADDRESSES = ['receiver-points-at-metadata', 'receiver-points-at-no-key-set', 'receiver-points-elsewhere'];
/** Decide where the keys were handed in that the receiver holds. */
const OF_HELD_KEYS = ['receiver-keys-publish-secrets', 'receiver-key-named-otherwise', 'receiver-keys-stale'];

/** Is this key published, would the receiver find it, and if not, why not? */
export const keyQuestion: Question = { checks: keyChecks, deciding };

function deciding({ soughtKey, tokenForm, trustedIssuer, keyDocuments, receiver }: Given): readonly string[] {
  if (soughtKey === undefined) return [];
  const { keys, cannotFetch = false } = receiver?.state === 'present' ? receiver.value : {};
  const given = keyDocuments?.state === 'present' && keyDocuments.value.some((document) => document.given);
  return [
    ...ALWAYS,
    ...(isLeftOut(tokenForm) ? [] : OF_TOKENS),
    ...(isLeftOut(trustedIssuer) ? [] : ['issuer-untrusted', 'issuer-metadata-mismatch']),
    ...(given ? OF_ADDRESSES : []),
    ...(keys ? OF_HELD_KEYS : []),
    ...(cannotFetch ? ['receiver-cannot-fetch'] : []),
  ];
}
