import { describe, expect, it } from 'vitest';
import { identityIdMistaken } from '../../src/checks/identity-id-mistaken.ts';
import type { Lookup } from '../../src/contract/federation.ts';
import { CLIENT } from './builders.ts';
import { IDENTITY_ID, identityOf, lookupOf, OTHER_GUID } from './federation-builders.ts';

const run = (named: string, mistaken: Lookup['mistaken'], clientId: string | undefined = CLIENT) =>
  identityIdMistaken.run({
    identityLookup: lookupOf({ by: 'clientId', named, mistaken }),
    identity: identityOf({ clientId: clientId || undefined }),
  });

describe('identity-id-mistaken', () => {
  it.each<[string, string, Lookup['mistaken'], string]>([
    ['its client id', CLIENT, undefined, 'pass'],
    ['its client id, told so', CLIENT, 'client-id', 'pass'],
    ['its principal id', OTHER_GUID, 'principal-id', 'fail'],
    ['the object id of the registration', OTHER_GUID, 'application-object-id', 'fail'],
    ['its ARM id', IDENTITY_ID, 'resource-id', 'fail'],
  ])('%s', (_name, named, mistaken, outcome) => {
    expect(run(named, mistaken).outcome).toBe(outcome);
  });

  it('shows the client id in its place, as far as it is known', () => {
    expect(run(OTHER_GUID, 'principal-id')).toMatchObject({ expected: CLIENT, actual: OTHER_GUID });
    expect(run(OTHER_GUID, 'principal-id', '')).toMatchObject({ outcome: 'fail', actual: OTHER_GUID });
    expect(run(OTHER_GUID, 'principal-id', '').expected).not.toBe(CLIENT);
  });
});
