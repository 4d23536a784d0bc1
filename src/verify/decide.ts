import { breaks, type Presented } from '../contract/acceptance.ts';
import { stringClaim } from '../contract/claims.ts';
import type { CloudName } from '../contract/clouds.ts';
import { decodeCompactJws, isTooLarge } from '../contract/compact-jws.ts';
import type { Absence, DecodedToken, SigningKeys, TrustedIssuer } from '../contract/evidence.ts';
import type { JsonObject } from '../contract/json.ts';
import type { TokenRefusal } from '../contract/refusal.ts';
import { type ConfiguredIssuer, trustedIssuer } from '../trust/families.ts';
import type { Policy } from '../trust/policies.ts';
import type { IssuerKeys } from './kept-keys.ts';
import type { KeyCache } from './key-cache.ts';
import { verifySignature } from './signature.ts';

/** What deciding may use of the world. */
export interface Judges {
  keys: Pick<KeyCache, 'get'>;
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
) &
  HowHad;

interface HowHad {
  keys?: SigningKeys['cache']['state'];
  /** Why the keys could not be had anew, where that was tried since. */
  refreshFailed?: Absence;
}

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
  const { header, claims } = decoded;
  const token = { header, claims, family: issuer.family, nowSeconds: judges.now().getTime() / 1000 };
  const unfit = unfitness(token, issuer, policy);
  if (unfit) return refused(unfit);

  const kid = stringClaim(header, 'kid');
  const { keyStalenessSeconds: oldestSeconds } = policy;
  const wanted = { kid, purpose: 'deciding', oldestSeconds } as const;
  let keys = await judges.keys.get(issuer, wanted);
  let genuine = await judgeSignature(compact, token, issuer, keys, policy, judges.now());
  // Without a name a new key cannot be told from a forgery, so the issuer is asked, as for an unknown name.
  if (kid === undefined && genuine !== 'genuine' && isForged(genuine)) {
    keys = await judges.keys.get(issuer, { ...wanted, refresh: 'force' });
    genuine = await judgeSignature(compact, token, issuer, keys, policy, judges.now());
  }
  const had = howHad(keys);
  if (genuine !== 'genuine') return { ...genuine, ...had };
  const insufficient = OF_GENUINE.find((rule) => breaks[rule](token, policy));
  if (insufficient) return { ...refused(insufficient), ...had };
  return { outcome: 'accepted', token: { header, claims }, issuer, ...had };
}

function howHad({ signingKeys }: IssuerKeys): HowHad {
  if (signingKeys.state === 'absent') return {};
  const { state, refreshFailed } = signingKeys.value.cache;
  return { keys: state, ...(refreshFailed && { refreshFailed: refreshFailed.reason }) };
}

const refused = (reason: TokenRefusal) => ({ outcome: 'refused', reason }) as const;

const isForged = (decision: Exclude<Decision, { outcome: 'accepted' }>): boolean =>
  decision.outcome === 'refused' && decision.reason === 'signature-invalid';

/** The issuer when the policy names it and its keys may be asked for. Entra's also agrees with itself about tenant and version. */
function acceptedIssuer(claims: JsonObject, policy: Policy, { cloud, issuers }: Judges): TrustedIssuer | undefined {
  const iss = stringClaim(claims, 'iss');
  if (iss === undefined || !policy.issuers.includes(iss)) return undefined;
  const issuer = trustedIssuer(iss, cloud, issuers);
  if (issuer?.family !== 'entra') return issuer;
  const { tid, ver } = claims;
  return tid === issuer.tenant && (ver === undefined || ver === issuer.version) ? issuer : undefined;
}

/** What keeps a token from being a credential whoever signed it. */
const OF_ANY_SIGNER = [
  'audience-not-accepted',
  'token-expired',
  'token-not-yet-valid',
  'token-too-old',
  'token-proof-required',
] as const;

function unfitness(token: Presented, issuer: TrustedIssuer, policy: Policy): TokenRefusal | undefined {
  // No extension is understood here, and one that must be understood refuses the token (RFC 7515 §4.1.11).
  if (token.header.crit !== undefined) return 'token-malformed';
  if (!issuer.algorithms.includes(stringClaim(token.header, 'alg') ?? '')) return 'algorithm-not-allowed';
  return OF_ANY_SIGNER.find((rule) => breaks[rule](token, policy));
}

/** What a genuine token may lack of what the policy asks for. */
const OF_GENUINE = [
  'token-kind-not-accepted',
  'client-not-accepted',
  'subject-not-accepted',
  'scope-missing',
  'role-missing',
] as const;

async function judgeSignature(
  compact: string,
  token: DecodedToken,
  issuer: TrustedIssuer,
  keys: IssuerKeys,
  policy: Policy,
  now: Date,
): Promise<'genuine' | Extract<Decision, { outcome: 'refused' | 'undecided' }>> {
  const { metadata, signingKeys, nextRefreshAt } = keys;
  const undecided = (because: Absence | 'too-old') => {
    const seconds = Math.ceil((nextRefreshAt.getTime() - now.getTime()) / 1000);
    return { outcome: 'undecided', because, issuer: issuer.issuer, retryAfterSeconds: Math.max(1, seconds) } as const;
  };
  if (signingKeys.state === 'absent') return undecided(signingKeys.reason);
  const { cache, kidPublished } = signingKeys.value;
  if (cache.ageSeconds > policy.keyStalenessSeconds) return undecided('too-old');
  // A key that is not in an old set may have been published since the issuer last answered.
  if (kidPublished === false && (cache.refreshFailed !== undefined || cache.state === 'stale'))
    return undecided(cache.refreshFailed?.reason ?? 'too-old');
  // OpenID Connect Discovery 1.0 §4.3: keys of a document that names another issuer are not this issuer's.
  if (metadata.state !== 'present' || metadata.value.issuer !== issuer.issuer) return refused('issuer-not-accepted');
  const { kid } = token.header;
  // Entra and AKS always name the key; a token that does not is not theirs.
  if (typeof kid !== 'string' && (kid !== undefined || issuer.family !== 'configured')) return refused('key-not-found');
  if (kidPublished === false) return refused(cache.state === 'throttled' ? 'key-refresh-throttled' : 'key-not-found');
  const { result } = await verifySignature(compact, token, issuer, keys);
  if (result === 'verified') return 'genuine';
  return refused(result === 'invalid' ? 'signature-invalid' : 'key-not-found');
}
