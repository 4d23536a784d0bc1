import type { AnalyzeTokenRequest } from '../contract/analyze-token.ts';
import { stringClaim, timeClaim } from '../contract/claims.ts';
import type { CloudName } from '../contract/clouds.ts';
import type {
  Absence,
  DecodedToken,
  Evidence,
  Gathered,
  SignatureVerification,
  Source,
  TrustedIssuer,
} from '../contract/evidence.ts';
import { targetOf } from '../contract/target.ts';
import { tokenKindOf } from '../contract/token-kind.ts';
import { type ConfiguredIssuer, trustedIssuer } from '../trust/families.ts';
import type { IssuerKeys, KeyCache } from '../verify/key-cache.ts';
import { verifySignature } from '../verify/signature.ts';
import { decodeToken, type UnwrappedToken, unwrapToken } from './token.ts';

/** What gathering may use of the world. */
export interface Sources {
  keys: KeyCache;
  now(): Date;
  cloud: CloudName;
  issuers: readonly ConfiguredIssuer[];
}

/** Everything the analysis of a token looks at. All waiting and all failing happens here; nothing is judged. */
export async function gatherTokenEvidence(request: AnalyzeTokenRequest, sources: Sources): Promise<Evidence> {
  const clock = sources.now();
  const cloud = request.cloud ?? sources.cloud;
  const present = presentAt(clock);
  const absent = absentAt(clock);

  const unwrapped = unwrapToken(request.token);
  const { form, token } = decodeToken(unwrapped);
  const iss = token && stringClaim(token.claims, 'iss');
  const issuer = iss === undefined ? undefined : trustedIssuer(iss, cloud, sources.issuers);
  const moment = request.at === undefined ? clock : new Date(request.at);
  const unread = absent('token', 'malformed', 'The token could not be read.');

  return {
    now: present(request.at === undefined ? 'clock' : 'request', moment),
    target: present('request', targetOf(request.target, cloud)),
    tokenForm: present('token', form),
    token: token ? present('token', token) : unread,
    tokenKind: token ? present('token', tokenKindOf(token, issuer)) : unread,
    trustedIssuer: issuer
      ? present('token', issuer)
      : token
        ? absent(
            'token',
            'untrusted',
            'The issuer is of no trusted family, so it was not contacted; one of your own is trusted through the setting TOKEN_DOCTOR_ISSUERS.',
          )
        : unread,
    allowedAlgorithms: token ? present('token', issuer?.algorithms ?? ('unknown' as const)) : unread,
    ...(token && issuer
      ? await gatherKeys(unwrapped, token, issuer, sources, moment.getTime() / 1000)
      : withoutKeys(
          token
            ? absent('issuer', 'untrusted', 'Its keys were not asked for, because the issuer is not trusted.')
            : unread,
        )),
  };
}

type KeyEvidence = Pick<Evidence, 'issuerMetadata' | 'signingKeys' | 'signature'>;

const withoutKeys = (why: Gathered<never>): KeyEvidence => ({ issuerMetadata: why, signingKeys: why, signature: why });

async function gatherKeys(
  { compact }: UnwrappedToken,
  token: DecodedToken,
  issuer: TrustedIssuer,
  sources: Sources,
  nowSeconds: number,
): Promise<KeyEvidence> {
  const { alg, kid } = token.header;
  const namedKid = typeof kid === 'string' ? kid : undefined;
  const expires = timeClaim(token.claims, 'exp');
  const couldPass =
    typeof alg === 'string' &&
    issuer.algorithms.includes(alg) &&
    (expires === 'absent' || (typeof expires === 'number' && expires > nowSeconds));
  const keys = await sources.keys.get(issuer, namedKid, couldPass);
  return {
    issuerMetadata: keys.metadata,
    signingKeys: keys.signingKeys,
    signature: await judgeSignature(compact, token, issuer, keys),
  };
}

async function judgeSignature(
  compact: string,
  token: DecodedToken,
  issuer: TrustedIssuer,
  { signingKeys, jwks }: IssuerKeys,
): Promise<Gathered<SignatureVerification>> {
  if (signingKeys.state === 'absent') return signingKeys;
  return { ...signingKeys, value: await verifySignature(compact, token, issuer, jwks) };
}

const presentAt =
  (observedAt: Date) =>
  <T>(source: Source, value: T): Gathered<T> => ({ state: 'present', value, source, observedAt });

const absentAt =
  (observedAt: Date) =>
  (source: Source, reason: Absence, detail: string): Gathered<never> => ({
    state: 'absent',
    reason,
    detail,
    source,
    observedAt,
  });
