import { describe, expect, it } from 'vitest';
import { issuerKeysUnreadable } from '../../src/checks/issuer-keys-unreadable.ts';
import type { KeyDocument } from '../../src/contract/evidence.ts';
import { documentOf, unreadOf } from './key-builders.ts';

const run = (...keyDocuments: KeyDocument[]) => issuerKeysUnreadable.run({ keyDocuments }).outcome;

describe('issuer-keys-unreadable', () => {
  it.each<[string, KeyDocument, string]>([
    ['read', documentOf(), 'pass'],
    ['read, without the key', documentOf({ kidPublished: false }), 'pass'],
    ['not there', unreadOf('not-found'), 'fail'],
    ['behind a sign-in', unreadOf('forbidden'), 'fail'],
    ['no key set', unreadOf('malformed'), 'fail'],
    // Of these another look may bring something else.
    ['no answer', unreadOf('unreachable'), 'unknown'],
    ['not asked', unreadOf('untrusted'), 'unknown'],
    ['not to be asked', unreadOf('not-provided'), 'unknown'],
  ])('%s', (_name, document, outcome) => {
    expect(run(document)).toBe(outcome);
  });

  it('looks at what was asked about alone', () => {
    expect(run(documentOf(), unreadOf('not-found', { role: 'receiver' }))).toBe('pass');
    expect(run(unreadOf('not-found', { role: 'tenant' }))).toBe('unknown');
  });
});
