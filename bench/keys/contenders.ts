import { createPublicKey } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from 'jose';
import { JwksClient } from 'jwks-rsa';
import { readSettings } from '../../src/settings.ts';
import { trustedIssuer } from '../../src/trust/families.ts';
import { guardedPort, type Port } from '../../src/trust/guarded-port.ts';
import { decide } from '../../src/verify/decide.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import type { SnapshotStore } from '../../src/verify/snapshot-store.ts';
import { now } from './clock.ts';
import { ISSUER, JWKS_URI } from './key-server.ts';

export const AUDIENCE = 'api://bench';
export const NAMES = ['jose', 'jwks-rsa', 'aws-jwt-verify', 'Token Doctor'] as const;
export type Name = (typeof NAMES)[number];

/** What became of a token; `undecided` says nothing about it. */
export interface Outcome {
  outcome: 'accepted' | 'refused' | 'undecided';
  /** How the keys were had, where the contender tells. */
  keys?: string;
}

/** One verifier, as its users make one for one issuer. */
export type Verify = (token: string) => Promise<Outcome>;

/** A new one, which knows no key yet. `snapshots`: of ours alone. */
export function verifier(name: Name, snapshots?: SnapshotStore): Verify {
  switch (name) {
    case 'jose':
      return viaJose(createRemoteJWKSet(new URL(JWKS_URI)));
    case 'jwks-rsa':
      return viaJwksRsa(new JwksClient({ jwksUri: JWKS_URI }));
    case 'aws-jwt-verify':
      return viaAws();
    case 'Token Doctor':
      return viaTokenDoctor(snapshots);
  }
}

const answered = async (verified: Promise<unknown>): Promise<Outcome> =>
  verified.then(
    () => ({ outcome: 'accepted' }),
    () => ({ outcome: 'refused' }),
  );

const viaJose =
  (keys: ReturnType<typeof createRemoteJWKSet>): Verify =>
  (token) =>
    answered(jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256'] }));

const viaJwksRsa =
  (client: JwksClient): Verify =>
  (token) => {
    const { kid } = decodeProtectedHeader(token);
    const verified = client.getSigningKey(kid).then((key) =>
      jwtVerify(token, createPublicKey(key.getPublicKey()), {
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithms: ['RS256'],
      }),
    );
    return answered(verified);
  };

function viaAws(): Verify {
  const verify = JwtVerifier.create({ issuer: ISSUER, audience: AUDIENCE, jwksUri: JWKS_URI });
  return (token) => answered(verify.verify(token));
}

/** Through the whole of a decision, as introspection makes it: by a policy, through the guarded port. */
function viaTokenDoctor(snapshots: SnapshotStore | undefined): Verify {
  const { settings } = readSettings({
    TOKEN_DOCTOR_ISSUERS: JSON.stringify([{ issuer: ISSUER, jwksUri: JWKS_URI }]),
    TOKEN_DOCTOR_POLICIES: JSON.stringify({ default: { issuers: [ISSUER], audiences: [AUDIENCE] } }),
  });
  const policy = settings.policies.get('default');
  if (!policy) throw new Error('The policy of the benchmark is none.');
  const keys = new KeyCache({ port: guardedPort([]), now, freshSeconds: settings.keysFreshSeconds, snapshots });
  const { cloud, issuers } = settings;
  return (token) => decide(token, policy, { keys, now, cloud, issuers });
}

/** Asks for the keys of so many issuers, each with a document of its own, and holds what is kept of them. */
export async function offerIssuers(name: Name, count: number, keySet: object): Promise<unknown> {
  const uriOf = (index: number) => `https://issuer-${index}.bench.example/jwks`;
  const token = { header: { alg: 'RS256', kid: 'none' } };
  if (name === 'jose') {
    const kept = new Map<string, ReturnType<typeof createRemoteJWKSet>>();
    const fetched = async () => Response.json(keySet);
    for (let index = 0; index < count; index += 1) {
      const keys = createRemoteJWKSet(new URL(uriOf(index)), { [customFetch]: fetched });
      kept.set(uriOf(index), keys);
      await Promise.resolve(keys(token.header, { payload: '', signature: '' })).catch(() => {});
    }
    return kept;
  }
  if (name === 'jwks-rsa') {
    const kept = new Map<string, JwksClient>();
    for (let index = 0; index < count; index += 1) {
      const client = new JwksClient({
        jwksUri: uriOf(index),
        fetcher: async () => structuredClone(keySet) as { keys: never },
      });
      kept.set(uriOf(index), client);
      await client.getSigningKey('a').catch(() => {});
    }
    return kept;
  }
  if (name === 'aws-jwt-verify') {
    const body = new TextEncoder().encode(JSON.stringify(keySet)).buffer;
    const kept = new SimpleJwksCache({ fetcher: { fetch: async () => body } });
    for (let index = 0; index < count; index += 1) await kept.getJwks(uriOf(index));
    return kept;
  }
  const configured = Array.from({ length: count }, (_, index) => ({
    issuer: `https://issuer-${index}.bench.example/`,
    jwksUri: uriOf(index),
  }));
  const port: Port = { getJson: async () => ({ ok: true, body: structuredClone(keySet) }) };
  const kept = new KeyCache({ port, now, freshSeconds: 600 });
  for (const { issuer } of configured) {
    const found = trustedIssuer(issuer, 'public', configured);
    if (found) await kept.get(found, { kid: 'a', purpose: 'diagnosing' });
  }
  return kept;
}
