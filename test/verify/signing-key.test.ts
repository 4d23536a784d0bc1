import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Jwk } from '../../src/verify/key-cache.ts';
import { describeKey } from '../../src/verify/signing-key.ts';
import { testKey } from '../tokens.ts';

/** A modulus of so many bytes, the first of them given. */
const modulus = (first: number, length: number) => {
  const bytes = Buffer.alloc(length, 0xa5);
  bytes[0] = first;
  return bytes;
};
const rsa = (bytes: Buffer, more: object = {}): Jwk => ({
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
  ])('%s', (_name, bytes, bits) => {
    expect(describeKey(rsa(bytes))).toEqual({ kty: 'RSA', bits });
  });

  it.each([1_024, 2_048])('is the one it was made with: %d', (modulusLength) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
    const jwk = publicKey.export({ format: 'jwk' }) as Jwk;
    expect(describeKey(jwk)).toEqual({ kty: 'RSA', bits: modulusLength });
  });

  it.each<[string, Jwk]>([
    ['no modulus', { kty: 'RSA', e: 'AQAB' }],
    ['a modulus that is no text', { kty: 'RSA', n: 5, e: 'AQAB' }],
    ['a modulus that is null', { kty: 'RSA', n: null }],
  ])('is left out where it cannot be told: %s', (_name, jwk) => {
    expect(describeKey(jwk)).toEqual({ kty: 'RSA' });
  });

  it.each(['ES256', 'ES384'])('is left to the curve: %s', async (alg) => {
    const { jwk } = await testKey('a', alg);
    expect(describeKey(jwk)).toEqual({ kty: 'EC' });
    expect(describeKey({ ...jwk, n: modulus(0x80, 128).toString('base64url') })).toEqual({ kty: 'EC' });
  });
});

describe('the issuer of a key', () => {
  it('is told where the key document has one', () => {
    const issuer = 'https://login.microsoftonline.com/{tenantid}/v2.0';
    expect(describeKey(rsa(modulus(0x80, 256), { issuer }))).toEqual({ kty: 'RSA', bits: 2_048, issuer });
  });

  it('is the only one of its words beside the type: no others, private ones least of all', () => {
    const jwk = rsa(modulus(0x80, 256), { kid: 'a', use: 'sig', alg: 'RS256', d: 'secret', p: 'secret', x5t: 'a' });
    expect(describeKey(jwk)).toEqual({ kty: 'RSA', bits: 2_048 });
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

  it('is told by its dates', () => {
    expect(key([own])).toEqual({ kty: 'RSA', bits: 2_048, certificate: { notBefore, notAfter } });
  });

  it('is the first of several', () => {
    expect(key([own, other]).certificate).toEqual({ notBefore, notAfter });
    expect(key([other, own]).certificate).toEqual({ notBefore, notAfter: later });
    expect(key([own, 'rubbish', 5]).certificate).toEqual({ notBefore, notAfter });
  });

  it('is told of EC keys too, beyond the year 2050 as well', async () => {
    const { jwk } = await testKey('a', 'ES256');
    expect(describeKey({ ...jwk, x5c: [other] })).toEqual({ kty: 'EC', certificate: { notBefore, notAfter: later } });
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
  ])('is left out where it cannot be read, and the rest stays: %s', (_name, x5c) => {
    expect(key(x5c())).toEqual({ kty: 'RSA', bits: 2_048 });
  });
});
