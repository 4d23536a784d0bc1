import type { AzureSource } from '../azure/azure-reader.ts';
import type { AnalyzeTokenRequest } from '../contract/analyze-token.ts';
import { stringClaim, timeClaim } from '../contract/claims.ts';
import type { CloudName } from '../contract/clouds.ts';
import { isTooLarge, tokenHash } from '../contract/compact-jws.ts';
import type {
  DecodedToken,
  Gathered,
  SignatureVerification,
  SigningKeyDetails,
  TokenEvidence,
  TokenForm,
  TrustedIssuer,
} from '../contract/evidence.ts';
import { tokenKindOf } from '../contract/token-kind.ts';
import { profileOf } from '../contract/token-profile.ts';
import { type ConfiguredIssuer, trustedIssuer } from '../trust/families.ts';
import type { Policy } from '../trust/policies.ts';
import type { IssuerKeys } from '../verify/kept-keys.ts';
import type { KeyCache } from '../verify/key-cache.ts';
import { verifySignature } from '../verify/signature.ts';
import { describeKey } from '../verify/signing-key.ts';
import type { SnapshotStore } from '../verify/snapshot-store.ts';
import { witnessAt } from './gathered.ts';
import { chooseTarget } from './target.ts';
import { decodeToken, unwrapToken, withoutSignatures } from './token.ts';

/** What gathering about a token may use of the world. */
export interface TokenSources {
  keys: Pick<KeyCache, 'get'>;
  now(): Date;
  cloud: CloudName;
  issuers: readonly ConfiguredIssuer[];
}

/** What gathering may use of the world. */
export interface Sources extends TokenSources {
  keys: Pick<KeyCache, 'get' | 'lastSeen'>;
  openOrigins: readonly string[];
  /** Undefined: key sets are kept in memory alone. */
  snapshots?: SnapshotStore | undefined;
  azure: AzureSource;
  /** Tenants that may be asked about; empty: whichever the own sign-in reads. */
  tenants: readonly string[];
}

/** What was handed in, decoded: a whole token, or claims with or without a header. */
interface HandedIn {
  /** The whole token, for the one function that verifies it. */
  compact?: string;
  form?: TokenForm;
  token?: DecodedToken;
  /** Whether there is a header at all. */
  headed: boolean;
}

/** Everything the analysis of a token looks at. All waiting and all failing happens here; nothing is judged. */
export async function gatherTokenEvidence(
  request: AnalyzeTokenRequest,
  sources: TokenSources,
  policies: ReadonlyMap<string, Policy>,
): Promise<TokenEvidence> {
  const clock = sources.now();
  const moment = request.at === undefined ? clock : new Date(request.at);
  const { present, absent } = witnessAt(clock);
  const { compact, form, token, headed } = handedIn(request);
  const target = chooseTarget(request, token, sources, policies);
  const iss = token && stringClaim(token.claims, 'iss');
  const issuer = iss === undefined ? undefined : trustedIssuer(iss, target.cloud, sources.issuers);
  const family = issuer?.family ?? 'unknown';
  const kind = token && tokenKindOf(token, family);
  const source = form ? 'token' : 'request';
  const unread = absent('token', 'malformed', 'The token could not be read.');
  const ofToken = <T>(value: T | undefined): Gathered<T> => (value === undefined ? unread : present(source, value));
  const noHeader = absent('request', 'not-provided', 'Only claims were handed in, without a header.');

  return {
    now: present(request.at === undefined ? 'clock' : 'request', moment),
    target: present(request.target === undefined ? source : 'request', target),
    tokenForm: form ? present('token', form) : absent('request', 'not-provided', CLAIMS_ONLY),
    token: ofToken(token),
    header: headed ? ofToken(token?.header) : noHeader,
    tokenKind: ofToken(kind),
    profile: ofToken(token && kind && profileOf(token, kind, moment)),
    issuerFamily: ofToken(token && family),
    trustedIssuer: issuer ? present(source, issuer) : token ? absent('token', 'untrusted', UNTRUSTED) : unread,
    allowedAlgorithms: headed
      ? ofToken(token && (target.algorithms ?? issuer?.algorithms ?? ('unknown' as const)))
      : noHeader,
    ...(await keyEvidence()),
  };

  async function keyEvidence(): Promise<SignatureEvidence> {
    if (!token) return withoutKeys(unread);
    if (compact === undefined) return withoutKeys(absent('request', 'not-provided', CLAIMS_ONLY));
    if (!issuer)
      return withoutKeys(
        absent('issuer', 'untrusted', 'Its keys were not asked for, because the issuer is not trusted.'),
      );
    return await gatherKeys(compact, token, issuer, sources, moment.getTime() / 1000);
  }
}

const CLAIMS_ONLY = 'Only claims were handed in, so there is no signature to judge.';
const UNTRUSTED =
  'The issuer is of no trusted family, so it was not contacted; one of your own is trusted through the setting TOKEN_DOCTOR_ISSUERS.';

function handedIn({ token: pasted, header, claims }: AnalyzeTokenRequest): HandedIn {
  if (pasted === undefined) {
    const headed = header !== undefined;
    const form = tooLarge(JSON.stringify({ header, claims }));
    return form
      ? { form, headed }
      : { token: withoutSignatures({ header: header ?? {}, claims: claims ?? {} }), headed };
  }
  const unwrapped = unwrapToken(pasted);
  return { compact: unwrapped.compact, ...decodeToken(unwrapped), headed: true };
}

/** Claims are held to the size of the token they came in, so that nothing larger is ever looked at. */
function tooLarge(members: string): TokenForm | undefined {
  if (!isTooLarge(members)) return undefined;
  const lengthBytes = Buffer.byteLength(members);
  const fault = { part: 'token', detail: `its members have ${lengthBytes} bytes, more than are read` } as const;
  return { lengthBytes, sha256: tokenHash(members), removed: [], fault };
}

type SignatureEvidence = Pick<TokenEvidence, 'issuerMetadata' | 'signingKeys' | 'signingKey' | 'signature'>;

const withoutKeys = (why: Gathered<never>): SignatureEvidence => ({
  issuerMetadata: why,
  signingKeys: why,
  signingKey: why,
  signature: why,
});

async function gatherKeys(
  compact: string,
  token: DecodedToken,
  issuer: TrustedIssuer,
  sources: TokenSources,
  nowSeconds: number,
): Promise<SignatureEvidence> {
  const { alg, kid } = token.header;
  const namedKid = typeof kid === 'string' ? kid : undefined;
  const expires = timeClaim(token.claims, 'exp');
  const couldPass =
    typeof alg === 'string' &&
    issuer.algorithms.includes(alg) &&
    (expires === 'absent' || (typeof expires === 'number' && expires > nowSeconds));
  const refresh = couldPass ? 'auto' : 'when-old';
  const wanted = { kid: namedKid, refresh, purpose: 'diagnosing' } as const;
  let keys = await sources.keys.get(issuer, wanted);
  let signature = await judgeSignature(compact, token, issuer, keys);
  // As decisions have it: without a name a new key cannot be told from a forgery.
  if (couldPass && kid === undefined && signature.state === 'present' && signature.value.result === 'invalid') {
    keys = await sources.keys.get(issuer, { ...wanted, refresh: 'force' });
    signature = await judgeSignature(compact, token, issuer, keys);
  }
  return {
    issuerMetadata: keys.metadata,
    signingKeys: keys.signingKeys,
    signingKey: await detailsOf(keys, namedKid),
    signature,
  };
}

async function detailsOf(
  { signingKeys, keys }: IssuerKeys,
  kid: string | undefined,
): Promise<Gathered<SigningKeyDetails>> {
  if (signingKeys.state === 'absent') return signingKeys;
  const { source, observedAt } = signingKeys;
  const found = kid === undefined ? undefined : keys.find(({ jwk }) => jwk.kid === kid);
  return found
    ? { ...signingKeys, value: await describeKey(found) }
    : { state: 'absent', reason: 'not-found', detail: 'The key the token names is not published.', source, observedAt };
}

async function judgeSignature(
  compact: string,
  token: DecodedToken,
  issuer: TrustedIssuer,
  keys: IssuerKeys,
): Promise<Gathered<SignatureVerification>> {
  const { signingKeys } = keys;
  if (signingKeys.state === 'absent') return signingKeys;
  return { ...signingKeys, value: await verifySignature(compact, token, issuer, keys) };
}
