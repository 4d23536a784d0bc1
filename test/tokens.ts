import { CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Jwk } from '../src/verify/jwk-set.ts';

export const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';

export interface TestKey {
  kid: string;
  jwk: Jwk;
  sign(claims: object, header?: object): Promise<string>;
}

/** A key pair made in the test, published under `kid`. */
export async function testKey(kid: string, alg = 'RS256', options: { modulusLength?: number } = {}): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, ...options });
  const jwk: JWK = await exportJWK(publicKey);
  return {
    kid,
    jwk: { ...jwk, kty: jwk.kty ?? '', kid, use: 'sig' } as Jwk,
    sign: (claims, header = {}) =>
      new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg, kid, typ: 'JWT', ...header })
        .sign(privateKey),
  };
}
