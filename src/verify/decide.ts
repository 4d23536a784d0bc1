import { audiences, clientId, clientOf, rolesOf, scopesOf, stringClaim, timeClaim } from '../contract/claims.ts';
import type { CloudName } from '../contract/clouds.ts';
import { decodeCompactJws, isTooLarge } from '../contract/compact-jws.ts';
import type { Absence, DecodedToken, SigningKeys, TrustedIssuer } from '../contract/evidence.ts';
import type { JsonObject } from '../contract/json.ts';
import type { TokenRefusal } from '../contract/refusal.ts';
import { accessOf, hasIdTokenClaim, tokenKindOf } from '../contract/token-kind.ts';
import { type ConfiguredIssuer, trustedIssuer } from '../trust/families.ts';
import type { Grants, Policy } from '../trust/policies.ts';
import { type IssuerKeys, type KeyCache, REFETCH_COOLDOWN_SECONDS } from './key-cache.ts';
import { verifySignature } from './signature.ts';

/** What deciding may use of the world. */
export interface Judges {
  keys: KeyCache;
  now(): Date;
  cloud: CloudName;
  issuers: readonly ConfiguredIssuer[];
}

/**
 * Whether a token lets its bearer in. `undecided`: keys of the issuer could not be had, or only such that are too old to
 * decide by, which says nothing about the token.
 */
export type Decision = (
  | { outcome: 'accepted'; token: DecodedToken; issuer: TrustedIssuer }
  | { outcome: 'refused'; reason: TokenRefusal }
  | { outcome: 'undecided'; because: Absence | 'too-old'; issuer: string; retryAfterSeconds: number }
) & { keys?: SigningKeys['cache']['state'] };

/**
 * Judges a compact token by a policy, strictly: nothing around it is removed. Cheap reasons come first, so that no key is
 * fetched for a token that cannot pass; what a policy asks of a genuine token is asked last, so that a forged one is never
 * told that it merely lacks a right.
 */
export async function decide(compact: string, policy: Policy, judges: Judges): Promise<Decision> {
  const decoded = decodeCompactJws(compact);
  if (!decoded.ok) return refused(isTooLarge(compact) ? 'token-too-large' : 'token-malformed');
  const issuer = acceptedIssuer(decoded.claims, policy, judges);
  if (!issuer) return refused('issuer-not-accepted');
  const nowSeconds = judges.now().getTime() / 1000;
  const unfit = unfitness(decoded, issuer, policy, nowSeconds);
  if (unfit) return refused(unfit);

  const kid = stringClaim(decoded.header, 'kid');
  const keys = await judges.keys.get(issuer, kid, true);
  const genuine = await judgeSignature(compact, decoded, issuer, keys, policy);
  const state = keys.signingKeys.state === 'present' ? { keys: keys.signingKeys.value.cache.state } : {};
  if (genuine !== 'genuine') return { ...genuine, ...state };
  const insufficient = insufficiency(decoded, issuer, policy);
  if (insufficient) return { ...refused(insufficient), ...state };
  return { outcome: 'accepted', token: { header: decoded.header, claims: decoded.claims }, issuer, ...state };
}

const refused = (reason: TokenRefusal) => ({ outcome: 'refused', reason }) as const;

/** The issuer when the policy names it and its keys may be asked for. Entra's also agrees with itself about tenant and version. */
function acceptedIssuer(claims: JsonObject, policy: Policy, { cloud, issuers }: Judges): TrustedIssuer | undefined {
  const iss = stringClaim(claims, 'iss');
  if (iss === undefined || !policy.issuers.includes(iss)) return undefined;
  const issuer = trustedIssuer(iss, cloud, issuers);
  if (issuer?.family !== 'entra') return issuer;
  const { tid, ver } = claims;
  return tid === issuer.tenant && (ver === undefined || ver === issuer.version) ? issuer : undefined;
}

/** Why a token cannot be a credential whoever signed it: algorithm, audience, times, proof of possession. */
function unfitness(
  { header, claims }: DecodedToken,
  issuer: TrustedIssuer,
  policy: Policy,
  nowSeconds: number,
): TokenRefusal | undefined {
  // No extension is understood here, and one that must be understood refuses the token (RFC 7515 §4.1.11).
  if (header.crit !== undefined) return 'token-malformed';
  if (!issuer.algorithms.includes(stringClaim(header, 'alg') ?? '')) return 'algorithm-not-allowed';
  const aud = audiences(claims) ?? [];
  const severalFromEntra = issuer.family === 'entra' && aud.length > 1;
  if (severalFromEntra || !aud.some((audience) => policy.audiences.includes(audience))) return 'audience-not-accepted';
  const untimely = untimeliness(claims, policy, nowSeconds);
  if (untimely) return untimely;
  // The caller of this service shows no proof of the key the token is bound to (RFC 7800 §3.1).
  return claims.cnf === undefined ? undefined : 'token-proof-required';
}

/** RFC 7519 §4.1.4–4.1.6. A token without `exp` would be valid for ever, so it is refused. */
function untimeliness(
  claims: JsonObject,
  { clockToleranceSeconds: tolerance, maxTokenAgeSeconds: maxAge }: Policy,
  nowSeconds: number,
): TokenRefusal | undefined {
  const exp = timeClaim(claims, 'exp');
  const nbf = timeClaim(claims, 'nbf');
  const iat = timeClaim(claims, 'iat');
  if (typeof exp !== 'number' || nowSeconds >= exp + tolerance) return 'token-expired';
  if (nbf === 'malformed' || (typeof nbf === 'number' && nowSeconds < nbf - tolerance)) return 'token-not-yet-valid';
  if (iat === 'malformed' || (typeof iat === 'number' && nowSeconds < iat - tolerance)) return 'token-not-yet-valid';
  if (maxAge !== null && (typeof iat !== 'number' || nowSeconds >= iat + maxAge + tolerance)) return 'token-too-old';
  return undefined;
}

async function judgeSignature(
  compact: string,
  token: DecodedToken,
  issuer: TrustedIssuer,
  { metadata, signingKeys, jwks }: IssuerKeys,
  policy: Policy,
): Promise<'genuine' | Extract<Decision, { outcome: 'refused' | 'undecided' }>> {
  if (signingKeys.state === 'absent') return undecided(issuer, signingKeys.reason);
  const { cache, kidPublished } = signingKeys.value;
  if (cache.ageSeconds > policy.keyStalenessSeconds) return undecided(issuer, 'too-old');
  // A key that is not in an old set may have been published since.
  if (kidPublished === false && cache.state === 'stale') return undecided(issuer, 'too-old');
  // OpenID Connect Discovery 1.0 §4.3: keys of a document that names another issuer are not this issuer's.
  if (metadata.state !== 'present' || metadata.value.issuer !== issuer.issuer) return refused('issuer-not-accepted');
  const { kid } = token.header;
  // Entra and AKS always name the key; a token that does not is not theirs.
  if (typeof kid !== 'string' && (kid !== undefined || issuer.family !== 'configured')) return refused('key-not-found');
  if (kidPublished === false) return refused(cache.state === 'throttled' ? 'key-refresh-throttled' : 'key-not-found');
  const { result } = await verifySignature(compact, token, issuer, jwks);
  if (result === 'verified') return 'genuine';
  return refused(result === 'invalid' ? 'signature-invalid' : 'key-not-found');
}

const undecided = ({ issuer }: TrustedIssuer, because: Absence | 'too-old') =>
  ({ outcome: 'undecided', because, issuer, retryAfterSeconds: REFETCH_COOLDOWN_SECONDS }) as const;

/** What a genuine token lacks of what the policy asks for. */
function insufficiency(token: DecodedToken, issuer: TrustedIssuer, policy: Policy): TokenRefusal | undefined {
  const { claims } = token;
  if (!isAcceptedKind(token, issuer, policy)) return 'token-kind-not-accepted';
  if (!isListed(policy.clients, clientOf(claims, issuer.family))) return 'client-not-accepted';
  if (!isListed(policy.subjects, stringClaim(claims, 'sub'))) return 'subject-not-accepted';
  if (!areGranted(policy.scopes, scopesOf(claims, issuer.family))) return 'scope-missing';
  if (!areGranted(policy.roles, rolesOf(claims))) return 'role-missing';
  return undefined;
}

/**
 * An ID token says who signed in to a client and is no credential for anybody else. Entra's names no client but in `aud`,
 * while each of its access tokens does (entra-docs, access-token-claims-reference.md); others' are told by their claims.
 */
function isAcceptedKind(token: DecodedToken, issuer: TrustedIssuer, { tokenKinds }: Policy): boolean {
  const { kind } = tokenKindOf(token, issuer);
  if (kind === 'entra-id-token' || hasIdTokenClaim(token.claims)) return false;
  if (!isForAccess(token)) return false;
  if (issuer.family === 'entra' && clientId(token.claims) === undefined) return false;
  if (tokenKinds.length === 0) return true;
  const ofPod = kind === 'kubernetes-service-account-token' && issuer.family !== 'entra';
  const seen = ofPod ? 'kubernetes' : accessOf(token.claims);
  return tokenKinds.some((accepted) => accepted === seen);
}

/** What a header may call an access token: nothing, `JWT`, or RFC 9068 §2.1. */
const ACCESS_TOKEN_TYPE = /^(?:application\/)?(?:at\+)?jwt$/i;
/** What Keycloak calls tokens that open nothing, in the payload. */
const OTHER_PURPOSES = ['ID', 'Refresh', 'Offline', 'Logout'];

/** Explicit typing (RFC 8725 §3.11), and `events` (RFC 8417 §2.2): a token that says it is something else is no access token. */
const isForAccess = ({ header, claims }: DecodedToken): boolean =>
  claims.events === undefined &&
  (header.typ === undefined || ACCESS_TOKEN_TYPE.test(stringClaim(header, 'typ') ?? '')) &&
  !OTHER_PURPOSES.includes(stringClaim(claims, 'typ') ?? '');

const isListed = (accepted: readonly string[], value: string | undefined): boolean =>
  accepted.length === 0 || (value !== undefined && accepted.includes(value));

const areGranted = ({ any, all }: Grants, granted: readonly string[]): boolean =>
  (any.length === 0 || any.some((wanted) => granted.includes(wanted))) &&
  all.every((wanted) => granted.includes(wanted));
