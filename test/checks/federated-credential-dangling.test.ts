import { describe, expect, it } from 'vitest';
import { federatedCredentialDangling } from '../../src/checks/federated-credential-dangling.ts';
import { HOSTILE } from './builders.ts';
import {
  applicationOf,
  assertionOf,
  CLUSTER_GUID,
  clusterIssuer,
  credentialOf,
  credentialsOf,
  ISSUER,
  OF_IDENTITY,
  OTHER_GUID,
} from './federation-builders.ts';

const GONE = clusterIssuer(OTHER_GUID);
const old = credentialOf({ name: 'old', issuer: GONE });
/** The same cluster, with the host of older ones. */
const OLDER = `https://oidc.prod-aks.azure.com/${CLUSTER_GUID}/`;
const run = (deadIssuers: string[], credentials = [credentialOf(), old]) =>
  federatedCredentialDangling.run({
    federatedCredentials: credentialsOf(credentials),
    deadIssuers,
    assertion: assertionOf(),
  });

describe('federated-credential-dangling', () => {
  it.each([
    ['all there', [], 'pass'],
    ['one gone', [GONE], 'fail'],
    ['one gone that no credential names', [clusterIssuer(OTHER_GUID, OTHER_GUID)], 'pass'],
    ['one gone but for the slash', [GONE.slice(0, -1)], 'pass'],
  ])('%s', (_name, dead, outcome) => {
    expect(run(dead).outcome).toBe(outcome);
  });

  it('names those that can go, and no other', () => {
    expect(run([GONE])).toMatchObject({
      actual: 'old',
      commands: [`az identity federated-credential delete ${OF_IDENTITY} --name 'old'`],
    });
    // The one that serves this workload is to be mended.
    expect(run([GONE, ISSUER]).actual).toBe('old');
    const older = credentialOf({ name: 'older', issuer: OLDER });
    expect(run([OLDER], [older]).outcome).toBe('pass');
    expect(run([OLDER], [older, credentialOf()]).actual).toBe('older');
    expect(run([GONE], Array(7).fill(old)).commands).toHaveLength(5);
    expect(run([GONE], [credentialOf({ name: undefined, issuer: GONE })]).actual).toBe(GONE);
    expect(federatedCredentialDangling.severity).toBe('warning');
  });

  it.each(HOSTILE.filter((value) => !value.startsWith(' ')))('has no name such as %j in a command', (name) => {
    for (const of of [undefined, applicationOf()]) {
      const federatedCredentials = credentialsOf([{ ...old, name }], { of });
      const { commands } = federatedCredentialDangling.run({
        federatedCredentials,
        deadIssuers: [GONE],
        assertion: assertionOf(),
      });
      expect(commands?.[0]).toMatch(/"\$CREDENTIAL"$/);
    }
  });
});
