import { describe, expect, it } from 'vitest';
import { identityBindingPresent } from '../../src/checks/identity-binding-present.ts';
import type { FederatedIdentity, IdentityBinding } from '../../src/contract/federation.ts';
import { CLIENT } from './builders.ts';
import { IDENTITY_ID, identityOf, OTHER_GUID } from './federation-builders.ts';
import { LONG } from './key-builders.ts';

const run = (identityBindings: IdentityBinding[], identity: FederatedIdentity = identityOf()) =>
  identityBindingPresent.run({ identityBindings, identity });
const nameless = identityOf({ clientId: undefined, resourceId: undefined });

describe('identity-binding-present', () => {
  it.each<[string, IdentityBinding[], FederatedIdentity, string]>([
    ['none', [], identityOf(), 'pass'],
    ['of another identity', [{ clientId: OTHER_GUID, resourceId: `${IDENTITY_ID}2` }], identityOf(), 'pass'],
    ['by its client id', [{ clientId: CLIENT.toUpperCase() }], identityOf(), 'unknown'],
    ['by its ARM id', [{ resourceId: IDENTITY_ID.toLowerCase() }], identityOf(), 'unknown'],
    ['behind another', [{ clientId: OTHER_GUID }, { clientId: CLIENT }], identityOf(), 'unknown'],
    ['of nobody, for an identity without ids', [{}], nameless, 'pass'],
  ])('%s', (_name, bindings, identity, outcome) => {
    expect(run(bindings, identity).outcome).toBe(outcome);
  });

  it('names the binding', () => {
    expect(run([{ name: 'shop-binding', clientId: CLIENT }]).summary).toContain('shop-binding');
    expect(run([{ name: LONG, clientId: CLIENT }]).summary.length).toBeLessThan(1_000);
    expect(identityBindingPresent.severity).toBe('info');
  });
});
