import { X509Certificate } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { SigningKeyDetails } from '../contract/evidence.ts';
import { bitsOf, type Jwk, type VerifyingKey } from './jwk-set.ts';

/** What a reader needs to know of a published key; for diagnosis, since reading a certificate takes time. */
export async function describeKey({ jwk, fault }: VerifyingKey): Promise<SigningKeyDetails> {
  const { kid, kty, use, alg, crv, n, issuer } = jwk;
  const certificate = certificateOf(jwk);
  const thumbprint = await thumbprintOf(jwk);
  return {
    ...(kid !== undefined && { kid }),
    kty,
    ...(use !== undefined && { use }),
    ...(alg !== undefined && { alg }),
    ...(kty === 'RSA' && n !== undefined && { bits: bitsOf(n) }),
    ...(crv !== undefined && { curve: crv }),
    algorithms: fault === undefined ? algorithmsOf(jwk) : [],
    ...(issuer !== undefined && { issuer }),
    ...(thumbprint !== undefined && { thumbprint }),
    ...(certificate && { certificate }),
    ...(fault && { fault }),
  };
}

/** RFC 7518 §3.1. */
const OF_RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const OF_CURVES: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };

function algorithmsOf({ kty, alg, crv = '' }: Jwk): string[] {
  const possible = kty === 'RSA' ? OF_RSA : [OF_CURVES[crv] ?? []].flat();
  return possible.filter((name) => alg === undefined || alg === name);
}

/** RFC 7638, SHA-256; undefined where the members make no key. */
export async function thumbprintOf({ kty, n, e, crv, x, y }: Jwk): Promise<string | undefined> {
  const members = kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y };
  return await calculateJwkThumbprint(JSON.parse(JSON.stringify(members))).catch(() => undefined);
}

/** RFC 7517 §4.7: the first certificate is the one of the key. */
function certificateOf({ x5c: [first] = [] }: Jwk): SigningKeyDetails['certificate'] {
  if (first === undefined) return undefined;
  try {
    const { validFrom, validTo, fingerprint } = new X509Certificate(Buffer.from(first, 'base64'));
    const [notBefore, notAfter] = [new Date(validFrom), new Date(validTo)];
    if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) return undefined;
    return { notBefore, notAfter, sha1: fingerprint.replaceAll(':', '').toLowerCase() };
  } catch {
    return undefined;
  }
}
