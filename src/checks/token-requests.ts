import { clientId, isGuid, stringClaim } from '../contract/claims.ts';
import { clouds } from '../contract/clouds.ts';
import type { Remediation } from '../contract/finding.ts';
import type { JsonObject } from '../contract/json.ts';
import { TOKEN_EXCHANGE_AUDIENCE } from '../contract/resources.ts';
import type { Target } from '../contract/target.ts';
import { PERSONAL_TENANT } from '../contract/token-kind.ts';

/**
 * How to get the token the target wants: the v1 and the v2 request, then the same through the Azure CLI and kubelogin, then
 * where ServiceNow sets it. Only GUIDs of the token and plain addresses are written into commands, since people run them;
 * all else is a $VARIABLE.
 */
export function requestRightToken(target: Target, claims: JsonObject): Remediation {
  if (target.name === 'token-exchange') return PROJECT;
  if (target.name === 'servicenow-jwt-bearer') return SIGN_ITSELF;
  if (!target.request) return { text: NAME_THE_RECEIVER };
  // The tenant of personal accounts issues nothing for anybody's resources.
  const tenant = isGuid(claims.tid) && claims.tid !== PERSONAL_TENANT ? claims.tid : '$TENANT_ID';
  const client = clientId(claims);
  const clientValue = isGuid(client) ? client : '$CLIENT_ID';
  const authority = `https://${clouds[target.cloud].authorityHost}/${tenant}`;
  const post = (path: string, what: string) =>
    `curl -sS "${authority}${path}" -d grant_type=client_credentials -d "client_id=${clientValue}" --data-urlencode "client_secret=$CLIENT_SECRET" --data-urlencode "${what}"`;

  const cloud = clouds[target.cloud];
  const forAks = target.name === 'aks-api-server';
  const plain = PLAIN_RESOURCE.test(target.request.resource);
  const resource = plain ? target.request.resource : variableOf(target);
  const scope = plain ? target.request.scope : `${resource}/.default`;
  const quoted = plain ? resource : `"${resource}"`;
  return {
    text: [
      `Request the token for ${target.title}: v1 \`resource=${resource}\`, or v2 \`scope=${scope}\`.`,
      ...(forAks ? [SERVICENOW_DISCOVERY] : []),
      ...(target.name === 'servicenow-oidc' ? [SERVICENOW_OIDC] : []),
      ...(target.name === 'mcp' ? [MCP] : []),
      ...(forAks ? [] : [inServiceNow(target.cloud, tenant, scope)]),
    ].join('\n'),
    commands: [
      ...(stringClaim(claims, 'xms_mirid') === undefined || !plain
        ? []
        : [managedIdentityRequest(resource, clientValue)]),
      ...(hasSecret(claims)
        ? [post('/oauth2/token', `resource=${resource}`), post('/oauth2/v2.0/token', `scope=${scope}`)]
        : []),
      ...(target.cloud === 'public' ? [] : [`az cloud set --name ${cloud.cliName}`]),
      `az account get-access-token --tenant "${tenant}" --resource ${quoted}`,
      ...(forAks
        ? [`kubelogin get-token --login azurecli --tenant-id "${tenant}" --server-id ${target.request.resource}`]
        : []),
    ],
  };
}

/** Stands for what only the reader knows, or what is no text for a shell. */
const variableOf = ({ name }: Target): string =>
  name === 'servicenow-oidc' ? '$SERVICENOW_CLIENT_ID' : name === 'mcp' ? '$MCP_SERVER' : '$RESOURCE';

/** A GUID, an application id URI or an address without anything that a shell reads. */
const PLAIN_RESOURCE = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9/])?$/;

/** Users, public clients, certificates and managed identities have no secret to ask with (entra-docs, access-token-claims-reference.md). */
const hasSecret = (claims: JsonObject): boolean =>
  stringClaim(claims, 'scp') === undefined &&
  stringClaim(claims, 'xms_mirid') === undefined &&
  claims.idtyp !== 'user' &&
  [claims.appidacr, claims.azpacr].every((method) => method === undefined || method === '1');

/** On a virtual machine; App Service and Functions have an endpoint of their own. */
const managedIdentityRequest = (resource: string, client: string) =>
  `curl -sS -H "Metadata: true" "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(resource)}&client_id=${client}"`;

/** ServiceNow KB2804799: discovery of AKS asks for a token of Azure Resource Manager unless this is set. */
const SERVICENOW_DISCOVERY =
  'In ServiceNow (KB2804799): the script AzureApiCommand (sys_id 3f5e2e4cdb071300d504788dbf9619b1) must run with ' +
  '`args.isK8s` true and an unmodified `buildPostClient`; AKSTokenGenerator (sys_id 441e980687ea85506a5299b83cbb356b) is ' +
  'the script beside it. A legacy cluster with a server application of its own takes tokens for that one instead: name it ' +
  'in the MID Server property `sn_itom_pattern.aks_aad_server_app_id`.';

/** ServiceNowDocs, add-OIDC-entity.md. */
const SERVICENOW_OIDC =
  'In ServiceNow: System OAuth > Application Registry, the entry made with "Configure an OIDC provider to verify ID tokens": ' +
  'its Client ID is what the token must have as `aud`.';

/** ServiceNowDocs, t_SpecifyAnOAuthScope.md: what its own outgoing calls ask for. */
const inServiceNow = (cloud: Target['cloud'], tenant: string, scope: string) =>
  `Where ServiceNow asks for it: OAuth Entity Scopes, OAuth scope \`${scope}\`; Token URL \`https://${clouds[cloud].authorityHost}/${tenant}/oauth2/v2.0/token\`.`;

/** Since March 2026 Entra refuses what does not agree (AADSTS9010010, as users report it). */
const MCP =
  'The address of the server must be an identifier URI of its app registration, letter for letter: MCP clients send it as `resource` too, ' +
  'and Entra refuses one that does not fit the scope (AADSTS9010010). Its v2 tokens then carry the client id as audience, which the server must accept.';

const NAME_THE_RECEIVER =
  'Ask the receiver which audience it takes, and request the token for that one: v1 `resource=…`, or v2 `scope=…/.default`.';

const PROJECT: Remediation = {
  text: `Have the token issued for the exchange: audience ${TOKEN_EXCHANGE_AUDIENCE}, unless the federated credential names another one.`,
  commands: [`kubectl create token "$SERVICE_ACCOUNT" -n "$NAMESPACE" --audience ${TOKEN_EXCHANGE_AUDIENCE}`],
};

/** ServiceNow, "Configure an OAuth JSON web token bearer grant". */
const SIGN_ITSELF: Remediation = {
  text:
    'Sign a JWT with the client’s own key: `iss` and `aud` are the Client ID of the integration in Machine Identity Console, `sub` is the value of its User field, `jti` is new each time; name the key in its JWKS URL.\n' +
    'A token of Entra goes to the OIDC provider of ServiceNow instead (System OAuth > Application Registry).',
};
