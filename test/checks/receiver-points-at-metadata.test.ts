import { describe, expect, it } from 'vitest';
import { receiverPointsAtMetadata } from '../../src/checks/receiver-points-at-metadata.ts';
import type { KeyDocument } from '../../src/contract/evidence.ts';
import type { ReceiverProduct } from '../../src/contract/validate-key.ts';
import { documentOf, KEYS_URL, METADATA_URL, receiverOf, unreadOf } from './key-builders.ts';

const run = (document: KeyDocument, product: ReceiverProduct = 'other') =>
  receiverPointsAtMetadata.run({ keyDocuments: [document], receiver: receiverOf({ product }) });

const given = { given: true } as const;
const keys = documentOf(given);
const metadata = documentOf(
  { ...given, served: 'metadata', jwksUri: KEYS_URL },
  { page: 'metadata', url: METADATA_URL },
);

describe('receiver-points-at-metadata', () => {
  it.each<[string, KeyDocument, ReceiverProduct, string]>([
    ['keys, which are asked for', keys, 'other', 'pass'],
    ['metadata in place of keys', metadata, 'other', 'fail'],
    ['metadata in place of keys, at ServiceNow’s grant', metadata, 'servicenow-jwt-bearer', 'fail'],
    ['metadata in place of keys, at ServiceNow’s MCP server', metadata, 'servicenow-mcp', 'fail'],
    ['metadata, which ServiceNow’s OIDC provider asks for', metadata, 'servicenow-oidc', 'pass'],
    ['keys in place of metadata', keys, 'servicenow-oidc', 'fail'],
    ['metadata at Entra, which is given an issuer', metadata, 'token-exchange', 'not-applicable'],
    ['an address that was found by discovery', documentOf({ served: 'metadata' }), 'other', 'not-applicable'],
    [
      'metadata by its address, which did not answer',
      { ...unreadOf('unreachable', given), address: metadata.address },
      'other',
      'fail',
    ],
    ['keys by their address, which did not answer', unreadOf('unreachable', given), 'other', 'pass'],
    [
      'keys by their address, which did not answer, for metadata',
      unreadOf('unreachable', given),
      'servicenow-oidc',
      'fail',
    ],
    [
      'an address of no known kind, which did not answer',
      { ...unreadOf('unreachable', given), address: { ...keys.address, page: 'other' } },
      'other',
      'unknown',
    ],
    ['an HTML page at the address of keys', documentOf({ ...given, served: 'html' }), 'other', 'pass'],
  ])('%s', (_name, document, product, outcome) => {
    expect(run(document, product).outcome).toBe(outcome);
  });

  it('ends in the address to put in place', () => {
    expect(run(metadata)).toMatchObject({ expected: KEYS_URL, actual: METADATA_URL });
    expect(run(metadata, 'servicenow-jwt-bearer').remediation?.text).toMatch(
      new RegExp(`JWKS URL.* to ${KEYS_URL}\\.$`),
    );
    expect(run(keys, 'servicenow-oidc').remediation?.text).toContain(`to ${METADATA_URL}.`);
  });

  it('takes the address that the metadata name before one by their form', () => {
    const elsewhere = `${KEYS_URL}?appid=1`;
    expect(run({ ...metadata, jwksUri: elsewhere }).expected).toBe(elsewhere);
  });
});
