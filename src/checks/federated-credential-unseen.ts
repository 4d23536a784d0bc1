import { audiences, stringClaim } from '../contract/claims.ts';
import { defineCheck, shown, UNREADABLE, unknown } from './check.ts';

export const federatedCredentialUnseen = defineCheck({
  id: 'federated-credential-unseen',
  title: 'A federated credential names issuer, subject and audience of the token',
  // Outside the question: a token alone does not show for which identity it is to be exchanged.
  severity: 'info',
  needs: ['token', 'target'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Compare the three with the federated credentials of the identity, letter for letter.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation',

  run({ token: { claims }, target: { name } }) {
    if (name !== 'token-exchange')
      return { outcome: 'not-applicable', summary: 'Only the token exchange asks for federated credentials.' };
    return unknown(
      `Not part of this question: the identity needs a federated credential with issuer ${shown(stringClaim(claims, 'iss'))}, subject ${shown(stringClaim(claims, 'sub'))} and audience ${shown(audiences(claims)?.join(', '))}. Compare with \`az identity federated-credential list -g $RESOURCE_GROUP --identity-name $IDENTITY\`.`,
    );
  },
});
