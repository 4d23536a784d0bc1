import type {
  KeyAddress,
  KeyDocument,
  KeyReceiver,
  PublishedKey,
  SigningKeyDetails,
  SigningKeys,
} from '../../src/contract/evidence.ts';
import { NOW, TENANT } from './builders.ts';

export const KID = 'k1';
const HOST = 'https://login.microsoftonline.com';
export const KEYS_URL = `${HOST}/${TENANT}/discovery/v2.0/keys`;
export const METADATA_URL = `${HOST}/${TENANT}/v2.0/.well-known/openid-configuration`;

/** The keys of the tenant, or whatever else they are told to be. */
export const addressOf = (more: Partial<KeyAddress> = {}): KeyAddress => ({
  url: KEYS_URL,
  page: 'keys',
  family: 'entra',
  cloud: 'public',
  tenant: TENANT,
  version: '2.0',
  issuer: `${HOST}/${TENANT}/v2.0`,
  keysUrl: KEYS_URL,
  metadataUrl: METADATA_URL,
  ...more,
});

export const cluster = (guid: string): KeyAddress => {
  const issuer = `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${guid}/`;
  return { url: `${issuer}openid/v1/jwks`, page: 'keys', family: 'aks', issuer };
};

/** A document that was asked about, read, and has the key. */
export const documentOf = (more: Partial<KeyDocument> = {}, address: Partial<KeyAddress> = {}): KeyDocument => ({
  role: 'asked',
  address: addressOf(address),
  served: 'key-set',
  kidPublished: true,
  ...more,
});

/** One that could not be read. */
export const unreadOf = (
  reason: NonNullable<KeyDocument['unread']>['reason'],
  more: Partial<KeyDocument> = {},
): KeyDocument => {
  const { kidPublished: _, ...rest } = documentOf({ served: 'nothing', ...more });
  return { ...rest, unread: { reason, detail: `It is ${reason}.` } };
};

export const receiverOf = (more: Partial<KeyReceiver> = {}): KeyReceiver => ({
  product: 'other',
  cannotFetch: false,
  ...more,
});

export const setOf = (
  keys: readonly PublishedKey[],
  cache: Partial<SigningKeys['cache']> = {},
  more: Partial<SigningKeys> = {},
): SigningKeys => ({
  jwksUri: KEYS_URL,
  keys,
  keysLeftOut: 0,
  kidPublished: keys.some(({ kid }) => kid === KID),
  cache: {
    state: 'fresh',
    fetchedAt: NOW,
    ageSeconds: 30,
    nextRefreshAt: NOW,
    kidsAvailable: keys.flatMap(({ kid }) => kid ?? []),
    ...cache,
  },
  ...more,
});

export const named = (kid: string, more: Partial<PublishedKey> = {}): PublishedKey => ({ kid, kty: 'RSA', ...more });

export const detailsOf = (more: Partial<SigningKeyDetails> = {}): SigningKeyDetails => ({
  kid: KID,
  kty: 'RSA',
  bits: 2048,
  algorithms: ['RS256', 'PS256'],
  thumbprint: 'thumb',
  ...more,
});

/** Words of a stranger that must not get whole into a sentence. */
export const LONG = 'x'.repeat(5_000);
