import { audiences } from '../contract/claims.ts';
import { clouds } from '../contract/clouds.ts';
import type { Remediation } from '../contract/finding.ts';
import { IDENTITY_BINDING_AUDIENCE, resourceOf, TOKEN_EXCHANGE_AUDIENCE } from '../contract/resources.ts';
import type { Target } from '../contract/target.ts';
import { defineCheck, fail, pass, type Ruling, UNREADABLE, unknown } from './check.ts';
import { requestRightToken } from './token-requests.ts';

export const tokenKindNotAccepted = defineCheck({
  id: 'token-kind-not-accepted',
  title: 'The token is of a kind the target takes',
  severity: 'error',
  needs: ['token', 'tokenKind', 'target'],
  behind: UNREADABLE,
  remediation: 'Send an access token that was issued for the target.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/security-tokens',

  run({ token: { claims }, tokenKind: { kind, title, because }, target }) {
    const seen = { expected: 'an Entra access token', actual: title };
    switch (kind) {
      case 'entra-access-token':
        return pass(`This is ${title}.`);
      case 'entra-id-token':
        return fail(`This is ${title}: it is no credential for ${target.title}. ${because}`, {
          ...seen,
          remediation: requestRightToken(target, claims),
        });
      case 'proof-of-possession-envelope':
        return fail(`This is ${title}, which ${target.title} does not open.`, {
          ...seen,
          remediation: {
            text: 'Turn proof-of-possession off for this target (kubelogin: leave out `--pop-enabled`; it is for Azure Arc clusters), or analyse the token in the claim `at`.',
          },
        });
      case 'kubernetes-service-account-token':
        return serviceAccountToken(audiences(claims) ?? [], target, title);
      case 'unknown':
        return unknown(`${because} Only the configuration of ${target.title} tells whether it takes them.`);
    }
  },
});

const isExchangeAudience = (audience: string) =>
  resourceOf(TOKEN_EXCHANGE_AUDIENCE)?.audiences.includes(audience) === true;
const isBindingAudience = (audience: string) => audience === IDENTITY_BINDING_AUDIENCE;

function serviceAccountToken(aud: readonly string[], target: Target, title: string): Ruling {
  const assertion =
    aud.length > 0 && aud.every((audience) => isExchangeAudience(audience) || isBindingAudience(audience));
  // A cluster takes a token when one of its audiences is its own.
  if (target.name === 'aks-api-server' && !assertion) {
    return unknown(
      `This is ${title}: only the cluster that issued it takes it, and for audiences that only the cluster knows.`,
    );
  }
  return fail(`This is ${title}${assertion ? ', an assertion to be exchanged at Entra' : ''}, not an access token.`, {
    expected: 'an Entra access token',
    actual: title,
    remediation: aud.some(isBindingAudience) ? EXCHANGE_THROUGH_BINDING : exchangeAtEntra(target),
  });
}

/** AKS identity bindings (preview): such a token cannot be exchanged at Entra directly (AADSTS700212). */
const EXCHANGE_THROUGH_BINDING: Remediation = {
  text: 'Let WorkloadIdentityCredential of the Azure SDK exchange it through the proxy of the identity binding, and send the access token it returns.',
};

const exchangeAtEntra = (target: Target): Remediation => ({
  text: 'Exchange it at Entra for an access token of the target first, as the Azure SDKs do with WorkloadIdentityCredential.',
  commands: [
    `curl -sS "https://${clouds[target.cloud].authorityHost}/$AZURE_TENANT_ID/oauth2/v2.0/token" -d grant_type=client_credentials -d "client_id=$AZURE_CLIENT_ID" -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer --data-urlencode "client_assertion@$AZURE_FEDERATED_TOKEN_FILE" --data-urlencode "scope=${target.scope}"`,
  ],
});
