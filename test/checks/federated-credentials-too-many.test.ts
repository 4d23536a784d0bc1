import { describe, expect, it } from 'vitest';
import { federatedCredentialsTooMany } from '../../src/checks/federated-credentials-too-many.ts';
import { credentialOf, credentialsOf } from './federation-builders.ts';

const run = (count: number) =>
  federatedCredentialsTooMany.run({
    federatedCredentials: credentialsOf([...Array(count).keys()].map((n) => credentialOf({ subject: `s${n}` }))),
  });

describe('federated-credentials-too-many', () => {
  it.each([
    [0, 'pass'],
    [1, 'pass'],
    [19, 'pass'],
    [20, 'fail'],
    [21, 'fail'],
  ])('%d', (count, outcome) => {
    expect(run(count).outcome).toBe(outcome);
  });

  it('tells twenty from what no identity has', () => {
    expect(run(20).actual).toBe('20');
    expect(run(20).summary.replace('20', '21')).not.toBe(run(21).summary);
    expect(federatedCredentialsTooMany.severity).toBe('warning');
  });
});
