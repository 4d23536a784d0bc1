import { describe, expect, it } from 'vitest';
import { issuerUnreadable } from '../../src/checks/issuer-unreadable.ts';
import { HOSTILE } from './builders.ts';
import { ISSUER } from './federation-builders.ts';

const METADATA = `${ISSUER}.well-known/openid-configuration`;
const run = (reason: string | undefined, page: 'metadata' | 'keys' = 'metadata', metadataUrl = METADATA) =>
  issuerUnreadable.run({
    publication: { issuer: ISSUER, metadataUrl, ...(reason && { unread: { page, reason, detail: 'It is so.' } }) },
  });

describe('issuer-unreadable', () => {
  it.each([
    [undefined, 'pass'],
    ['not-found', 'fail'],
    ['forbidden', 'fail'],
    ['malformed', 'fail'],
    ['unreachable', 'unknown'],
    ['throttled', 'unknown'],
    ['untrusted', 'unknown'],
    ['not-provided', 'unknown'],
  ])('%s', (reason, outcome) => {
    expect(run(reason, 'metadata').outcome).toBe(outcome);
    expect(run(reason, 'keys').outcome).toBe(outcome);
  });

  it('says how to look, and which of the two it is', () => {
    expect(run('not-found').commands).toEqual([`curl -sS '${METADATA}'`]);
    expect(run('not-found', 'keys').summary).toContain('keys');
    expect(run('unreachable').commands).toBeUndefined();
  });

  it.each(HOSTILE.filter((value) => !value.startsWith(' ')))('has no address such as %j in a command', (value) => {
    expect(run('not-found', 'metadata', `${METADATA}${value}`).commands).toEqual(['curl -sS "$METADATA_URL"']);
  });
});
