import { describe, expect, it } from 'vitest';
import { recognizePasted } from '../../src/contract/pasted-form.ts';
import { decodeToken, unwrapToken } from '../../src/evidence/token.ts';

const b64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const good = `${b64({ alg: 'RS256', kid: 'a' })}.${b64({ aud: 'invented', exp: 1 })}.${'c2ln'.repeat(20)}`;
const encrypted = `${b64({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.${'Q'.repeat(40)}.${'R'.repeat(16)}.${'S'.repeat(40)}.T`;

// Put together here, so that nothing in this file looks like a secret to whoever looks for some.
const letters = 'inventedINVENTED0123456789'.repeat(8);
const pem = (label: string, body = letters) =>
  [`-----BEGIN ${label}-----`, ...(body.match(/.{1,64}/g) ?? []), `-----END ${label}-----`].join('\n');
const der = (...bytes: number[]) => Buffer.from([...bytes, ...Buffer.from(letters)]).toString('base64');
const lines = (text: string) => (text.match(/.{1,64}/g) ?? []).join('\r\n');
const PRIVATE = ['PRIVATE', 'KEY'].join(' ');
const secret = ['aB3', '8Q', `~${letters.slice(0, 34)}`].join('');
const certificate = der(0x30, 0x82, 0x03, 0x05, 0x30, 0x82, 0x01, 0xed);
const GUID = 'a1a2a3a4-1111-4222-8333-444455556666';
const refresh = (version: number) => [`${version}`, `AX${letters.slice(0, 30)}`, `AgABAwEAAAD${letters}`].join('.');
const ofGithub = (prefix: string) => [prefix, letters.slice(0, 36)].join('_');
const personal = `Ew${'B'}${letters}==`;

const recognized: [string, string, string | undefined][] = [
  ['a private key', pem(PRIVATE), 'private-key'],
  ['a private key of RSA', pem(`RSA ${PRIVATE}`), 'private-key'],
  ['a private key that is encrypted', pem(`ENCRYPTED ${PRIVATE}`), 'private-key'],
  [
    'a private key of EC behind its parameters',
    `${pem('EC PARAMETERS', 'AA')}\n${pem(`EC ${PRIVATE}`)}`,
    'private-key',
  ],
  ['a private key behind its certificate', `${pem('CERTIFICATE')}\n${pem(PRIVATE)}`, 'private-key'],
  ['a private key as DER (PKCS #8)', der(0x30, 0x82, 0x04, 0xbd, 0x02, 0x01, 0x00, 0x30), 'private-key'],
  ['a private key as DER (PKCS #1)', der(0x30, 0x82, 0x04, 0xa4, 0x02, 0x01, 0x00, 0x02), 'private-key'],
  ['a private key as DER (EC)', der(0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30), 'private-key'],
  ['a key store (PKCS #12)', lines(der(0x30, 0x82, 0x0a, 0x71, 0x02, 0x01, 0x03, 0x30)), 'private-key'],
  ['a certificate', pem('CERTIFICATE'), 'certificate'],
  ['a certificate as DER', certificate, 'certificate'],
  ['a certificate as DER, in lines', lines(certificate), 'certificate'],
  ['a SAML assertion', '<saml:Assertion xmlns:saml="urn:invented"/>', 'saml-assertion'],
  ['an XML document', '<?xml version="1.0"?><a/>', 'saml-assertion'],
  ...['<saml:Assertion/>', '<saml2p:Response/>', '<Assertion/>', '<?xml version="1.0"?><a/>', '<ns0:Response/>'].map(
    (xml): [string, string, string] => [`base64 of ${xml}`, Buffer.from(xml).toString('base64'), 'saml-assertion'],
  ),
  ['a client secret', secret, 'client-secret'],
  ['a GUID', GUID, 'guid'],
  ['a GUID in capitals', GUID.toUpperCase(), 'guid'],
  ['a refresh token', refresh(0), 'refresh-token'],
  ['a refresh token of today', refresh(1), 'refresh-token'],
  ['a refresh token without its dot', refresh(1).replace('.AgAB', 'AgAB'), 'refresh-token'],
  ['a refresh token of a personal account', `M.${'C'}521_BAY.0.U.${letters}`, 'refresh-token'],
  ...['ghp', 'gho', 'ghu', 'ghs', 'ghr', 'github_pat'].map((prefix): [string, string, string] => [
    `a token of GitHub: ${prefix}`,
    ofGithub(prefix),
    'opaque-token',
  ]),
  ['a token of GitLab', ['glpat', letters.slice(0, 20)].join('-'), 'opaque-token'],
  ['an opaque token of a personal account', personal, 'opaque-token'],
  ['an opaque text', letters.slice(0, 32), 'opaque-token'],
  ['a token response', JSON.stringify({ token_type: 'Bearer', access_token: good }), 'token-response'],
  ['a token response of the Azure CLI', JSON.stringify({ accessToken: good, tenant: GUID }, null, 2), 'token-response'],
  ['a token response with an ID token alone', JSON.stringify({ id_token: good }), 'token-response'],
  ['a form with a token', `token_type=Bearer&access_token=${good}`, 'token-response'],
  ['a form that begins with one', `id_token=${good}&state=1`, 'token-response'],
  ['an address with one in its fragment', `https://app.invalid/#access_token=${good}`, 'token-response'],
  ['flattened JSON', JSON.stringify({ payload: 'e30', protected: 'e30', signature: 'AA' }), 'json-serialization'],
  ['general JSON', JSON.stringify({ payload: 'e30', signatures: [{ signature: 'AA' }] }), 'json-serialization'],
  ['an encrypted token as JSON', JSON.stringify({ protected: 'e30', iv: 'A', ciphertext: 'B' }), 'encrypted-token'],
  ['two tokens in two lines', `${good}\n${good}`, 'several-tokens'],
  ['two tokens with a word between', `${good} and ${good}`, 'several-tokens'],
];

const nearMisses: [string, string, string | undefined][] = [
  ['nothing', '', undefined],
  ['a word', 'abc', undefined],
  ['a sentence', 'this is what our pipeline printed', undefined],
  ['15 characters', letters.slice(0, 15), undefined],
  ['a compact JWS', good, undefined],
  ['a compact JWS in lines', good.replaceAll('.', '.\n'), undefined],
  ['the beginning of a compact JWS', good.slice(0, 20), undefined],
  ['one token and a word', `${good} x`, undefined],
  ['five parts, which their header has to tell', encrypted, undefined],
  ['BEGIN in small letters', pem('CERTIFICATE').toLowerCase(), undefined],
  ['a certificate with a word in front', `key: ${certificate}`, undefined],
  ['a public key', pem('PUBLIC KEY'), 'certificate'],
  ['a client secret that is too short', secret.slice(0, -4), 'opaque-token'],
  ['a client secret with 7Z~ in place of 8Q~', secret.replace('8Q~', '8Z~'), 'opaque-token'],
  ['a GUID with a digit too few', GUID.slice(0, -1), 'opaque-token'],
  ['a GUID in braces', `{${GUID}}`, undefined],
  ['2. in front of what would be a refresh token', refresh(2), undefined],
  ['gh_', ofGithub('gh'), 'opaque-token'],
  ['ghp without its underline', 'ghp', undefined],
  ['JSON without a token', '{"expires_in":3600,"payload":"e30"}', undefined],
  ['JSON with a signature alone', '{"signature":"AA"}', undefined],
  ['JSON that is cut off', '{"access_token":"', undefined],
  ['JSON with a member that stands twice', '{"access_token":"a","access_token":"b"}', undefined],
  ['a list', '["access_token"]', undefined],
  ['a form without a token in it', 'access_token=&state=1', undefined],
  ['a form with another name', `my_access_token=${good}`, undefined],
];

/** Windows of a text, long enough that none is a word of ours. */
const windowsOf = (text: string) =>
  Array.from({ length: Math.max(0, text.length - 19) }, (_, at) => text.slice(at, at + 20));

describe('recognizePasted', () => {
  it.each([...recognized, ...nearMisses])('%s', (_name, text, form) => {
    expect(recognizePasted(text)?.form).toBe(form);
  });

  it.each(recognized)('%s is told from around the token too, and nothing of it is repeated', (_name, text, form) => {
    const decoded = decodeToken(unwrapToken(`  ${text}\n`));
    expect(decoded.token).toBeUndefined();
    expect(decoded.form.recognized?.form).toBe(form);
    const told = JSON.stringify(decoded);
    expect(windowsOf(text).filter((window) => told.includes(window))).toEqual([]);
  });

  it('says to revoke what opens something', () => {
    const advised = (text: string) => recognizePasted(text)?.advice?.includes('revoke') ?? false;
    expect([pem(PRIVATE), secret, refresh(1), ofGithub('ghp')].map(advised)).toEqual([true, true, true, true]);
    expect([pem('CERTIFICATE'), GUID, personal].map(advised)).toEqual([false, false, false]);
  });

  it.each(['eyJ', '-----BEGIN ', 'A ', 'eyJ.', '0.A', '{"a":', '<'])('reads a long text of %s in time', (piece) => {
    const started = performance.now();
    recognizePasted(` ${piece.repeat(250_000 / piece.length)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('of its parts a token tells', () => {
  const nested = `${b64({ alg: 'RS256', cty: 'JWT' })}.${b64(good)}.c2ln`;
  it.each([
    ['that it is encrypted', encrypted, 'token', 'encrypted-token'],
    ['that it is encrypted to a shared key', encrypted.replace(/\.Q+\./, '..'), 'token', 'encrypted-token'],
    ['that it has another inside', nested, 'payload', 'nested-token'],
    [
      'that it has an encrypted one inside',
      `${b64({ alg: 'RS256' })}.${b64(encrypted)}.c2ln`,
      'payload',
      'nested-token',
    ],
    ['nothing, of five parts without enc', `${good}.a.b`, 'token', undefined],
    ['nothing, of two tokens run together', `${good}${good}`, 'token', undefined],
    ['nothing, of six parts', `${encrypted}.a`, 'token', undefined],
    ['nothing, of a payload that is a word', `${b64({ alg: 'RS256' })}.${b64('eyJ')}.c2ln`, 'payload', undefined],
  ])('%s', (_name, text, part, form) => {
    const decoded = decodeToken(unwrapToken(text));
    expect(decoded.token).toBeUndefined();
    expect([decoded.form.fault?.part, decoded.form.recognized?.form]).toEqual([part, form]);
    const told = JSON.stringify(decoded);
    expect(windowsOf(text).filter((window) => told.includes(window))).toEqual([]);
  });
});
