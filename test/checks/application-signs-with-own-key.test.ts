import { describe, expect, it } from 'vitest';
import { applicationSignsWithOwnKey } from '../../src/checks/application-signs-with-own-key.ts';
import type { KeyDocument } from '../../src/contract/evidence.ts';
import { documentOf, KID, receiverOf, unreadOf } from './key-builders.ts';

const run = (...keyDocuments: KeyDocument[]) =>
  applicationSignsWithOwnKey.run({
    soughtKey: { kid: KID },
    keyDocuments,
    receiver: receiverOf({ product: 'servicenow-mcp' }),
  });

const without = documentOf({ kidPublished: false });
const keysUrl = 'https://login.microsoftonline.com/t/discovery/v2.0/keys?appid=a';
const own = documentOf({ role: 'application' }, { appId: 'a', url: keysUrl, keysUrl });

describe('application-signs-with-own-key', () => {
  it.each<[string, KeyDocument[], string]>([
    ['the tenant has the key', [documentOf()], 'pass'],
    ['the tenant and the application have it', [documentOf(), own], 'pass'],
    ['the application alone has it', [without, own], 'fail'],
    ['the application has it not either', [without, { ...own, kidPublished: false }], 'pass'],
    ['another tenant has it', [without, documentOf({ role: 'tenant' })], 'pass'],
    ['the receiver reads it', [without, { ...own, role: 'receiver' }], 'pass'],
    ['the tenant’s keys could not be read', [unreadOf('unreachable'), own], 'unknown'],
    ['nothing was asked', [], 'not-applicable'],
  ])('%s', (_name, documents, outcome) => {
    expect(run(...documents).outcome).toBe(outcome);
  });

  it('ends in the address with the application in it', () => {
    const { expected, remediation } = run(without, own);
    expect([expected, remediation?.text.endsWith(`to ${keysUrl}.`)]).toEqual([keysUrl, true]);
  });
});
