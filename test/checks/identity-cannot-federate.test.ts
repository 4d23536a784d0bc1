import { describe, expect, it } from 'vitest';
import { identityCannotFederate } from '../../src/checks/identity-cannot-federate.ts';
import type { IdentityKind } from '../../src/contract/federation.ts';
import { identityOf } from './federation-builders.ts';

const run = (kind: IdentityKind) => identityCannotFederate.run({ identity: identityOf({ kind }) });

describe('identity-cannot-federate', () => {
  it.each<[IdentityKind, string]>([
    ['user-assigned', 'pass'],
    ['application', 'pass'],
    ['system-assigned', 'fail'],
    // Its credentials stand in the registration, which is elsewhere.
    ['enterprise-application', 'unknown'],
  ])('%s', (kind, outcome) => {
    expect(run(kind).outcome).toBe(outcome);
  });

  it('says how to make one that can', () => {
    const { commands } = run('system-assigned');
    expect(commands).toEqual(['az identity create -g "$RESOURCE_GROUP" -n "$IDENTITY" --query clientId -o tsv']);
    expect(run('enterprise-application').commands).toBeUndefined();
  });
});
