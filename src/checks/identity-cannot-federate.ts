import { defineCheck, fail, pass, unknown } from './check.ts';

export const identityCannotFederate = defineCheck({
  id: 'identity-cannot-federate',
  title: 'The identity is of a kind that takes federated credentials',
  severity: 'error',
  needs: ['identity'],
  behind: ['identity-not-found', 'identity-id-mistaken'],
  remediation:
    'Use a user-assigned identity or an application registration, give it the roles, and name its client id: a system-assigned identity takes no federated credentials.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation',

  run({ identity: { kind } }) {
    switch (kind) {
      case 'user-assigned':
        return pass('It is a user-assigned identity.');
      case 'application':
        return pass('It is an application registration.');
      case 'system-assigned':
        return fail('It is a system-assigned identity, which takes no federated credentials.', {
          expected: 'a user-assigned identity or an application registration',
          actual: 'a system-assigned identity',
          commands: ['az identity create -g "$RESOURCE_GROUP" -n "$IDENTITY" --query clientId -o tsv'],
        });
      case 'managed-identity':
        return unknown(
          'Whether it is a user-assigned identity is not known: send the whole of `az identity show -o json`, or let it be read.',
        );
      case 'enterprise-application':
        return unknown(
          'It is the service principal of an application of which the registration, with the federated credentials, is not seen here: `az ad app show` prints it where it is registered.',
        );
    }
  },
});
