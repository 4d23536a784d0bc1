import type { KeyObject } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import type { DecodedToken, KeyFault, SignatureVerification, TrustedIssuer } from '../contract/evidence.ts';
import type { VerifyingKey } from './jwk-set.ts';
import type { IssuerKeys } from './kept-keys.ts';

/** Keys tried for one token, where several have its `kid` or it names none: each costs up to 2 ms. */
export const MAX_KEYS_TRIED = 16;

/** Stands for the tenant of the token in the `issuer` of a key that may vouch for any (entra-docs, access-tokens.md). */
const TENANT_PLACEHOLDER = /\{tenantid\}/gi;

/**
 * Verifies a compact JWS with the issuer's published keys. The algorithm comes from the issuer's allow-list, never from
 * the token alone (RFC 8725 §3.1); keys named in the token's own header are not looked at. `token` is the same JWS
 * decoded. Keys that share a `kid` are tried in turn (RFC 7517 §4.5), all keys when the token names none, up to
 * {@link MAX_KEYS_TRIED} of them.
 */
export async function verifySignature(
  compact: string,
  token: DecodedToken,
  issuer: TrustedIssuer,
  published: Pick<IssuerKeys, 'keys' | 'metadata'>,
): Promise<SignatureVerification> {
  const { alg, kid } = token.header;
  if (typeof alg !== 'string' || !issuer.algorithms.includes(alg)) {
    return { result: 'no-usable-key', detail: 'The algorithm in the header is not one this issuer signs with.' };
  }
  const { metadata, keys } = published;
  const cloud = metadata.state === 'present' ? metadata.value.cloudInstance : undefined;
  const named = keys.filter(({ jwk }) => kid === undefined || jwk.kid === kid);
  const judged = named.map((key) => ({ key, objection: objectionTo(key, alg, token, cloud) }));
  const usable = judged.filter(({ objection }) => objection === undefined);
  if (usable.length === 0) {
    const [first] = judged;
    return {
      result: 'no-usable-key',
      detail:
        first?.objection ??
        (kid === undefined ? 'No key is published.' : 'No published key has the `kid` of the token.'),
    };
  }
  let unusable = 0;
  for (const { key } of usable.slice(0, MAX_KEYS_TRIED)) {
    const result = await tryKey(compact, key.publicKey(), alg);
    if (result === 'verified') return { result, detail: `Verified with the key ${key.jwk.kid ?? 'without a kid'}.` };
    if (result === 'no-usable-key') unusable += 1;
  }
  if (unusable === usable.length) {
    return {
      result: 'no-usable-key',
      detail: 'The published key cannot be used: its members make no key for this algorithm.',
    };
  }
  if (usable.length > MAX_KEYS_TRIED) {
    const detail = `${usable.length} keys could have made it. The first ${MAX_KEYS_TRIED} did not, and more are not tried.`;
    return { result: 'not-settled', detail };
  }
  return {
    result: 'invalid',
    detail:
      usable.length === 1
        ? 'The published key did not make it.'
        : `None of the ${usable.length} published keys made it.`,
  };
}

/** Why a key verifies nothing (RFC 7517 §4.2–4.3, RFC 7518 §3.3). */
const FAULTS: Readonly<Record<KeyFault, string>> = {
  'secret-published': 'The key is published with what only its issuer may know, so anybody could have signed.',
  'other-type': 'The key is of a type that verifies no signature of this algorithm.',
  'other-use': 'The key is published for another use than verifying signatures.',
  malformed: 'The published key lacks members, or has some that make no key.',
  'too-short': 'The published key is shorter than 2048 bits.',
};

/** Why a key may not verify this token, or undefined: RFC 7517 §4.1–4.4 and Entra's per-key `issuer` and cloud (entra-docs, access-tokens.md). */
function objectionTo(
  { jwk, fault }: VerifyingKey,
  alg: string,
  token: DecodedToken,
  cloud: string | undefined,
): string | undefined {
  const wanted = alg.startsWith('ES') ? 'EC' : 'RSA';
  if (jwk.kty !== wanted) return `The key is of type ${jwk.kty.slice(0, 8)}, the algorithm needs ${wanted}.`;
  if (fault !== undefined) return FAULTS[fault];
  if (jwk.alg !== undefined && jwk.alg !== alg) return 'The key is published for another algorithm.';
  const { iss, tid } = token.claims;
  const bound = jwk.issuer?.replace(TENANT_PLACEHOLDER, () => (typeof tid === 'string' ? tid : ''));
  if (bound !== undefined && bound !== iss) return 'The key is published for another issuer than the one in `iss`.';
  // The public cloud's document lists keys of US Government too.
  const ofCloud = jwk.cloud_instance_name;
  if (ofCloud !== undefined && cloud !== undefined && ofCloud !== cloud)
    return 'The key is published for another cloud.';
  return undefined;
}

async function tryKey(
  compact: string,
  key: KeyObject | undefined,
  alg: string,
): Promise<'verified' | 'invalid' | 'no-usable-key'> {
  if (!key) return 'no-usable-key';
  try {
    await compactVerify(compact, key, { algorithms: [alg] });
    return 'verified';
  } catch (error) {
    // Whatever else jose throws is about the key: its members, its length, its fitness for the algorithm.
    return error instanceof errors.JWSSignatureVerificationFailed ? 'invalid' : 'no-usable-key';
  }
}
