import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import { readKeys } from '../../src/verify/jwk-set.ts';
import { describeKey as describePublished } from '../../src/verify/signing-key.ts';
import { testKey } from '../tokens.ts';

/** Without what is the same for all: its thumbprint and the algorithms. */
async function describeKey(jwk: object) {
  const [key] = readKeys([jwk]);
  const { algorithms: _, thumbprint: __, fault: ___, ...rest } = await describePublished(key!);
  return rest;
}

/** A modulus of so many bytes, the first of them given. */
const modulus = (first: number, length: number) => {
  const bytes = Buffer.alloc(length, 0xa5);
  bytes[0] = first;
  return bytes;
};
const rsa = (bytes: Buffer, more: object = {}) => ({
  kty: 'RSA',
  n: bytes.toString('base64url'),
  e: 'AQAB',
  ...more,
});

describe('the length of a key', () => {
  it.each<[string, Buffer, number]>([
    ['2048', modulus(0x80, 256), 2_048],
    ['2048, every bit set', modulus(0xff, 256), 2_048],
    ['a bit less', modulus(0x7f, 256), 2_047],
    ['a bit less, the least there is', modulus(0x40, 256), 2_047],
    ['seven bits less', modulus(0x01, 256), 2_041],
    ['a bit more', modulus(0x01, 257), 2_049],
    ['1024', modulus(0x80, 128), 1_024],
    ['4096', modulus(0x80, 512), 4_096],
    ['a leading zero byte', Buffer.concat([Buffer.alloc(1), modulus(0x80, 256)]), 2_048],
    ['many of them', Buffer.concat([Buffer.alloc(128), modulus(0x80, 128)]), 1_024],
    ['a leading zero byte in place of one of its own', modulus(0x00, 256), 2_040],
    ['one', Buffer.from([1]), 1],
    ['nothing but zeros', Buffer.alloc(256), 0],
    ['nothing', Buffer.alloc(0), 0],
  ])('%s', async (_name, bytes, bits) => {
    expect(await describeKey(rsa(bytes))).toEqual({ kty: 'RSA', bits });
  });

  it.each([1_024, 2_048])('is the one it was made with: %d', async (modulusLength) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
    const jwk = publicKey.export({ format: 'jwk' });
    expect(await describeKey(jwk)).toEqual({ kty: 'RSA', bits: modulusLength });
  });

  it.each<[string, object]>([
    ['no modulus', { kty: 'RSA', e: 'AQAB' }],
    ['a modulus that is no text', { kty: 'RSA', n: 5, e: 'AQAB' }],
    ['a modulus that is null', { kty: 'RSA', n: null }],
  ])('is left out where it cannot be told: %s', async (_name, jwk) => {
    expect(await describeKey(jwk)).toEqual({ kty: 'RSA' });
  });

  it.each(['ES256', 'ES384'])('is left to the curve: %s', async (alg) => {
    const { jwk } = await testKey('a', alg);
    expect(await describeKey(jwk)).toMatchObject({ kty: 'EC', curve: expect.any(String) });
    expect(await describeKey({ ...jwk, n: modulus(0x80, 128).toString('base64url') })).toMatchObject({
      kty: 'EC',
      curve: expect.any(String),
    });
  });
});

describe('the issuer of a key', () => {
  it('is told where the key document has one', async () => {
    const issuer = 'https://login.microsoftonline.com/{tenantid}/v2.0';
    expect(await describeKey(rsa(modulus(0x80, 256), { issuer }))).toEqual({ kty: 'RSA', bits: 2_048, issuer });
  });

  it('is told beside its public words: no others, private ones least of all', async () => {
    const jwk = rsa(modulus(0x80, 256), { kid: 'a', use: 'sig', alg: 'RS256', d: 'secret', p: 'secret', x5t: 'a' });
    expect(await describeKey(jwk)).toEqual({ kid: 'a', kty: 'RSA', use: 'sig', alg: 'RS256', bits: 2_048 });
  });
});

describe('the certificate of a key', () => {
  // Days below 10 are written with two spaces in front of them.
  const notBefore = new Date('2026-03-01T00:00:01Z');
  const notAfter = new Date('2031-12-09T23:59:59Z');
  const later = new Date('2099-06-30T12:00:00Z');
  let pem = '';
  let own = '';
  let other = '';
  const der = (text: string) => new X509Certificate(text).raw.toString('base64');
  const key = (x5c: unknown) => describeKey(rsa(modulus(0x80, 256), { x5c }));

  beforeAll(async () => {
    const of = (notAfterDate: Date, keyType: 'rsa' | 'ec') =>
      generate([{ name: 'commonName', value: 'accounts.accesscontrol.windows.net' }], {
        keyType,
        keySize: 2048,
        algorithm: 'sha256',
        notBeforeDate: notBefore,
        notAfterDate,
      });
    pem = (await of(notAfter, 'rsa')).cert;
    own = der(pem);
    other = der((await of(later, 'ec')).cert);
  });

  it('is told by its dates', async () => {
    expect(await key([own])).toEqual({
      kty: 'RSA',
      bits: 2_048,
      certificate: {
        notBefore,
        notAfter,
        sha1: new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase(),
      },
    });
  });

  it('is the first of several', async () => {
    expect((await key([own, other])).certificate).toMatchObject({ notBefore, notAfter });
    expect((await key([other, own])).certificate).toMatchObject({ notBefore, notAfter: later });
    expect((await key([own, 'rubbish', 5])).certificate).toMatchObject({ notBefore, notAfter });
  });

  it('is told of EC keys too, beyond the year 2050 as well', async () => {
    const { jwk } = await testKey('a', 'ES256');
    expect(await describeKey({ ...jwk, x5c: [other] })).toMatchObject({
      kty: 'EC',
      certificate: { notBefore, notAfter: later },
    });
  });

  it.each<[string, () => unknown]>([
    ['no list', () => own],
    ['an object', () => ({ 0: own })],
    ['an empty list', () => []],
    ['null', () => null],
    ['a number in the list', () => [5]],
    ['null in the list', () => [null, own]],
    ['a list in the list', () => [[own]]],
    ['an empty text', () => ['']],
    ['a text that is no base64', () => ['§§§']],
    ['base64 of something else', () => [Buffer.from('no certificate').toString('base64')]],
    ['half of it', () => [own.slice(0, own.length / 2)]],
    ['the text of the file itself', () => [pem]],
    ['rubbish in front of a good one', () => ['AAAA', own]],
  ])('is left out where it cannot be read, and the rest stays: %s', async (_name, x5c) => {
    expect(await key(x5c())).toEqual({ kty: 'RSA', bits: 2_048 });
  });
});

describe('what a key is for', () => {
  const described = async (jwk: object) => await describePublished(readKeys([jwk])[0]!);
  it.each([
    ['RSA', rsa(modulus(0x80, 256)), ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'], undefined],
    ['RSA for one algorithm', rsa(modulus(0x80, 256), { alg: 'PS256' }), ['PS256'], undefined],
    ['RSA for an algorithm of other keys', rsa(modulus(0x80, 256), { alg: 'ES256' }), [], undefined],
    ['too short', rsa(modulus(0x80, 128)), [], 'too-short'],
    ['for encryption', rsa(modulus(0x80, 256), { use: 'enc' }), [], 'other-use'],
    ['for other operations', rsa(modulus(0x80, 256), { key_ops: ['encrypt'] }), [], 'other-use'],
    ['with a private member', rsa(modulus(0x80, 256), { d: 'AQAB' }), [], 'secret-published'],
    ['a secret', { kty: 'oct', k: 'AQAB' }, [], 'secret-published'],
    ['a secret whose value is left out', { kty: 'oct' }, [], 'other-type'],
    ['of an unknown type', { kty: 'OKP', crv: 'Ed25519', x: 'AQAB' }, [], 'other-type'],
    ['without a modulus', { kty: 'RSA', e: 'AQAB' }, [], 'malformed'],
    ['with an exponent that makes verifying slow', rsa(modulus(0x80, 256), { e: 'AQAB'.repeat(4) }), [], 'malformed'],
  ])('%s', async (_name, jwk, algorithms, fault) => {
    const { algorithms: told, fault: found } = await described(jwk);
    expect([told, found]).toEqual([algorithms, fault]);
  });

  it('is named by its thumbprint (RFC 7638 §3.1)', async () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    expect((await described({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' })).thumbprint).toBe(
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    );
  });
});
