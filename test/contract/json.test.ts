import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_JSON_DEPTH, parseJson } from '../../src/contract/json.ts';

const faultOf = (text: string) => {
  const parsed = parseJson(text);
  return parsed.ok ? undefined : parsed.fault;
};

describe('parseJson', () => {
  it.each([
    ['an object', '{"a":1}', { a: 1 }],
    ['white space around', ' \r\n\t[ 1 , 2 ] \n', [1, 2]],
    ['escapes', '"\\u0041\\n\\/"', 'A\n/'],
    [
      'the same name in different objects',
      '{"a":{"a":1},"b":[{"a":2},{"a":3}]}',
      { a: { a: 1 }, b: [{ a: 2 }, { a: 3 }] },
    ],
    ['numbers of every form', '[-0,1.5e+10,0.1E-2]', [-0, 1.5e10, 0.001]],
    ['words', '[true,false,null]', [true, false, null]],
    ['a character beyond ASCII', '"é😀\u007f"', 'é😀\u007f'],
  ])('takes %s', (_name, text, value) => {
    expect(parseJson(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['nothing', '', 'syntax', 1, 1],
    ['a single quote', "{'a':1}", 'syntax', 1, 2],
    ['a trailing comma', '{"a":1,}', 'syntax', 1, 8],
    ['a comment', '{"a":1 /* b */}', 'syntax', 1, 8],
    ['a missing comma', '{"a":1\n "b":2}', 'syntax', 2, 2],
    ['an unknown word', '{"a":x}', 'syntax', 1, 6],
    ['a leading zero', '[01]', 'syntax', 1, 3],
    ['text behind', '{} {}', 'syntax', 1, 4],
    ['an open string', '{"a', 'syntax', 1, 2],
    ['a raw line break in a string', '"a\nb"', 'syntax', 1, 1],
    ['a bad escape', '"\\x"', 'syntax', 1, 1],
    ['an open object', '{"a":1', 'syntax', 1, 7],
    ['a bracket of the other kind', '[1}', 'syntax', 1, 3],
    ['a byte order mark', '\ufeff{}', 'syntax', 1, 1],
    ['a member twice', '{"a":1,"a":2}', 'duplicate-member', 1, 8],
    ['a member twice, one escaped', '{"aud":1,"\\u0061ud":2}', 'duplicate-member', 1, 10],
    ['a member twice, deep', '{"a":[{"b":{"c":1,\n"c":2}}]}', 'duplicate-member', 2, 1],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'duplicate-member', 1, 16],
  ])('refuses %s and names the place', (_name, text, kind, line, column) => {
    expect(faultOf(text)).toMatchObject({ kind, line, column });
  });

  it('takes the deepest nesting allowed and refuses the next', () => {
    expect(parseJson('['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH)).ok).toBe(true);
    expect(faultOf('['.repeat(MAX_JSON_DEPTH + 1) + ']'.repeat(MAX_JSON_DEPTH + 1))?.kind).toBe('too-deep');
    expect(faultOf('['.repeat(1_000_000))?.kind).toBe('too-deep');
  });

  it('survives a string as long as a body may be', () => {
    expect(parseJson(`"${'a\\n'.repeat(200_000)}"`).ok).toBe(true);
    expect(faultOf(`"${'a'.repeat(1_000_000)}`)?.kind).toBe('syntax');
  });

  it('takes what JSON.stringify writes, unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it('agrees with JSON.parse on altered texts, except where it is stricter', () => {
    const altered = fc
      .tuple(
        fc.jsonValue({ maxDepth: 4 }),
        fc.nat(),
        fc.constantFrom('', '"', ',', '{', '}', '[', ']', ':', '\\', '0', 'e', '-', ' ', '\u0000', 't'),
        fc.nat(2),
      )
      .map(([value, at, insert, remove]) => {
        const text = JSON.stringify(value);
        const place = at % (text.length + 1);
        return text.slice(0, place) + insert + text.slice(place + remove);
      });
    fc.assert(
      fc.property(altered, (text) => {
        const ours = parseJson(text);
        if (!ours.ok && ours.fault.kind !== 'syntax') return;
        expect(ours.ok).toBe(accepts(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('repeats nothing of the text', () => {
    const fault = faultOf('{"token":"eyJcanary" x}');
    expect(JSON.stringify(fault)).not.toContain('canary');
  });
});

function accepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
