import {
  IDENTITY_BINDING_AUDIENCE,
  resourceOf,
  TOKEN_EXCHANGE_AUDIENCE,
  TOKEN_EXCHANGE_AUDIENCES,
} from '../contract/resources.ts';
import { defineCheck } from './check.ts';
import { FIELD_NEEDS, isForAnotherResource, judgeField } from './federated-field.ts';
import type { FieldMatch } from './federated-match.ts';
import { IDENTITY_LINKS } from './identity-links.ts';

export const federatedAudienceMismatch = defineCheck({
  id: 'federated-audience-mismatch',
  title: 'A federated credential names the audience of the token',
  severity: 'error',
  needs: FIELD_NEEDS,
  behind: [...IDENTITY_LINKS, 'federated-credential-missing'],
  remediation: 'Let both name the same audience, api://AzureADTokenExchange throughout.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run: (seen) => judgeField('audience', seen, (_candidate, field) => adviceOn(field)),
});

function adviceOn({ difference, expected = '', actual }: FieldMatch): string {
  if (expected === IDENTITY_BINDING_AUDIENCE)
    return 'Take the pod off the identity binding, or let it exchange through it: a token for a binding cannot be exchanged directly.';
  if (isForAnotherResource(expected))
    return `Get a token for ${actual || TOKEN_EXCHANGE_AUDIENCE} in its place: this one is for ${resourceOf(expected)?.name ?? 'another resource'}, which is asked for after the exchange, as \`scope\`.`;
  if (difference?.kind === 'cloud')
    return 'Write the audience of the token into the credential: pods have api://AzureADTokenExchange in every cloud, unless their webhook was told otherwise.';
  if (TOKEN_EXCHANGE_AUDIENCES.includes(actual) && !TOKEN_EXCHANGE_AUDIENCES.includes(expected))
    return `Get a token with the audience ${actual}, which the federated credential rightly names: a pod by the label \`azure.workload.identity/use: "true"\`, a pipeline by the \`audience\` it asks for.`;
  return federatedAudienceMismatch.remediation;
}
