import { audiences } from '../contract/claims.ts';
import { TOKEN_EXCHANGE_AUDIENCE } from '../contract/resources.ts';
import { defineCheck, fail, pass, UNREADABLE, unknown } from './check.ts';
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
        return serviceAccountToken(audiences(claims) ?? [], target.name === 'aks-api-server', title);
      case 'unknown':
        return unknown(`${because} What it is cannot be told from that.`);
    }
  },
});

function serviceAccountToken(aud: readonly string[], forAks: boolean, title: string) {
  const assertion = aud.find(
    (audience) => audience.startsWith(TOKEN_EXCHANGE_AUDIENCE) || audience === 'api://AKSIdentityBinding',
  );
  if (forAks && assertion === undefined) {
    return unknown(
      `This is ${title}: only the cluster that issued it takes it, and for audiences that only the cluster knows.`,
    );
  }
  return fail(
    `This is ${title}${assertion === undefined ? '' : ', an assertion to be exchanged at Entra'}, not an access token.`,
    {
      expected: 'an Entra access token',
      actual: title,
      remediation: {
        text: 'Exchange it at Entra for an access token of the target first, as the Azure SDKs do with WorkloadIdentityCredential.',
        commands: [
          'curl -sS "https://login.microsoftonline.com/$AZURE_TENANT_ID/oauth2/v2.0/token" -d grant_type=client_credentials -d "client_id=$AZURE_CLIENT_ID" -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer --data-urlencode "client_assertion@$AZURE_FEDERATED_TOKEN_FILE" --data-urlencode "scope=$SCOPE"',
        ],
      },
    },
  );
}
