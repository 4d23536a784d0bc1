import { entraIssuer } from '../contract/clouds.ts';
import { word } from './azure-commands.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

/** Of Azure DevOps' service connections, where Entra issues their tokens (azure-devops-docs, workload identity). */
export const isServiceConnection = (subject: string): boolean => subject.startsWith('/eid1/');

export const applicationMultitenant = defineCheck({
  id: 'application-multitenant',
  title: 'An application that trusts a service connection of Azure DevOps is of one tenant',
  severity: 'error',
  needs: ['assertion', 'identity'],
  behind: [
    ...UNREADABLE,
    'identity-not-found',
    'token-kind-not-accepted',
    'issuer-not-accepted',
    'federation-across-tenants',
  ],
  remediation: 'Restrict the application to its own tenant, or have it trust another issuer.',
  reference: 'https://learn.microsoft.com/azure/devops/pipelines/release/troubleshoot-workload-identity',

  run({ assertion: { issuer = '', subject = '' }, identity: { kind, signInAudience, clientId } }) {
    if (entraIssuer(issuer) && isServiceConnection(subject) && ['user-assigned', 'managed-identity'].includes(kind))
      return pass('A managed identity belongs to one tenant.');
    if (!entraIssuer(issuer) || kind !== 'application' || !isServiceConnection(subject))
      return {
        outcome: 'not-applicable',
        summary: 'The token is not one of a service connection for an application.',
      };
    if (signInAudience === undefined) return unknown('Whether the application is of one tenant is not known.');
    if (signInAudience === 'AzureADMyOrg') return pass('The application is of one tenant.');
    return fail(`The application may be used in other tenants (${shown(signInAudience)}).`, {
      expected: 'AzureADMyOrg',
      actual: shown(signInAudience),
      commands: [`az ad app update --id ${word(clientId, 'APP_ID')} --sign-in-audience AzureADMyOrg`],
    });
  },
});
