import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { kidMisspelt } from '../../src/checks/kid-misspelt.ts';
import type { KeyNames } from '../../src/contract/evidence.ts';

const bytes = createHash('sha1').update('certificate').digest();
const sha256 = createHash('sha256').update('certificate').digest();
/** Chosen so that base64 and base64url differ. */
const odd = Buffer.from('fbefbefbefbefbefbefbefbefbefbefbefbefbef', 'hex');
const name = bytes.toString('base64url');
const keys: KeyNames[] = [
  { kid: name, thumbprint: sha256.toString('base64url'), x5t: [name, 'aa'.repeat(20)] },
  { kid: 'Key-2', x5t: [] },
  { kid: odd.toString('base64url'), x5t: [] },
  { x5t: ['bb'.repeat(20)] },
];
const run = (kid: string | undefined) =>
  kidMisspelt.run({ soughtKey: kid === undefined ? {} : { kid }, keyNames: keys });

describe('kid-misspelt', () => {
  it.each<[string, string, string]>([
    ['letter for letter', name, 'pass'],
    ['another name', 'other', 'pass'],
    ['a part of it', name.slice(0, -1), 'pass'],
    ['other bytes of the same length', Buffer.alloc(20, 1).toString('base64url'), 'pass'],
    ['letter case', 'key-2', 'fail'],
    ['white space behind', 'Key-2 ', 'fail'],
    ['a line break in front', '\nKey-2', 'fail'],
    ['white space within, which is another name', 'Key -2', 'pass'],
    ['base64 with padding', bytes.toString('base64'), 'fail'],
    ['base64 with its own letters', odd.toString('base64'), 'fail'],
    ['hex', bytes.toString('hex'), 'fail'],
    [
      'hex in capitals with colons',
      bytes
        .toString('hex')
        .toUpperCase()
        .replace(/..(?=.)/g, '$&:'),
      'fail',
    ],
    ['the JWK thumbprint', sha256.toString('base64url'), 'fail'],
    ['another thumbprint of the certificate', 'aa'.repeat(20), 'fail'],
    ['the thumbprint of a key without a kid, which cannot be named so', 'bb'.repeat(20), 'pass'],
    ['nothing', '', 'pass'],
    ['a long text', 'x'.repeat(100_000), 'pass'],
  ])('%s', (_name, kid, outcome) => {
    expect(run(kid).outcome).toBe(outcome);
  });

  it('shows the published spelling, and where they part', () => {
    expect(run('key-2')).toMatchObject({
      expected: 'Key-2',
      actual: 'key-2',
      difference: { kind: 'letter-case', at: 0 },
    });
    expect(run(bytes.toString('hex')).expected).toBe(name);
  });

  it('says nothing of a key that is not named', () => {
    expect(run(undefined).outcome).toBe('not-applicable');
  });
});
