import { difference } from '../contract/difference.ts';
import type { KeyNames } from '../contract/evidence.ts';
import { applicationSignsWithOwnKey } from './application-signs-with-own-key.ts';
import { defineCheck, fail, pass, shown } from './check.ts';

export const kidMisspelt = defineCheck({
  id: 'kid-misspelt',
  title: 'The `kid` is spelt as the key is published',
  severity: 'error',
  needs: ['soughtKey', 'keyNames'],
  behind: [...applicationSignsWithOwnKey.behind, applicationSignsWithOwnKey.id],
  remediation:
    'Send or configure the `kid` letter for letter as it is published: it is compared as text (RFC 7515 §4.1.4).',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-4.5',

  run({ soughtKey: { kid }, keyNames }) {
    if (kid === undefined) return { outcome: 'not-applicable', summary: 'No key is named.' };
    if (keyNames.some((names) => names.kid === kid)) return pass('The `kid` is published in just this spelling.');
    const found = keyNames.flatMap((names) => likeness(kid, names) ?? [])[0];
    if (!found) return pass('No published `kid` is like it.');
    const { expected, how } = found;
    const slip = difference(expected, kid);
    return fail(`No key is published as ${shown(kid)}, but one that is the same ${how}.`, {
      expected: shown(expected),
      actual: shown(kid),
      ...(slip && { difference: slip }),
      remediation: { text: `Use the \`kid\` ${shown(expected)}, letter for letter.` },
    });
  },
});

/** How a published key is meant by what it is not called. */
function likeness(
  kid: string,
  { kid: expected, thumbprint, x5t }: KeyNames,
): { expected: string; how: string } | undefined {
  if (expected === undefined) return undefined;
  if (kid.trim() === expected.trim()) return { expected, how: 'but for white space' };
  if (kid.toLowerCase() === expected.toLowerCase()) return { expected, how: 'but for letter case' };
  const bytes = bytesOf(kid);
  if (bytes === undefined) return undefined;
  if (bytes === bytesOf(expected)) return { expected, how: 'in another encoding (base64, base64url or hex)' };
  if (bytes === bytesOf(thumbprint)) return { expected, how: 'by its JWK thumbprint (RFC 7638)' };
  return x5t.some((name) => bytesOf(name) === bytes)
    ? { expected, how: 'by the thumbprint of its certificate (`x5t`)' }
    : undefined;
}

/** Thumbprints are of 20 or 32 bytes, written in base64url, base64, or hex with or without colons. */
function bytesOf(text: string | undefined): string | undefined {
  const plain = (text ?? '').replace(/[\s:]/g, '');
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(plain)) return plain.toLowerCase();
  if (!/^[\w+/-]{26,43}={0,2}$/.test(plain)) return undefined;
  const bytes = Buffer.from(plain, 'base64');
  return [20, 32].includes(bytes.length) ? bytes.toString('hex') : undefined;
}
