import { describe, expect, it } from 'vitest';
import { receiverPointsElsewhere } from '../../src/checks/receiver-points-elsewhere.ts';
import type { KeyDocument } from '../../src/contract/evidence.ts';
import { OTHER_TENANT, TENANT, v2 } from './builders.ts';
import { documentOf, KEYS_URL, KID, METADATA_URL, receiverOf, unreadOf } from './key-builders.ts';

const run = (...keyDocuments: KeyDocument[]) =>
  receiverPointsElsewhere.run({ soughtKey: { kid: KID }, keyDocuments, receiver: receiverOf() });

const without = documentOf({ kidPublished: false });
const found = (role: KeyDocument['role'], address: Parameters<typeof documentOf>[1]) => documentOf({ role }, address);
const url = 'https://login.microsoftonline.com/elsewhere/discovery/v2.0/keys';

describe('receiver-points-elsewhere', () => {
  it.each<[string, KeyDocument[], string]>([
    ['the key is there', [documentOf()], 'pass'],
    ['it is nowhere', [without, documentOf({ role: 'tenant', kidPublished: false })], 'pass'],
    ['it is in another tenant’s', [without, found('tenant', { tenant: OTHER_TENANT, url })], 'fail'],
    ['it is in another cloud’s', [without, found('other-cloud', { cloud: 'china', url })], 'fail'],
    ['it is in another policy’s', [without, found('policy', { policy: 'b2c_1_x', url })], 'fail'],
    ['it is in the other version', [without, found('tenant', { version: '1.0', url })], 'fail'],
    [
      'it is an application’s alone, of which another check speaks',
      [without, found('application', { appId: 'a', url })],
      'pass',
    ],
    [
      'what was asked about has it, and the receiver reads another',
      [documentOf(), documentOf({ role: 'receiver', kidPublished: false }, { tenant: OTHER_TENANT, url })],
      'fail',
    ],
    ['the receiver reads what has it', [without, documentOf({ role: 'receiver' })], 'pass'],
    // What could not be read may have it.
    ['what was asked about could not be read', [unreadOf('unreachable'), found('all-tenants', { url })], 'unknown'],
    ['what the receiver reads is not asked', [documentOf(), unreadOf('untrusted', { role: 'receiver' })], 'unknown'],
    ['nothing was asked', [], 'not-applicable'],
  ])('%s', (_name, documents, outcome) => {
    expect(run(...documents).outcome).toBe(outcome);
  });

  it('shows both addresses, and which one to use', () => {
    const ruling = run(
      documentOf(),
      documentOf({ role: 'receiver', kidPublished: false }, { tenant: OTHER_TENANT, url }),
    );
    expect(ruling).toMatchObject({ expected: KEYS_URL, actual: url });
    expect(ruling.remediation?.text).toContain(KEYS_URL);
    expect(ruling.remediation?.commands).toBeUndefined();
  });

  it.each([
    ['servicenow-jwt-bearer', KEYS_URL],
    ['servicenow-mcp', KEYS_URL],
    ['servicenow-oidc', METADATA_URL],
    ['token-exchange', v2(TENANT)],
    ['other', KEYS_URL],
  ] as const)('names what the product asks for: %s', (product, value) => {
    const read = documentOf({ role: 'receiver', kidPublished: false }, { tenant: OTHER_TENANT, url });
    const soughtKey = { kid: KID };
    const keyDocuments = [documentOf(), read];
    const { remediation } = receiverPointsElsewhere.run({ soughtKey, keyDocuments, receiver: receiverOf({ product }) });
    expect(remediation?.text.endsWith(` to ${value}.`)).toBe(true);
  });

  it('says nothing of a key that is not named', () => {
    const ruling = receiverPointsElsewhere.run({ soughtKey: {}, keyDocuments: [without], receiver: receiverOf() });
    expect(ruling.outcome).toBe('not-applicable');
  });
});
