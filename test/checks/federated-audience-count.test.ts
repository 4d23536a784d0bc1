import { describe, expect, it } from 'vitest';
import { federatedAudienceCount } from '../../src/checks/federated-audience-count.ts';
import type { FederatedCredential } from '../../src/contract/federation.ts';
import { AUDIENCE, assertionOf, BINDING_ISSUER, credentialOf, credentialsOf } from './federation-builders.ts';

const run = (...credentials: FederatedCredential[]) =>
  federatedAudienceCount.run({ federatedCredentials: credentialsOf(credentials), assertion: assertionOf() });
const of = (...audiences: string[]) => credentialOf({ audiences });

describe('federated-audience-count', () => {
  it.each<[string, FederatedCredential[], string]>([
    ['one', [of(AUDIENCE)], 'pass'],
    ['another one, which is not its business', [of('x')], 'pass'],
    ['none', [of()], 'fail'],
    ['two', [of(AUDIENCE, 'x')], 'fail'],
    ['the same twice', [of(AUDIENCE, AUDIENCE)], 'fail'],
    ['two of another credential', [credentialOf({ subject: 'x', audiences: ['x', 'y'] }), of(AUDIENCE)], 'pass'],
    ['no credential', [], 'not-applicable'],
    ['that of a binding', [credentialOf({ issuer: BINDING_ISSUER, audiences: [] })], 'not-applicable'],
  ])('%s', (_name, credentials, outcome) => {
    expect(run(...credentials).outcome).toBe(outcome);
  });

  it('shows them', () => {
    expect(run(of(AUDIENCE, 'x'))).toMatchObject({ expected: 'one', actual: `${AUDIENCE}, x` });
    expect(run(of())).toMatchObject({ actual: 'none' });
  });
});
