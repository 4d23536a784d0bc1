import { randomBytes } from 'node:crypto';
import type { Port } from '../../src/trust/guarded-port.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import { issuersOf } from '../scale-out/key-hour.ts';

/** As many keys as Entra publishes for a tenant, each with its certificate. */
const KEYS = 8;
const MODULUS_BYTES = 256;
const CERTIFICATE_BYTES = 800;
const LOOK_UPS = 5_000;

/** Keeps the key sets of so many issuers, each in use by a policy; gives the bytes that they take, and the µs that finding a key takes. */
export async function keptKeys(
  issuerCount: number,
  collect: () => void,
): Promise<{ bytes: number; microseconds: number }> {
  const issuers = issuersOf(issuerCount);
  const ofMetadata = new Map(issuers.map(({ issuer, metadataUrl }) => [metadataUrl, issuer]));
  const port: Port = {
    getJson: async (url) => {
      const issuer = ofMetadata.get(url);
      const body = issuer === undefined ? keySet() : JSON.stringify({ issuer, jwks_uri: keysUrl(url) });
      return { ok: true, body: JSON.parse(body) };
    },
  };
  collect();
  const before = process.memoryUsage().heapUsed;
  const keys = new KeyCache({ port, now: () => new Date(), freshSeconds: 3_600, neverForgotten: issuers });
  const wanted = { kid: 'key-0', purpose: 'deciding' } as const;
  for (const issuer of issuers) await keys.get(issuer, wanted);
  collect();
  const bytes = process.memoryUsage().heapUsed - before;

  const started = performance.now();
  for (let count = 0; count < LOOK_UPS; count += 1) {
    const issuer = issuers[count % issuers.length];
    if (issuer) await keys.get(issuer, wanted);
  }
  return { bytes, microseconds: ((performance.now() - started) / LOOK_UPS) * 1000 };
}

const keysUrl = (metadataUrl: string): string =>
  metadataUrl.replace('/v2.0/.well-known/openid-configuration', '/discovery/v2.0/keys');

const keySet = (): string =>
  JSON.stringify({
    keys: Array.from({ length: KEYS }, (_, index) => ({
      kty: 'RSA',
      use: 'sig',
      kid: `key-${index}`,
      x5t: `key-${index}`,
      n: Buffer.concat([Buffer.from([0xa5]), randomBytes(MODULUS_BYTES - 1)]).toString('base64url'),
      e: 'AQAB',
      x5c: [randomBytes(CERTIFICATE_BYTES).toString('base64')],
    })),
  });
