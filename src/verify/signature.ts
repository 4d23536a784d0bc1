import { compactVerify, errors, importJWK } from 'jose';
import type { DecodedToken, SignatureVerification, TrustedIssuer } from '../contract/evidence.ts';
import type { Jwk } from './key-cache.ts';

/** Stands for the tenant of the token in the `issuer` of a key that may vouch for any (entra-docs, access-tokens.md). */
const TENANT_PLACEHOLDER = /\{tenantid\}/gi;

/**
 * Verifies a compact JWS with the issuer's published keys. The algorithm comes from the issuer's allow-list, never from
 * the token alone (RFC 8725 §3.1); keys named in the token's own header are not looked at. `token` is the same JWS
 * decoded. Keys that share a `kid` are tried in turn (RFC 7517 §4.5), all keys when the token names none; the key cache
 * bounds their number.
 */
export async function verifySignature(
  compact: string,
  token: DecodedToken,
  issuer: TrustedIssuer,
  jwks: readonly Jwk[],
): Promise<SignatureVerification> {
  const { alg, kid } = token.header;
  if (typeof alg !== 'string' || !issuer.algorithms.includes(alg)) {
    return { result: 'no-usable-key', detail: 'The algorithm in the header is not one this issuer signs with.' };
  }
  const named = jwks.filter((jwk) => kid === undefined || jwk.kid === kid);
  const judged = named.map((jwk) => ({ jwk, objection: objectionTo(jwk, alg, token) }));
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
  for (const { jwk } of usable) {
    const result = await tryKey(compact, jwk, alg);
    if (result === 'verified') return { result, detail: `Verified with the key ${jwk.kid ?? 'without a kid'}.` };
    if (result === 'no-usable-key') unusable += 1;
  }
  if (unusable === usable.length) {
    return {
      result: 'no-usable-key',
      detail: 'The published key cannot be used: it is malformed, or shorter than 2048 bits.',
    };
  }
  return {
    result: 'invalid',
    detail:
      usable.length === 1
        ? 'The published key did not make it.'
        : `None of the ${usable.length} published keys made it.`,
  };
}

/** Why a key may not verify this token, or undefined: RFC 7517 §4.1–4.4 and Entra's per-key `issuer` (entra-docs, access-tokens.md). */
function objectionTo(jwk: Jwk, alg: string, token: DecodedToken): string | undefined {
  const wanted = alg.startsWith('ES') ? 'EC' : 'RSA';
  if (jwk.kty !== wanted) return `The key is of type ${jwk.kty.slice(0, 8)}, the algorithm needs ${wanted}.`;
  if (jwk.use !== undefined && jwk.use !== 'sig') return 'The key is published for another use than signatures.';
  if (jwk.key_ops !== undefined && !jwk.key_ops.includes('verify'))
    return 'The key is published for other operations than verifying.';
  if (jwk.alg !== undefined && jwk.alg !== alg) return 'The key is published for another algorithm.';
  const { iss, tid } = token.claims;
  const bound = jwk.issuer?.replace(TENANT_PLACEHOLDER, () => (typeof tid === 'string' ? tid : ''));
  if (bound !== undefined && bound !== iss) return 'The key is published for another issuer than the one in `iss`.';
  return undefined;
}

async function tryKey(
  compact: string,
  { kty, n, e, crv, x, y }: Jwk,
  alg: string,
): Promise<SignatureVerification['result']> {
  try {
    // Only the public members go in: a set that publishes private ones must not turn them into a key here.
    const key = await importJWK(JSON.parse(JSON.stringify({ kty, n, e, crv, x, y })), alg);
    await compactVerify(compact, key, { algorithms: [alg] });
    return 'verified';
  } catch (error) {
    // Whatever else jose throws is about the key: its members, its length, its fitness for the algorithm.
    return error instanceof errors.JWSSignatureVerificationFailed ? 'invalid' : 'no-usable-key';
  }
}
