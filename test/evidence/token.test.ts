import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TOKEN_BYTES } from '../../src/contract/compact-jws.ts';
import { decodeToken, unwrapToken } from '../../src/evidence/token.ts';

const b64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const header = { alg: 'RS256', kid: 'a' };
const claims = { aud: 'x', exp: 1 };
const good = `${b64(header)}.${b64(claims)}.c2ln`;
const decode = (compact: string) => decodeToken({ compact, pasted: compact, removed: [] });

describe('unwrapToken', () => {
  it.each([
    ['nothing around', good, []],
    ['Bearer', `Bearer ${good}`, ['`Bearer `']],
    ['bearer in lower case', `bearer  ${good}`, ['`Bearer `']],
    ['a whole header', `Authorization: Bearer ${good}\r\n`, ['white space', '`Authorization:`', '`Bearer `']],
    ['double quotes', `"${good}"`, ['quotes']],
    ['single quotes and a line break', `'${good}'\n`, ['white space', 'quotes']],
    ['quotes around Bearer', `"Bearer ${good}"`, ['quotes', '`Bearer `']],
    ['line breaks inside', `${good.slice(0, 20)}\n${good.slice(20)}`, ['white space']],
    ['URL-encoding', good.replaceAll('.', '%2E'), ['URL-encoding']],
    ['an encoded Bearer', `Bearer%20${good}`, ['URL-encoding', '`Bearer `']],
    ['encoded double quotes', `%22${good}%22`, ['URL-encoding', 'quotes']],
    ['encoded single quotes', `%27${good}%27`, ['URL-encoding', 'quotes']],
    ['an encoded line break behind', `${good}%0D%0A`, ['URL-encoding', 'white space']],
    ['encoded line breaks inside', good.replaceAll('.', '.%0a'), ['URL-encoding', 'white space']],
    ['an encoded tab in front', `%09${good}`, ['URL-encoding', 'white space']],
    [
      'a whole encoded header',
      `Authorization%3A%20Bearer%20${good}`.replace('%3A', ':'),
      ['URL-encoding', '`Authorization:`', '`Bearer `'],
    ],
    [
      'encoded letters of base64url',
      good.replaceAll('-', '%2D').replaceAll('_', '%5f').replace('.', '%2e'),
      ['URL-encoding'],
    ],
    [
      'quotes around the token of a header',
      `Authorization: Bearer "${good}"`,
      ['`Authorization:`', '`Bearer `', 'quotes'],
    ],
    ['a whole header in quotes', `'Authorization: Bearer ${good}'`, ['quotes', '`Authorization:`', '`Bearer `']],
    ['backticks', `\`${good}\``, ['quotes']],
  ])('%s', (_name, pasted, removed) => {
    expect(unwrapToken(pasted)).toMatchObject({ compact: good, removed });
  });

  it.each(['"abc', '\'abc"', 'bearerabc', '%41', '%7B%7D', '%C3%A9', '%0', '%2', '%zz', '%250A', 'a%00b', '“abc”'])(
    'leaves %s as it is',
    (pasted) => {
      expect(unwrapToken(pasted)).toEqual({ compact: pasted, pasted, removed: [] });
    },
  );

  it('keeps white space inside for whoever is to recognize what is no token', () => {
    expect(unwrapToken(' "a\nb" ')).toEqual({ compact: 'ab', pasted: 'a\nb', removed: ['white space', 'quotes'] });
  });
});

describe('decodeToken', () => {
  it('keeps header and claims and drops the signature', () => {
    const decoded = decode(good);
    expect(decoded.token).toEqual({ header, claims });
    expect(decoded.form.fault).toBeUndefined();
    expect(JSON.stringify(decoded)).not.toContain('c2ln');
  });

  it('drops the signatures of tokens inside the token too, wherever they stand', () => {
    const inner = `eyJhbGciOiJSUzI1NiJ9.${b64({ a: 1 })}.canary`;
    const spaced = `${b64('{ "alg":"RS256"}')}.e30.canary`;
    const nested = [
      `Bearer ${inner}`,
      `${inner}\n`,
      `https://x.example/?t=${inner}&u=1`,
      JSON.stringify({ a: inner }),
      `${inner}.canary.canary`,
      `x.${inner}`,
      spaced,
    ];
    const { token } = decode(
      `${b64({ ...header, x: inner })}.${b64({ at: inner, list: [inner], deep: { b: inner }, text: 'a.b.c', nested, [inner]: 1 })}.c2ln`,
    );
    expect(JSON.stringify(token)).not.toContain('canary');
    expect(token?.claims.nested).toHaveLength(7);
    expect(token?.claims).toMatchObject({ text: 'a.b.c', at: expect.stringContaining('eyJhbGciOiJSUzI1NiJ9.') });
  });

  it('drops those of tokens in JSON serialisation, and keeps what merely has the name', () => {
    const claims = {
      payload: 'e30',
      protected: 'e30',
      signature: 'canary',
      deep: [
        {
          payload: 'e30',
          signatures: [
            { protected: 'e30', signature: 'canary' },
            { header: {}, signature: 'canary' },
          ],
        },
      ],
      mail: { signature: 'Yours, R.' },
    };
    const { token } = decode(`${b64(header)}.${b64(claims)}.c2ln`);
    expect(JSON.stringify(token)).not.toContain('canary');
    expect(token?.claims).toMatchObject({ payload: 'e30', protected: 'e30', mail: { signature: 'Yours, R.' } });
  });

  it('tells an encrypted token from two that were pasted together', () => {
    const recognized = (compact: string) => decode(compact).form.recognized?.form;
    expect(recognized(`${b64({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`)).toBe('encrypted-token');
    expect(recognized(`${good}${good}`)).toBeUndefined();
  });

  it('tells the size and a short digest', () => {
    expect(decode(good).form).toMatchObject({ lengthBytes: good.length, removed: [] });
    expect(decode(good).form.sha256).toMatch(/^[0-9a-f]{16}$/);
    expect(decode(good).form.sha256).not.toBe(decode(`${good}A`).form.sha256);
  });

  it.each([
    ['nothing', '', 'token'],
    ['one part', 'abc', 'token'],
    ['two parts', good.split('.').slice(0, 2).join('.'), 'token'],
    ['four parts', `${good}.a`, 'token'],
    ['five parts (JWE)', `${good}.a.b`, 'token'],
    ['an empty header', good.replace(/^[^.]+/, ''), 'header'],
    ['an empty payload', good.replace(/\.[^.]+\./, '..'), 'payload'],
    ['an empty signature', good.replace(/[^.]+$/, ''), 'signature'],
    ['padding in the payload', good.replace(/\.([^.]+)\./, '.$1=.'), 'payload'],
    ['padding in the signature', `${good}=`, 'signature'],
    ['plain base64', `${b64(header)}.ab+/.c2ln`, 'payload'],
    ['a foreign character', `${b64(header)}.ab*d.c2ln`, 'payload'],
    ['an impossible length', `${good}A`, 'signature'],
    ['bits no encoder writes', `${good.slice(0, -4)}c2k`.replace(/c2k$/, 'c2l'), 'signature'],
    ['no JSON', `${b64('hello')}.${b64(claims)}.c2ln`, 'header'],
    ['an array', `${b64(header)}.${b64([1])}.c2ln`, 'payload'],
    ['null', `${b64(header)}.${b64('null')}.c2ln`, 'payload'],
    ['a string', `${b64('"a"')}.${b64(claims)}.c2ln`, 'header'],
    ['duplicate members', `${b64(header)}.${b64('{"aud":"a","aud":"b"}')}.c2ln`, 'payload'],
    ['a byte order mark', `${b64('\ufeff{}')}.${b64(claims)}.c2ln`, 'header'],
    ['no UTF-8', `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${b64(claims)}.c2ln`, 'header'],
    ['nesting without end', `${b64(header)}.${b64('['.repeat(5000))}.c2ln`, 'payload'],
    ['one byte too many', 'a'.repeat(MAX_TOKEN_BYTES + 1), 'token'],
  ])('names %s as the fault of its part', (_name, compact, part) => {
    const { form, token } = decode(compact);
    expect(token).toBeUndefined();
    expect(form.fault?.part).toBe(part);
  });

  it('reads an unsecured token, whose fault is its algorithm', () => {
    expect(decode(`${b64({ alg: 'none' })}.${b64(claims)}.`).token).toMatchObject({ header: { alg: 'none' } });
  });

  it('reads the largest token', () => {
    const room = MAX_TOKEN_BYTES - `${b64(header)}.${b64(claims)}.`.length;
    expect(decode(`${b64(header)}.${b64(claims)}.${'A'.repeat(room - (room % 4))}`).token).toBeDefined();
  });

  it('answers any text with a fault or a token, and repeats no text in the fault', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
      fc.nat(good.length - 1).map((cut) => good.slice(0, cut)),
      fc
        .tuple(fc.nat(good.length - 1), fc.integer({ min: 33, max: 126 }))
        .map(([at, code]) => good.slice(0, at) + String.fromCharCode(code) + good.slice(at + 1)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { form, token } = decodeToken(unwrapToken(text));
        expect(form.fault === undefined).toBe(token !== undefined);
      }),
      { numRuns: 10_000 },
    );
  });
});
