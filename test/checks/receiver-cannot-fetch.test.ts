import { describe, expect, it } from 'vitest';
import { receiverCannotFetch } from '../../src/checks/receiver-cannot-fetch.ts';
import type { KeyDocument } from '../../src/contract/evidence.ts';
import { documentOf, receiverOf, unreadOf } from './key-builders.ts';

const run = (cannotFetch: boolean, ...keyDocuments: KeyDocument[]) =>
  receiverCannotFetch.run({ keyDocuments, receiver: receiverOf({ cannotFetch }) });

describe('receiver-cannot-fetch', () => {
  it.each<[string, boolean, KeyDocument[], string]>([
    ['nobody says so', false, [documentOf()], 'pass'],
    ['nobody says so, and nothing was read', false, [], 'pass'],
    ['it says so, and from here it can be fetched', true, [documentOf()], 'fail'],
    ['it says so, and from here neither', true, [unreadOf('unreachable')], 'unknown'],
    [
      'it says so of an address that is not asked',
      true,
      [documentOf(), unreadOf('untrusted', { role: 'receiver' })],
      'unknown',
    ],
    ['it says so, and nothing was asked', true, [], 'unknown'],
  ])('%s', (_name, cannotFetch, documents, outcome) => {
    expect(run(cannotFetch, ...documents).outcome).toBe(outcome);
  });

  it('names the host to be let through', () => {
    expect(run(true, documentOf()).remediation?.text).toContain('login.microsoftonline.com');
  });
});
