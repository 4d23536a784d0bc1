import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { AUDIENCE } from './contenders.ts';
import { ISSUER } from './key-server.ts';

const LIFETIME_SECONDS = 86_400;

export interface Key {
  jwk: JWK;
  /** A token that it signed, under its own name. */
  token: string;
  /** One that it signed under another name. */
  tokenAs(kid: string): Promise<string>;
}

/** An RSA key as Entra and AKS have them, and tokens by it. */
export async function makeKey(kid: string): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const tokenAs = async (name: string) =>
    await new SignJWT({ sub: 'bench' })
      .setProtectedHeader({ alg: 'RS256', kid: name, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(Math.floor(Date.now() / 1000) - 60)
      .setExpirationTime(Math.floor(Date.now() / 1000) + LIFETIME_SECONDS)
      .sign(privateKey);
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' },
    token: await tokenAs(kid),
    tokenAs,
  };
}
