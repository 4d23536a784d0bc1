import { createPublicKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import type { KeyFault } from '../contract/evidence.ts';

/** Keys read of one document. Entra publishes about ten; more would only buy work for whoever publishes them. */
export const MAX_KEYS = 100;
/** RFC 7518 §3.3. */
const SHORTEST_RSA_BITS = 2048;
/** Bytes of an exponent beyond which verifying becomes slow; in use are three. */
const LONGEST_EXPONENT_BYTES = 8;

/** RFC 7517 §5: unknown members are ignored, and a key that cannot be used is skipped singly. */
export const JwkSet = z.looseObject({ keys: z.array(z.unknown()) });

/** RFC 7517 §4, RFC 7518 §6.2–6.3, and what Entra adds. Only these members are kept: a private one never gets further. */
export const Jwk = z.object({
  kty: z.string(),
  kid: z.string().optional(),
  use: z.string().optional(),
  alg: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  issuer: z.string().optional(),
  cloud_instance_name: z.string().optional(),
  x5t: text(),
  'x5t#S256': text(),
  /** The first certificate is the one of the key (RFC 7517 §4.7); the others are not kept. */
  x5c: z
    .array(z.unknown())
    .transform((chain) => chain.slice(0, 1).filter((item) => typeof item === 'string'))
    .optional()
    .catch(undefined),
  n: text(),
  e: text(),
  crv: text(),
  x: text(),
  y: text(),
});
export type Jwk = z.infer<typeof Jwk>;

/** What is no text is not there; the key is then found wanting. Members that restrict a key are never left out so. */
function text() {
  return z.string().optional().catch(undefined);
}

/** A published key with what keeps it from verifying any signature; the key object is made at its first use, once. */
export interface VerifyingKey {
  jwk: Jwk;
  fault?: KeyFault;
  /** Undefined where the members make no key. */
  publicKey(): KeyObject | undefined;
}

/** Reads published keys singly; what is no key at all is left out. */
export function readKeys(published: readonly unknown[]): VerifyingKey[] {
  return published.slice(0, MAX_KEYS).flatMap((key) => {
    const jwk = Jwk.safeParse(key);
    return jwk.success ? verifyingKey(jwk.data, publishesSecret(key)) : [];
  });
}

/** `secret`: whether the document publishes what only the issuer may know. */
export function verifyingKey(jwk: Jwk, secret: boolean): VerifyingKey {
  const fault = secret ? 'secret-published' : faultOf(jwk);
  let made: { key: KeyObject | undefined } | undefined;
  return {
    jwk,
    ...(fault && { fault }),
    publicKey: () => {
      made ??= { key: fault ? undefined : objectOf(jwk) };
      return made.key;
    },
  };
}

/** Whether a set has a key that is for signatures at all; one that has none never replaces one that has. */
export function canVerify({ jwk }: VerifyingKey): boolean {
  const fault = faultOf(jwk);
  return fault === 'too-short' || (fault === undefined && objectOf(jwk) !== undefined);
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4: members that are private, or make the key a shared secret. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const publishesSecret = (key: unknown): boolean =>
  typeof key === 'object' && key !== null && SECRET_MEMBERS.some((name) => Object.hasOwn(key, name));

function faultOf({ kty, use, key_ops: operations, n, e, crv, x, y }: Jwk): KeyFault | undefined {
  if (kty !== 'RSA' && kty !== 'EC') return 'other-type';
  if (use !== undefined && use !== 'sig') return 'other-use';
  if (operations !== undefined && !operations.includes('verify')) return 'other-use';
  const members = kty === 'RSA' ? [n, e] : [crv, x, y];
  if (!members.every((member) => typeof member === 'string' && member !== '')) return 'malformed';
  if (kty === 'EC') return undefined;
  if (!isExponent(Buffer.from(e ?? '', 'base64url'))) return 'malformed';
  return bitsOf(n ?? '') < SHORTEST_RSA_BITS ? 'too-short' : undefined;
}

/** RFC 8017 §3.1: odd, and 3 at least. With 1, anybody can make what verifies. */
const isExponent = (bytes: Buffer): boolean =>
  bytes.length <= LONGEST_EXPONENT_BYTES &&
  ((bytes.at(-1) ?? 0) & 1) === 1 &&
  BigInt(`0x${bytes.toString('hex')}`) >= 3n;

/** Length of an RSA modulus. Leading zero bits do not count (RFC 7518 §6.3.1.1). */
export function bitsOf(modulus: string): number {
  const bytes = Buffer.from(modulus, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}

/** Only the members of the public key go in. */
function objectOf({ kty, n = '', e = '', crv = '', x = '', y = '' }: Jwk): KeyObject | undefined {
  try {
    return createPublicKey({ key: kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y }, format: 'jwk' });
  } catch {
    return undefined;
  }
}
