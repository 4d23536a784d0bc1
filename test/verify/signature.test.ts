import { generateKeyPairSync, sign } from 'node:crypto';
import { CompactSign } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeToken } from '../../src/evidence/token.ts';
import { trustedIssuer } from '../../src/trust/families.ts';
import { type Jwk, readKeys } from '../../src/verify/jwk-set.ts';
import { MAX_KEYS_TRIED, verifySignature } from '../../src/verify/signature.ts';
import { TENANT, type TestKey, testKey } from '../tokens.ts';

const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const issuer = trustedIssuer(v2, 'public', [])!;
const configured = trustedIssuer('https://idp.example/', 'public', [{ issuer: 'https://idp.example/' }])!;
const claims = { iss: v2, tid: TENANT };
let key: TestKey;
let other: TestKey;

const verify = async (compact: string, jwks: readonly object[], by = issuer, cloudInstance?: string) => {
  const { token } = decodeToken({ compact, pasted: compact, removed: [] });
  const metadata = {
    state: 'present',
    value: { url: by.metadataUrl, issuer: by.issuer, jwksUri: '', cloudInstance },
    source: 'issuer',
    observedAt: new Date(0),
  } as const;
  return (await verifySignature(compact, token!, by, { keys: readKeys(jwks), metadata })).result;
};

beforeAll(async () => {
  [key, other] = await Promise.all([testKey('a'), testKey('b')]);
});

describe('verifySignature', () => {
  it('verifies with the key of that kid, among others', async () => {
    expect(await verify(await key.sign(claims), [other.jwk, key.jwk])).toBe('verified');
  });

  it('tries all keys that share a kid', async () => {
    const twin = { ...other.jwk, kid: 'a' };
    const compact = await key.sign(claims);
    expect(await verify(compact, [twin, key.jwk])).toBe('verified');
    const many = (count: number) => [...Array<Jwk>(count).fill(twin), key.jwk];
    expect(await verify(compact, many(MAX_KEYS_TRIED - 1))).toBe('verified');
    expect(await verify(compact, many(MAX_KEYS_TRIED))).toBe('not-settled');
    expect(await verify(compact, [twin, twin])).toBe('invalid');
  });

  it('verifies a token without kid with any published key', async () => {
    expect(await verify(await key.sign(claims, { kid: undefined }), [other.jwk, key.jwk])).toBe('verified');
  });

  it.each([
    [
      'altered payload',
      (c: string) =>
        c.replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify({ ...claims, oid: 'x' })).toString('base64url')}.`),
    ],
    [
      'altered header',
      (c: string) =>
        c.replace(/^[^.]+/, Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'a', x: 1 })).toString('base64url')),
    ],
    [
      'altered signature',
      (c: string) => c.replace(/\.([^.])([^.]*)$/, (_all, first, rest) => `.${first === 'A' ? 'B' : 'A'}${rest}`),
    ],
    [
      'shortened signature',
      (c: string) =>
        c.replace(/[^.]+$/, (signature) => Buffer.from(signature, 'base64url').subarray(1).toString('base64url')),
    ],
  ])('%s is invalid', async (_name, alter) => {
    expect(await verify(alter(await key.sign(claims)), [key.jwk])).toBe('invalid');
  });

  it.each<[string, (jwk: Jwk) => Jwk]>([
    ['another kid', (jwk) => ({ ...jwk, kid: 'c' })],
    ['another kid by letter case', (jwk) => ({ ...jwk, kid: 'A' })],
    ['another use', (jwk) => ({ ...jwk, use: 'enc' })],
    ['other operations', (jwk) => ({ ...jwk, key_ops: ['encrypt'] })],
    ['another algorithm', (jwk) => ({ ...jwk, alg: 'RS512' })],
    ['another type', (jwk) => ({ ...jwk, kty: 'EC' })],
    ['a symmetric type', (jwk) => ({ kty: 'oct', kid: jwk.kid, k: 'c2VjcmV0' })],
    [
      'another issuer',
      (jwk) => ({ ...jwk, issuer: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0' }),
    ],
  ])('a key published for %s is not used', async (_name, change) => {
    expect(await verify(await key.sign(claims), [change(key.jwk)])).toBe('no-usable-key');
  });

  it('takes the tenant into the issuer template of a key', async () => {
    const bound = { ...key.jwk, issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' };
    expect(await verify(await key.sign(claims), [bound])).toBe('verified');
    expect(await verify(await key.sign({ ...claims, tid: '$&' }), [bound])).toBe('no-usable-key');
    expect(await verify(await key.sign({ iss: v2 }), [bound])).toBe('no-usable-key');
  });

  it.each(['none', 'HS256', 'RS512', 'PS256', 'ES256', 'rs256'])(
    'an Entra token with algorithm %s meets no key',
    async (alg) => {
      const [, payload, signature] = (await key.sign(claims)).split('.');
      const header = Buffer.from(JSON.stringify({ alg, kid: 'a' })).toString('base64url');
      expect(await verify(`${header}.${payload}.${signature}`, [key.jwk])).toBe('no-usable-key');
    },
  );

  it('never takes a public key for a secret', async () => {
    const secret = Buffer.from(String(key.jwk.n), 'base64url');
    const compact = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'HS256', kid: 'a' })
      .sign(secret);
    expect(await verify(compact, [key.jwk], configured)).toBe('no-usable-key');
  });

  it('never follows a key in the header', async () => {
    const compact = await other.sign(claims, { kid: 'a', jwk: other.jwk });
    expect(await verify(compact, [key.jwk])).toBe('invalid');
  });

  it('takes the other asymmetric algorithms from a configured issuer', async () => {
    const [ec, pss] = await Promise.all([testKey('e', 'ES256'), testKey('p', 'PS256')]);
    expect(await verify(await ec.sign(claims), [ec.jwk], configured)).toBe('verified');
    expect(await verify(await pss.sign(claims), [pss.jwk], configured)).toBe('verified');
  });

  it('uses no key that is published with its private members, and the others of its set', async () => {
    const leaked = { ...key.jwk, d: 'AQAB' };
    expect(await verify(await key.sign(claims), [leaked, other.jwk])).toBe('no-usable-key');
    expect(await verify(await other.sign(claims), [leaked, other.jwk])).toBe('verified');
  });

  it.each([
    ['its own cloud', 'microsoftonline.com', 'verified'],
    ['another cloud', 'microsoftonline.us', 'no-usable-key'],
  ])('takes keys of %s', async (_name, cloud, result) => {
    const published = [{ ...key.jwk, cloud_instance_name: cloud }];
    expect(await verify(await key.sign(claims), published, issuer, 'microsoftonline.com')).toBe(result);
    // Documents of version 1.0 do not name their cloud.
    expect(await verify(await key.sign(claims), published)).toBe('verified');
  });

  it('uses no key below 2048 bits, and blames the key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'a' };
    const input = (await key.sign(claims)).split('.').slice(0, 2).join('.');
    const compact = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
    expect(await verify(compact, [jwk])).toBe('no-usable-key');
  });

  it('survives a malformed key', async () => {
    const compact = await key.sign(claims);
    for (const broken of [
      { ...key.jwk, n: 7 },
      { kty: 'RSA', kid: 'a' },
    ]) {
      expect(await verify(compact, [broken])).toBe('no-usable-key');
      expect(await verify(compact, [broken, key.jwk])).toBe('verified');
    }
  });
});
