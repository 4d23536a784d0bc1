import { describe, expect, it } from 'vitest';
import { federatedCredentialMissing } from '../../src/checks/federated-credential-missing.ts';
import type { Assertion, FederatedCredential } from '../../src/contract/federation.ts';
import {
  AUDIENCE,
  assertionOf,
  BINDING_ISSUER,
  credentialOf,
  credentialsOf,
  ISSUER,
  OF_IDENTITY,
  SUBJECT,
} from './federation-builders.ts';

const own = credentialOf();
const binding = credentialOf({ issuer: BINDING_ISSUER, name: 'aks-identity-binding' });
const run = (credentials: FederatedCredential[], complete = true, from: Assertion['from'] = 'token') =>
  federatedCredentialMissing.run({
    federatedCredentials: credentialsOf(credentials, { complete }),
    assertion: assertionOf({ from }),
  });

describe('federated-credential-missing', () => {
  it.each<[string, FederatedCredential[], boolean, Assertion['from'], string]>([
    ['one', [own], true, 'token', 'pass'],
    ['one that serves another', [credentialOf({ subject: 'x', issuer: 'y' })], true, 'token', 'pass'],
    ['two', [own, own], true, 'workload', 'pass'],
    ['one, and perhaps more', [own], false, 'token', 'pass'],
    ['one beside that of a binding', [binding, own], true, 'token', 'pass'],
    ['none', [], true, 'token', 'fail'],
    ['none, of a workload', [], true, 'workload', 'fail'],
    ['none that was read', [], false, 'token', 'unknown'],
    ['that of a binding', [binding], true, 'token', 'fail'],
    ['that of a binding, with claims', [binding], true, 'claims', 'fail'],
    // The pod may go through the binding.
    ['that of a binding, of a workload', [binding], true, 'workload', 'unknown'],
    ['that of a binding, and perhaps more', [binding], false, 'token', 'unknown'],
  ])('%s', (_name, credentials, complete, from, outcome) => {
    expect(run(credentials, complete, from).outcome).toBe(outcome);
  });

  const command = `az identity federated-credential create ${OF_IDENTITY} --name 'workload-identity' --issuer '${ISSUER}' --subject '${SUBJECT}' --audiences '${AUDIENCE}'`;

  it('says how to create one', () => {
    expect(run([]).commands).toEqual([command]);
    expect(run([binding]).remediation?.commands).toEqual([command]);
  });

  it('leaves to the reader what is not presented, and writes no audience that is in doubt', () => {
    const commandsFor = (more: Parameters<typeof assertionOf>[0]) =>
      federatedCredentialMissing.run({ federatedCredentials: credentialsOf([]), assertion: assertionOf(more) })
        .commands;
    expect(commandsFor({ issuer: undefined, subject: undefined })?.[0]).toMatch(
      /--issuer "\$ISSUER" --subject "\$SUBJECT" --audiences 'api:\/\/AzureADTokenExchange'$/,
    );
    for (const audiences of [undefined, [], ['https://management.azure.com/'], ['api://shop'], [AUDIENCE, 'x']])
      expect(commandsFor({ audiences })).toBeUndefined();
  });
});
