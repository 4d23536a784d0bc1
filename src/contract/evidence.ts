import type { CloudName } from './clouds.ts';
import type { JwsFault } from './compact-jws.ts';
import type { FederationEvidence } from './federation-evidence.ts';
import type { JsonObject } from './json.ts';
import type { PastedForm } from './pasted-form.ts';
import type { Target } from './target.ts';
import type { TokenKind } from './token-kind.ts';
import type { TokenProfile } from './token-profile.ts';
import type { ReceiverProduct } from './validate-key.ts';

/**
 * Why a piece of evidence is missing. `not-provided` is the caller's own choice; `untrusted` means it was not asked for,
 * because the place is one that a token names and this service does not contact; `throttled` that whoever has it wants to be asked later.
 */
export type Absence =
  | 'not-provided'
  | 'not-found'
  | 'forbidden'
  | 'unreachable'
  | 'malformed'
  | 'untrusted'
  | 'throttled';

/** Where a piece of evidence comes from. */
export type Source = 'clock' | 'request' | 'token' | 'issuer' | 'keys' | 'arm' | 'graph';

interface Seen {
  source: Source;
  observedAt: Date;
}

/** Evidence we hold, or a plain statement of why we do not. Gathering never throws. */
export type Gathered<T> =
  | ({ state: 'present'; value: T } & Seen)
  | ({ state: 'absent'; reason: Absence; detail: string } & Seen);

/** A compact JWS without its signature, so that nothing downstream can replay or log a usable token. */
export interface DecodedToken {
  header: JsonObject;
  claims: JsonObject;
}

/** The outside of what was handed in: enough to say what is broken when it does not decode. */
export interface TokenForm {
  lengthBytes: number;
  /** First 16 hex digits of the SHA-256 of the token, to tell tokens apart without keeping one. */
  sha256: string;
  /** What was taken away from around the token before it was read. */
  removed: readonly string[];
  /** What keeps it from being a compact JWS, with its place; undefined when nothing does. */
  fault?: JwsFault;
  /** What it looks like instead, where that can be told. */
  recognized?: PastedForm;
}

/** Issuers whose keys may be asked for; `configured` are those that settings add. */
export type IssuerFamily = 'entra' | 'aks' | 'github-actions' | 'azure-devops' | 'gitlab' | 'configured';

/** Who may vouch for keys: the family an issuer belongs to, and where that family publishes. */
export interface TrustedIssuer {
  issuer: string;
  family: IssuerFamily;
  /** Of an Entra issuer: which form it has; `1.0` ends in a slash, `2.0` in `/v2.0`. */
  version?: '1.0' | '2.0';
  /** The tenant an Entra issuer names. */
  tenant?: string;
  metadataUrl: string;
  /** Where the keys are, when settings say so and no discovery is needed. */
  jwksUri?: string;
  /** Hosts a discovered `jwks_uri` may be on. */
  keyHosts: readonly string[];
  algorithms: readonly string[];
}

/** Where keys are published: at `jwksUri`, or at the one that the metadata name. */
export interface KeyPlace extends Pick<TrustedIssuer, 'issuer' | 'family' | 'metadataUrl' | 'jwksUri' | 'keyHosts'> {
  /** Only looked into, for a diagnosis: not remembered beyond this instance. */
  passing?: true;
}

/** OpenID Connect Discovery 1.0 §3, as far as it is used. */
export interface IssuerMetadata {
  url: string;
  issuer: string;
  jwksUri: string;
  /** The Microsoft cloud the document is of, as Entra names it (`cloud_instance_name`). */
  cloudInstance?: string | undefined;
}

/**
 * What keeps a published key from verifying signatures. `secret-published`: the document has its private members, or it is a
 * symmetric key, so anybody can sign with it.
 */
export type KeyFault = 'secret-published' | 'other-type' | 'other-use' | 'malformed' | 'too-short';

/** The public members of a published key that a reader needs; never private ones, whatever the document holds. */
export interface PublishedKey {
  kid?: string;
  kty: string;
  use?: string;
  alg?: string;
  /** The issuer the key alone vouches for, `{tenantid}` standing for any tenant of Entra. */
  issuer?: string;
  fault?: KeyFault;
}

/** When a key was found published for the first and the last time, by whatever instance told of it. */
export interface KeySeen {
  firstAt: Date;
  lastAt: Date;
}

/** The key the token names, as it is published. */
export interface SigningKeyDetails extends PublishedKey {
  /** Length of an RSA modulus. */
  bits?: number;
  /** Of an elliptic-curve key (RFC 7518 §6.2.1.1). */
  curve?: string;
  /** What it can verify (RFC 7518 §3.1); nothing where it has a fault. */
  algorithms: readonly string[];
  /** RFC 7638, SHA-256. */
  thumbprint?: string;
  /** From when to when the certificate beside the key (`x5c`) says it is valid; its SHA-1 in hex, which Entra makes the `kid` of. */
  certificate?: { notBefore: Date; notAfter: Date; sha1: string };
}

export interface SigningKeys {
  jwksUri: string;
  keys: readonly PublishedKey[];
  /** How many more the document has than were read. */
  keysLeftOut: number;
  /** Whether the token's `kid` is among them; undefined when the token names none. */
  kidPublished?: boolean;
  /** When that `kid` was published, as far as it is known. */
  kidSeen?: KeySeen;
  cache: KeyCacheState;
}

/** How a key set was had, and when it may be had anew. */
export interface KeyCacheState {
  /**
   * `refreshed`: fetched for this call. `stale`: older than it should be, since the issuer did not answer in time. `throttled`:
   * the issuer was asked too often of late to be asked again now. `negative`: the `kid` was looked for a moment ago and not
   * there. `degraded`: what the issuer serves now is no usable key set, so the last good one stays.
   */
  state: 'fresh' | 'refreshed' | 'stale' | 'throttled' | 'negative' | 'degraded';
  fetchedAt: Date;
  ageSeconds: number;
  /** When the issuer may be asked again at the earliest. */
  nextRefreshAt: Date;
  /** Each `kid` of the set, in its order. */
  kidsAvailable: readonly string[];
  /** Why the last attempt to fetch the set anew brought none; left out where it did. */
  refreshFailed?: { reason: Absence; detail: string; at: Date };
}

/** Whether the issuer may publish other keys by now than the ones that are known: it was asked and did not tell, or was not asked. */
export const mayHaveChanged = ({ state, refreshFailed }: KeyCacheState): boolean =>
  refreshFailed !== undefined || ['stale', 'throttled', 'degraded'].includes(state);

/** An address of keys or metadata, as far as its form tells whose they are. */
export interface KeyAddress {
  url: string;
  page: 'keys' | 'metadata' | 'other';
  /** `b2c` and `external-id`: Entra's for customers. `unknown`: of nobody that is trusted, so it is not looked into. */
  family: IssuerFamily | 'b2c' | 'external-id' | 'unknown';
  /** The issuer whose keys they are, where the address tells. */
  issuer?: string;
  cloud?: CloudName;
  /** Of Entra: id, domain name, or `common` and the like; in lower case. */
  tenant?: string;
  version?: '1.0' | '2.0';
  /** User flow or custom policy of B2C. */
  policy?: string;
  /** The application whose own keys it has (`?appid=`). */
  appId?: string;
  /** Where its keys and its metadata are, as far as the form tells; one of them is `url`. */
  keysUrl?: string;
  metadataUrl?: string;
}

/** A document in which the key was looked for. */
export interface KeyDocument {
  /** `asked`: what the caller named, or the token’s own issuer. `receiver`: the address the receiver was given. Others: further places. */
  role: 'asked' | 'receiver' | 'token-issuer' | 'tenant' | 'all-tenants' | 'application' | 'other-cloud' | 'policy';
  address: KeyAddress;
  /** Whether the caller gave the address, so that it may be the wrong one. */
  given?: true;
  served: 'key-set' | 'metadata' | 'html' | 'nothing';
  /** Whether it has the key; left out where it could not be read, or no key is named. */
  kidPublished?: boolean;
  /** Where metadata that are served in place of keys say that the keys are. */
  jwksUri?: string;
  /** Why it could not be read. */
  unread?: { reason: Absence; detail: string };
}

/** The receiver that did not find the key, as the caller describes it. */
export interface KeyReceiver {
  product: ReceiverProduct;
  fetchedAt?: Date;
  cannotFetch: boolean;
  /** What it holds, where that was handed in. */
  keys?: readonly HeldKey[];
}

/** The key that is looked for. */
export interface SoughtKey {
  /** Left out where the token names none. */
  kid?: string;
  /** `alg` of the token. */
  algorithm?: string;
  /** `iss` of the token. */
  issuer?: string;
}

/** A key that the receiver holds. */
export interface HeldKey {
  kid?: string;
  /** RFC 7638, SHA-256; left out where it could not be read as a key. */
  thumbprint?: string;
  uploaded: boolean;
  fault?: KeyFault;
}

/** Further names of a published key, by which it is sometimes called in place of its `kid`. */
export interface KeyNames {
  kid?: string;
  thumbprint?: string;
  /** RFC 7517 §4.8 and §4.9, as published; of the certificate, as computed. */
  x5t: readonly string[];
}

export interface SignatureVerification {
  /** `not-settled`: more keys could have made it than are tried. */
  result: 'verified' | 'invalid' | 'no-usable-key' | 'not-settled';
  /** Why no published key with that `kid` could be used, or which one verified. */
  detail: string;
}

/** Evidence of the question who would accept a token. */
export interface TokenEvidence {
  /** The moment to judge for; `source` tells the clock from the request's `at`. */
  now: Gathered<Date>;
  target: Gathered<Target>;
  tokenForm: Gathered<TokenForm>;
  token: Gathered<DecodedToken>;
  /** The header by itself: claims may be handed in without one. */
  header: Gathered<JsonObject>;
  tokenKind: Gathered<TokenKind>;
  /** The same in words of its claims: whose it is, for what and how long. */
  profile: Gathered<TokenProfile>;
  /** The family of the issuer; unknown where it is not trusted. */
  issuerFamily: Gathered<IssuerFamily | 'unknown'>;
  trustedIssuer: Gathered<TrustedIssuer>;
  /** What the issuer signs with; unknown for an issuer of no trusted family. */
  allowedAlgorithms: Gathered<readonly string[] | 'unknown'>;
  issuerMetadata: Gathered<IssuerMetadata>;
  signingKeys: Gathered<SigningKeys>;
  signingKey: Gathered<SigningKeyDetails>;
  signature: Gathered<SignatureVerification>;
}

/** Evidence of the question whether a key is published. */
export interface KeyEvidence
  extends Pick<
    TokenEvidence,
    'now' | 'tokenForm' | 'token' | 'header' | 'trustedIssuer' | 'issuerMetadata' | 'signingKeys' | 'signingKey'
  > {
  soughtKey: Gathered<SoughtKey>;
  /** What was asked about comes first. */
  keyDocuments: Gathered<readonly KeyDocument[]>;
  keyNames: Gathered<readonly KeyNames[]>;
  /** With nothing said of it, one of which nothing is known. */
  receiver: Gathered<KeyReceiver>;
}

/** Everything a check may look at; of one question it is what that question gathers. Add a line above to give checks something new to read. */
export type Evidence = TokenEvidence & KeyEvidence & FederationEvidence;
