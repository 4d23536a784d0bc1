import { describe, expect, it } from 'vitest';
import { federatedCredentialsDuplicate } from '../../src/checks/federated-credentials-duplicate.ts';
import type { FederatedCredential } from '../../src/contract/federation.ts';
import { credentialOf, credentialsOf, flexibleOf, GITHUB, SUBJECT } from './federation-builders.ts';

const run = (...credentials: FederatedCredential[]) =>
  federatedCredentialsDuplicate.run({ federatedCredentials: credentialsOf(credentials) });
const one = credentialOf({ name: 'one' });
const two = credentialOf({ name: 'two' });

describe('federated-credentials-duplicate', () => {
  it.each<[string, FederatedCredential[], string]>([
    ['none', [], 'pass'],
    ['one', [one], 'pass'],
    ['two of the same', [one, two], 'fail'],
    ['two of the same, with another between', [one, credentialOf({ subject: 'x' }), two], 'fail'],
    ['two of the same for another audience', [one, { ...two, audiences: ['x'] }], 'fail'],
    ['one issuer, two subjects', [one, { ...two, subject: `${SUBJECT}2` }], 'pass'],
    ['one subject, two issuers', [one, { ...two, issuer: GITHUB }], 'pass'],
    ['two letter cases', [one, { ...two, subject: SUBJECT.toUpperCase() }], 'pass'],
    ['two expressions', [flexibleOf('a'), flexibleOf('b')], 'pass'],
  ])('%s', (_name, credentials, outcome) => {
    expect(run(...credentials).outcome).toBe(outcome);
  });

  it('names those that are there again, and deletes none: only one of them has the right audience', () => {
    expect(run(one, two)).toMatchObject({ actual: 'two' });
    expect(run(...['a', 'b', 'c'].map((name) => credentialOf({ name }))).actual).toBe('b, c');
    expect(run(one, two).commands).toBeUndefined();
  });
});
