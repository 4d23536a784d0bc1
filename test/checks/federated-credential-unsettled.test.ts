import { describe, expect, it } from 'vitest';
import { federatedCredentialUnsettled } from '../../src/checks/federated-credential-unsettled.ts';
import type { FederatedCredential } from '../../src/contract/federation.ts';
import { NOW } from './builders.ts';
import { assertionOf, credentialOf, credentialsOf } from './federation-builders.ts';

const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000);
const run = (...credentials: FederatedCredential[]) =>
  federatedCredentialUnsettled.run({
    federatedCredentials: credentialsOf(credentials),
    assertion: assertionOf(),
    now: NOW,
  });

describe('federated-credential-unsettled', () => {
  it.each<[string, number, string]>([
    ['a month ago', 2_592_000, 'pass'],
    ['ten minutes ago', 600, 'pass'],
    ['a second less', 599, 'fail'],
    ['just now', 0, 'fail'],
    ['by a clock that is ahead', -30, 'fail'],
  ])('%s', (_name, seconds, outcome) => {
    expect(run(credentialOf({ createdAt: ago(seconds) })).outcome).toBe(outcome);
    expect(run(credentialOf({ modifiedAt: ago(seconds) })).outcome).toBe(outcome);
    expect(run(credentialOf({ createdAt: ago(9_999_999), modifiedAt: ago(seconds) })).outcome).toBe(outcome);
  });

  it('cannot tell where Azure does not', () => {
    expect(run(credentialOf()).outcome).toBe('unknown');
    expect(run().outcome).toBe('not-applicable');
  });

  it('is about the credential that fits, and no other', () => {
    const other = credentialOf({ subject: 'x', createdAt: ago(0) });
    expect(run(other, credentialOf({ createdAt: ago(900) })).outcome).toBe('pass');
    expect(run(other, credentialOf({ createdAt: ago(60) })).actual).toBe(ago(60).toISOString());
  });

  it('only warns', () => {
    expect(federatedCredentialUnsettled.severity).toBe('warning');
  });
});
