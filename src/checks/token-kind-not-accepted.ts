import { audiences, stringClaim } from '../contract/claims.ts';
import { clouds } from '../contract/clouds.ts';
import type { Remediation } from '../contract/finding.ts';
import type { JsonObject } from '../contract/json.ts';
import { IDENTITY_BINDING_AUDIENCE, TOKEN_EXCHANGE_AUDIENCE } from '../contract/resources.ts';
import { isAssertionAudience, type Target } from '../contract/target.ts';
import { ASSERTIONS, accessOf, ENTRA_ACCESS_TOKENS, type TokenKind } from '../contract/token-kind.ts';
import { defineCheck, fail, pass, type Ruling, UNREADABLE, unknown } from './check.ts';
import { breaksRule } from './ruled.ts';
import { requestRightToken } from './token-requests.ts';

export const tokenKindNotAccepted = defineCheck({
  id: 'token-kind-not-accepted',
  title: 'The token is of a kind the target takes',
  severity: 'error',
  needs: ['token', 'tokenKind', 'issuerFamily', 'target', 'now'],
  behind: UNREADABLE,
  remediation: 'Send an access token that was issued for the target.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/security-tokens',

  run({ token, tokenKind, issuerFamily, target, now }) {
    if (target.rules) {
      const { issuers } = target.rules;
      if (issuers.length > 0 && !issuers.includes(stringClaim(token.claims, 'iss') ?? ''))
        return { outcome: 'not-applicable', summary: 'Not judged: the issuer is none that is accepted.' };
      const wanted = target.rules.tokenKinds.join(' or ') || 'an access token';
      return breaksRule('token-kind-not-accepted', { token, issuerFamily, now }, target.rules)
        ? fail(
            `This is ${tokenKind.title}${howGranted(token.claims, tokenKind)}, and ${target.title} takes another kind.`,
            {
              expected: wanted,
              actual: tokenKind.title,
              remediation: requestRightToken(target, token.claims),
            },
          )
        : pass(`This is ${tokenKind.title}.`);
    }
    if (target.name === 'token-exchange' && ENTRA_ACCESS_TOKENS.includes(tokenKind.kind))
      return entraTokenAsAssertion(token.claims, tokenKind);
    if (target.kinds.includes(tokenKind.kind)) return pass(`This is ${tokenKind.title}.`);
    const aud = audiences(token.claims) ?? [];
    // A cluster takes a token when one of its audiences is its own; what is to be exchanged is for Entra.
    const assertion = target.name !== 'token-exchange' && aud.length > 0 && aud.every(isAssertionAudience);
    if (target.kindsUnsettled.includes(tokenKind.kind) && !assertion) return unsettled(tokenKind, target);
    return refused(token.claims, tokenKind, target, assertion);
  },
});

/** For policies it matters whose token it is. */
function howGranted(claims: JsonObject, { kind }: TokenKind): string {
  if (!ENTRA_ACCESS_TOKENS.includes(kind)) return '';
  const access = accessOf(claims);
  return access.kind === 'undetermined' ? ' of which it cannot be told whose it is' : `, ${access.kind}`;
}

function unsettled({ kind, title, because }: TokenKind, target: Target): Ruling {
  if (kind === 'unknown')
    return unknown(`${because} Only the configuration of ${target.title} tells whether it takes them.`);
  return unknown(
    target.name === 'aks-api-server' && kind.startsWith('kubernetes-')
      ? `This is ${title}: only the cluster that issued it takes it, and for audiences that only the cluster knows.`
      : `This is ${title}. Only the configuration of ${target.title} tells whether it takes them.`,
  );
}

function refused(claims: JsonObject, { kind, title, because }: TokenKind, target: Target, assertion: boolean): Ruling {
  const seen = { expected: expectedBy(target), actual: title };
  if (kind === 'entra-id-token')
    return fail(`This is ${title}: it is no credential for ${target.title}. ${because}`, {
      ...seen,
      remediation: requestRightToken(target, claims),
    });
  if (kind === 'proof-of-possession-envelope')
    return fail(`This is ${title}, which ${target.title} does not open.`, {
      ...seen,
      remediation: {
        text: 'Turn proof-of-possession off for this target (kubelogin: leave out `--pop-enabled`; it is for Azure Arc clusters), or analyse the token in the claim `at`.',
      },
    });
  if (kind === 'aks-identity-binding-token')
    return fail(`This is ${title}.`, { ...seen, remediation: THROUGH_BINDING });
  if (kind === 'kubernetes-legacy-token' && target.name === 'token-exchange')
    return fail(`This is ${title}. It names no audience and never expires, so it can never be exchanged.`, {
      ...seen,
      remediation: PROJECT_A_TOKEN,
    });
  if (ASSERTIONS.includes(kind) || assertion)
    return fail(`This is ${title}${assertion ? ', an assertion to be exchanged at Entra' : ''}, not an access token.`, {
      ...seen,
      remediation: (audiences(claims) ?? []).includes(IDENTITY_BINDING_AUDIENCE)
        ? THROUGH_BINDING
        : exchangeAtEntra(target),
    });
  return fail(`This is ${title}, and ${target.title} takes none of them.`, {
    ...seen,
    remediation: requestRightToken(target, claims),
  });
}

const EXCHANGEABLE_KINDS = 'a token of a pod, a pipeline or a managed identity';

const expectedBy = ({ name }: Target): string =>
  name === 'token-exchange'
    ? EXCHANGEABLE_KINDS
    : name === 'servicenow-jwt-bearer'
      ? 'a JWT that the client signed itself'
      : 'an Entra access token';

/**
 * Of Entra's own tokens a federated credential takes those of managed identities: documented refusals are 700229 (not
 * app-only) and, as users quote it, 700226 (not a managed identity).
 */
function entraTokenAsAssertion(claims: JsonObject, { kind, title }: TokenKind): Ruling {
  const seen = { expected: EXCHANGEABLE_KINDS, actual: title, remediation: EXCHANGEABLE };
  if (kind === 'pop-bound-token' || kind === 'personal-account-token' || kind === 'graph-access-token')
    return fail(`This is ${title}: an access token is no assertion.`, seen);
  if (accessOf(claims).kind === 'delegated')
    return fail(
      `This is ${title} of a user: of Entra’s own tokens only those of managed identities can be exchanged.`,
      seen,
    );
  if (kind === 'managed-identity-token') {
    return /\/userAssignedIdentities\//i.test(stringClaim(claims, 'xms_mirid') ?? '')
      ? pass(`This is ${title}.`)
      : unknown(`This is ${title} that belongs to a resource. Documented are those of user-assigned identities alone.`);
  }
  // A client secret authenticated the client, so it is an app registration.
  if ([claims.appidacr, claims.azpacr].includes('1') || !(audiences(claims) ?? []).some(isAssertionAudience))
    return fail(`This is ${title}, which is sent to a resource and not exchanged.`, seen);
  return unknown(
    `This is ${title}. Whether a managed identity got it, which alone may exchange it, the token does not say.`,
  );
}

const EXCHANGEABLE: Remediation = {
  text: `Send the token that is to be exchanged: of a pod the file in AZURE_FEDERATED_TOKEN_FILE, of a pipeline its OIDC token, of a managed identity one for ${TOKEN_EXCHANGE_AUDIENCE}.`,
};

const PROJECT_A_TOKEN: Remediation = {
  text: `Project a token for the pod with audience ${TOKEN_EXCHANGE_AUDIENCE}, as the workload identity webhook does for pods with the label azure.workload.identity/use.`,
  commands: ['kubectl create token "$SERVICE_ACCOUNT" -n "$NAMESPACE" --audience api://AzureADTokenExchange'],
};

/** AKS identity bindings (preview): such a token cannot be exchanged at Entra directly (AADSTS700212). */
const THROUGH_BINDING: Remediation = {
  text: 'Let WorkloadIdentityCredential of the Azure SDK exchange it through the proxy of the identity binding, and send the access token it returns.',
};

function exchangeAtEntra(target: Target): Remediation {
  const text =
    'Exchange it at Entra for an access token of the target first, as the Azure SDKs do with WorkloadIdentityCredential.';
  // Only what Microsoft's own resources are called is text for a command line; other audiences are the caller's words.
  if (!target.request || !target.issuers.startsWith('entra')) return { text };
  return {
    text,
    commands: [
      `curl -sS "https://${clouds[target.cloud].authorityHost}/$AZURE_TENANT_ID/oauth2/v2.0/token" -d grant_type=client_credentials -d "client_id=$AZURE_CLIENT_ID" -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer --data-urlencode "client_assertion@$AZURE_FEDERATED_TOKEN_FILE" --data-urlencode "scope=${target.request.scope}"`,
    ],
  };
}
