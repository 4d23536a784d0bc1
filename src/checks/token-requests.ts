import { clientId, isGuid, stringClaim } from '../contract/claims.ts';
import { clouds } from '../contract/clouds.ts';
import type { Remediation } from '../contract/finding.ts';
import type { JsonObject } from '../contract/json.ts';
import type { Target } from '../contract/target.ts';

/**
 * How to get the token the target wants: the v1 and the v2 request, then the same through the Azure CLI and kubelogin, then
 * where ServiceNow sets it. Only GUIDs of the token are written into commands, since people run them; all else is a $VARIABLE.
 */
export function requestRightToken(target: Target, claims: JsonObject): Remediation {
  const tenant = isGuid(claims.tid) ? claims.tid : '$TENANT_ID';
  const client = clientId(claims);
  const clientValue = isGuid(client) ? client : '$CLIENT_ID';
  const authority = `https://${clouds[target.cloud].authorityHost}/${tenant}`;
  const post = (path: string, what: string) =>
    `curl -sS "${authority}${path}" -d grant_type=client_credentials -d "client_id=${clientValue}" --data-urlencode "client_secret=$CLIENT_SECRET" --data-urlencode "${what}"`;

  const cloud = clouds[target.cloud];
  const forAks = target.name === 'aks-api-server';
  return {
    text: `Request the token for ${target.title}: v1 \`resource=${target.resource}\`, or v2 \`scope=${target.scope}\`.${forAks ? `\n${SERVICENOW}` : ''}`,
    commands: [
      ...(stringClaim(claims, 'xms_mirid') === undefined ? [] : [managedIdentityRequest(target.resource, clientValue)]),
      ...(hasSecret(claims)
        ? [post('/oauth2/token', `resource=${target.resource}`), post('/oauth2/v2.0/token', `scope=${target.scope}`)]
        : []),
      ...(target.cloud === 'public' ? [] : [`az cloud set --name ${cloud.cliName}`]),
      `az account get-access-token --tenant "${tenant}" --resource ${target.resource}`,
      ...(forAks
        ? [`kubelogin get-token --login azurecli --tenant-id "${tenant}" --server-id ${target.resource}`]
        : []),
    ],
  };
}

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
const SERVICENOW =
  'In ServiceNow (KB2804799): the script AzureApiCommand (sys_id 3f5e2e4cdb071300d504788dbf9619b1) must run with ' +
  '`args.isK8s` true and an unmodified `buildPostClient`; AKSTokenGenerator (sys_id 441e980687ea85506a5299b83cbb356b) is ' +
  'the script beside it. A legacy cluster with a server application of its own takes tokens for that one instead: name it ' +
  'in the MID Server property `sn_itom_pattern.aks_aad_server_app_id`.';
