import { describe, expect, it } from 'vitest';
import { receiverPointsAtNoKeySet } from '../../src/checks/receiver-points-at-no-key-set.ts';
import type { KeyDocument } from '../../src/contract/evidence.ts';
import type { ReceiverProduct } from '../../src/contract/validate-key.ts';
import { documentOf, KEYS_URL, receiverOf, unreadOf } from './key-builders.ts';

const run = (documents: KeyDocument[], product: ReceiverProduct = 'other') =>
  receiverPointsAtNoKeySet.run({ keyDocuments: documents, receiver: receiverOf({ product }) });

const given = { given: true } as const;

describe('receiver-points-at-no-key-set', () => {
  it.each<[string, KeyDocument, ReceiverProduct, string]>([
    ['a key set', documentOf(given), 'other', 'pass'],
    ['metadata, which are asked for', documentOf({ ...given, served: 'metadata' }), 'servicenow-oidc', 'pass'],
    ['an HTML page', unreadOf('malformed', { ...given, served: 'html' }), 'other', 'fail'],
    ['something else', unreadOf('malformed', given), 'other', 'fail'],
    ['nothing: 404', unreadOf('not-found', given), 'other', 'fail'],
    ['nothing: 403', unreadOf('forbidden', given), 'other', 'fail'],
    ['no answer', unreadOf('unreachable', given), 'other', 'unknown'],
    ['an address that is not asked', unreadOf('untrusted', given), 'other', 'unknown'],
    ['an address that was found by discovery', unreadOf('not-found'), 'other', 'not-applicable'],
  ])('%s', (_name, document, product, outcome) => {
    expect(run([document], product).outcome).toBe(outcome);
  });

  it('names the address that serves the keys, where one was read', () => {
    const wrong = unreadOf('malformed', { ...given, role: 'receiver', served: 'html' });
    const ruling = run(
      [documentOf(), { ...wrong, address: { ...wrong.address, url: 'https://idp.example/login' } }],
      'servicenow-mcp',
    );
    expect(ruling).toMatchObject({ outcome: 'fail', expected: KEYS_URL, actual: 'https://idp.example/login' });
    expect(ruling.remediation?.text).toContain(KEYS_URL);
  });
});
