import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { exportJWK, importPKCS8, type JWK } from 'jose';
import { generate } from 'selfsigned';
import type { SandboxKeys } from './token-bases.ts';

/** A key as Entra and AKS have them: RSA 2048, named by the thumbprint of its certificate (`kid` equals `x5t`). */
export interface SigningKey {
  kid: string;
  privateKey: Awaited<ReturnType<typeof importPKCS8>>;
  /** The public members, with the certificate as Entra publishes it. */
  jwk: JWK;
  /** The certificate as people upload it. */
  pem: string;
}

async function makeSigningKey(): Promise<SigningKey> {
  const pair = await generate([{ name: 'commonName', value: 'accounts.accesscontrol.windows.net' }], {
    keySize: 2048,
    algorithm: 'sha256',
  });
  const der = new X509Certificate(pair.cert).raw;
  const kid = createHash('sha1').update(der).digest('base64url');
  const publicJwk = await exportJWK(createPublicKey(pair.cert));
  return {
    kid,
    privateKey: await importPKCS8(pair.private, 'RS256'),
    jwk: { use: 'sig', kid, x5t: kid, ...publicJwk, x5c: [der.toString('base64')] },
    pem: pair.cert,
  };
}

/** One for each part that is played, made now. */
export async function makeSandboxKeys(): Promise<SandboxKeys> {
  const [entra, cluster, consumer, pipeline, application, customers, sovereign, former, stranger] = await Promise.all([
    makeSigningKey(),
    makeSigningKey(),
    makeSigningKey(),
    makeSigningKey(),
    makeSigningKey(),
    makeSigningKey(),
    makeSigningKey(),
    makeSigningKey(),
    makeSigningKey(),
  ]);
  return { entra, cluster, consumer, pipeline, application, customers, sovereign, former, stranger };
}
