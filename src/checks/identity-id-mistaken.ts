import { defineCheck, fail, pass, shown, unknown } from './check.ts';

const NAMES = {
  'principal-id': 'the principal id (object id of the service principal)',
  'application-object-id': 'the object id of the application registration',
  'resource-id': 'the ARM id',
} as const;

export const identityIdMistaken = defineCheck({
  id: 'identity-id-mistaken',
  title: 'The identity is named by its client id',
  severity: 'error',
  needs: ['identityLookup', 'identity'],
  behind: ['identity-not-found'],
  remediation:
    'Write the client id wherever a client id is asked for: `AZURE_CLIENT_ID`, the annotation `azure.workload.identity/client-id`, `client-id` of a pipeline.',
  reference: 'https://learn.microsoft.com/azure/aks/workload-identity-overview#service-account-annotations',

  run({ identityLookup: { named, mistaken }, identity: { clientId } }) {
    if (mistaken === undefined || mistaken === 'client-id') return pass('It is named by an id that it has.');
    if (mistaken === 'white-space')
      return unknown('The client id has white space around it. No source says what Entra makes of that.', {
        expected: shown(clientId),
        actual: shown(named),
      });
    return fail(
      `${shown(named)} is ${NAMES[mistaken]} of the identity, not its client id${clientId === undefined ? '' : `, which is ${shown(clientId)}`}.`,
      { expected: clientId === undefined ? 'the client id' : shown(clientId), actual: shown(named) },
    );
  },
});
