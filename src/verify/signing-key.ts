import { X509Certificate } from 'node:crypto';
import type { SigningKeyDetails } from '../contract/evidence.ts';
import type { Jwk } from './key-cache.ts';

/** What a reader needs to know of a published key beside its name; for diagnosis, since reading a certificate takes time. */
export function describeKey(jwk: Jwk): SigningKeyDetails {
  const { kty, n, issuer } = jwk;
  const certificate = certificateOf(jwk);
  return {
    kty,
    ...(kty === 'RSA' && typeof n === 'string' && { bits: bitsOf(n) }),
    ...(issuer !== undefined && { issuer }),
    ...(certificate && { certificate }),
  };
}

/** Leading zero bits do not count (RFC 7518 §6.3.1.1). */
function bitsOf(modulus: string): number {
  const bytes = Buffer.from(modulus, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}

/** RFC 7517 §4.7: the first certificate is the one of the key. */
function certificateOf({ x5c }: Jwk): SigningKeyDetails['certificate'] {
  const [first] = Array.isArray(x5c) ? x5c : [];
  if (typeof first !== 'string') return undefined;
  try {
    const { validFrom, validTo } = new X509Certificate(Buffer.from(first, 'base64'));
    const [notBefore, notAfter] = [new Date(validFrom), new Date(validTo)];
    return Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime()) ? undefined : { notBefore, notAfter };
  } catch {
    return undefined;
  }
}
