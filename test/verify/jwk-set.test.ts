import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readKeys } from '../../src/verify/jwk-set.ts';
import { verifySignature } from '../../src/verify/signature.ts';
import { issuer, rsa } from './key-world.ts';

/** What RSA with the exponent 1 takes for a signature, made by anybody: the padded digest itself (RFC 8017 §9.2). */
function forged() {
  const header = { alg: 'RS256', kid: 'a' };
  const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${b64(header)}.${b64({ sub: 'anybody' })}`;
  const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const digest = Buffer.concat([prefix, createHash('sha256').update(input).digest()]);
  const padding = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(256 - 3 - digest.length, 255), Buffer.from([0])]);
  const signature = Buffer.concat([padding, digest]).toString('base64url');
  return { compact: `${input}.${signature}`, token: { header, claims: { sub: 'anybody' } } };
}

describe('the exponent of an RSA key', () => {
  it.each([
    ['1', 'AQ'],
    ['1 with a zero in front', 'AAE'],
    ['0', 'AA'],
    ['nothing', '!'],
    ['even', 'AQAA'],
    ['longer than is in use', 'AQAAAAAAAAAB'],
  ])('that is %s makes no key, so that nobody signs without the private one (RFC 8017 §3.1)', async (_name, e) => {
    const keys = readKeys([{ ...rsa('a'), e }]);
    expect(keys).toMatchObject([{ fault: 'malformed' }]);
    const { compact, token } = forged();
    const metadata = { state: 'absent', reason: 'unreachable', detail: '', source: 'issuer' } as const;
    const published = { keys, metadata: { ...metadata, observedAt: new Date(0) } };
    expect((await verifySignature(compact, token, issuer, published)).result).toBe('no-usable-key');
  });

  it.each(['Aw', 'EQ', 'AQAB', 'AAEAAQ'])('in use stays: %s', (e) => {
    expect(readKeys([{ ...rsa('a'), e }])[0]?.publicKey()?.type).toBe('public');
  });
});

describe('members that restrict a key', () => {
  it.each([
    ['use', ['sig']],
    ['key_ops', 'sign'],
    ['alg', 256],
    ['issuer', null],
    ['cloud_instance_name', {}],
    ['kid', 7],
  ])('are never left out: a key whose %s cannot be read is none', (name, value) => {
    expect(readKeys([{ ...rsa('a'), [name]: value }, rsa('b')]).map(({ jwk }) => jwk.kid)).toEqual(['b']);
  });
});
