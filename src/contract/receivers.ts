import { type CloudName, clouds } from './clouds.ts';
import { AKS_SERVER_APP_ID, TOKEN_EXCHANGE_APP_ID, TOKEN_EXCHANGE_AUDIENCE } from './resources.ts';
import type { Facts, TargetName } from './target.ts';
import { ASSERTIONS, ENTRA_ACCESS_TOKENS, TOKEN_KINDS, type TokenKindName } from './token-kind.ts';

const except = (...left: TokenKindName[]) => TOKEN_KINDS.filter((kind) => !left.includes(kind));

/** What Microsoft's own resources have in common: access tokens of Entra, for one audience. */
const ofMicrosoft = (title: string, audiences: readonly string[], more: Partial<Facts> = {}): Facts => ({
  title,
  kinds: ENTRA_ACCESS_TOKENS,
  kindsUnsettled: ['unknown'],
  issuers: 'entra',
  issuersOpen: false,
  audiences,
  audiencesUnsettled: [],
  audiencesOpen: false,
  principal: { claims: ['oid'], missing: 'unknown' },
  request: requestFor(audiences[0] ?? ''),
  ...more,
});

/** The text before `/.default` becomes the audience, so its own slash stays (entra-docs, scopes-oidc.md). */
export const requestFor = (resource: string) => ({ resource, scope: `${resource}/.default` });

const GRAPH: Readonly<Record<CloudName, readonly string[]>> = {
  public: ['https://graph.microsoft.com'],
  usgovernment: ['https://graph.microsoft.us', 'https://dod-graph.microsoft.us'],
  china: ['https://microsoftgraph.chinacloudapi.cn'],
};
const KEY_VAULT: Readonly<Record<CloudName, string>> = {
  public: 'https://vault.azure.net',
  usgovernment: 'https://vault.usgovcloudapi.net',
  china: 'https://vault.azure.cn',
};
const SQL: Readonly<Record<CloudName, string>> = {
  public: 'https://database.windows.net',
  usgovernment: 'https://database.usgovcloudapi.net',
  china: 'https://database.chinacloudapi.cn',
};
/** Of a managed identity that is to vouch for an application (entra-docs, workload identity federation). */
const EXCHANGE_OF_MANAGED_IDENTITIES: Readonly<Record<CloudName, string>> = {
  public: TOKEN_EXCHANGE_AUDIENCE,
  usgovernment: `${TOKEN_EXCHANGE_AUDIENCE}USGov`,
  china: `${TOKEN_EXCHANGE_AUDIENCE}China`,
};
const STORAGE_ACCOUNT =
  /^https:\/\/[a-z0-9]{3,24}\.(?:blob|queue|table|file|dfs)\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)\/?$/;

/** Of a ServiceNow instance. One of its pages wants this as audience of a grant, another the Client ID. */
export const TOKEN_ENDPOINT = /^https:\/\/[^/]+\/oauth_token\.do$/;

/**
 * Sources: Azure/kubelogin concepts/aks.md (AKS server application); AKS external identity providers (structured
 * authentication); the wrong-audience refusal of Azure Resource Manager, which lists what it takes.
 */
export const receivers: Readonly<Record<TargetName, (cloud: CloudName, resource: string | undefined) => Facts>> = {
  'aks-api-server': () =>
    ofMicrosoft('the AKS API server', [AKS_SERVER_APP_ID], {
      kindsUnsettled: except(
        ...ENTRA_ACCESS_TOKENS,
        'entra-id-token',
        'proof-of-possession-envelope',
        'aks-identity-binding-token',
      ),
      issuers: 'entra-v1',
      issuersOpen: true,
      // kubeguard/guard, auth/providers/azure/azure.go.
      principal: { claims: ['upn', 'oid'], missing: 'fail' },
    }),

  arm: (cloud) =>
    ofMicrosoft(`Azure Resource Manager in ${clouds[cloud].title}`, clouds[cloud].armAudiences, {
      issuers: 'entra-v1',
      audiencesUnsettled: clouds[cloud].armAudiencesUnsettled,
      // Its own refusal asks for one of the three and for a service principal (Azure/login #233, #501).
      principal: { claims: ['oid', 'puid', 'altsecid'], missing: 'fail' },
    }),

  graph: (cloud) =>
    ofMicrosoft(`Microsoft Graph in ${clouds[cloud].title}`, GRAPH[cloud], {
      audiencesUnsettled: [...GRAPH[cloud].map((audience) => `${audience}/`), '00000003-0000-0000-c000-000000000000'],
    }),

  // azure-docs, key-vault/general/rest-error-codes.md: no slash; its own refusal names the id beside the address.
  'key-vault': (cloud) =>
    ofMicrosoft(
      `Azure Key Vault in ${clouds[cloud].title}`,
      [KEY_VAULT[cloud], 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093'],
      { audiencesUnsettled: [`${KEY_VAULT[cloud]}/`] },
    ),

  // Azure/Azurite, src/blob/utils/constants.ts: with and without slash. That emulator also takes the id.
  storage: () =>
    ofMicrosoft('Azure Storage', ['https://storage.azure.com/', 'https://storage.azure.com'], {
      audiencesUnsettled: ['e406a681-f3d4-42a8-90b6-c2b029497af1'],
      audiencesOfInstances: STORAGE_ACCOUNT,
    }),

  // entra-docs: it expects an audience that ends with a slash.
  sql: (cloud) =>
    ofMicrosoft(`Azure SQL in ${clouds[cloud].title}`, [`${SQL[cloud]}/`], {
      audiencesUnsettled: [SQL[cloud], '022907d3-0f1b-48f7-badc-1ba6abab6d66'],
    }),

  'azure-devops': () => ofMicrosoft('Azure DevOps', ['499b84ac-1321-427f-aa17-267ca6975798']),

  // azure-docs, container-registry-disable-authentication-as-arm.md: tokens for ARM are taken unless a policy says no.
  'container-registry': (cloud) =>
    ofMicrosoft('Azure Container Registry', ['https://containerregistry.azure.net'], {
      audiencesUnsettled: [
        'https://containerregistry.azure.net/',
        '6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26',
        ...clouds[cloud].armAudiences,
        ...clouds[cloud].armAudiencesUnsettled,
      ],
    }),

  // entra-docs, workload identity federation: a federated credential names issuer, subject and audience.
  'token-exchange': (cloud) => ({
    title: 'the Entra token exchange',
    kinds: [...ASSERTIONS, 'managed-identity-token'],
    kindsUnsettled: ['entra-access-token', 'b2c-token', 'ciam-token', 'servicenow-token', 'unknown'],
    issuers: 'federated',
    issuersOpen: true,
    audiences: [
      ...new Set([TOKEN_EXCHANGE_AUDIENCE, EXCHANGE_OF_MANAGED_IDENTITIES[cloud]]),
      ...(cloud === 'public' ? [TOKEN_EXCHANGE_APP_ID] : []),
    ],
    // Of the other clouds no source has the id.
    audiencesUnsettled: cloud === 'public' ? [] : [TOKEN_EXCHANGE_APP_ID],
    audiencesOpen: true,
    principal: { claims: ['sub'], missing: 'fail' },
  }),

  // ServiceNow KB0720547, KB0954819: the Client ID of the registration must equal `aud`.
  'servicenow-oidc': (_cloud, clientId) => ({
    title: 'the OIDC provider of ServiceNow',
    kinds: [...ENTRA_ACCESS_TOKENS, 'entra-id-token', 'b2c-token', 'ciam-token'],
    kindsUnsettled: [...ASSERTIONS, 'servicenow-token', 'unknown'],
    issuers: 'any',
    issuersOpen: true,
    audiences: listed(clientId),
    audiencesUnsettled: [],
    audiencesOpen: clientId === undefined,
    principal: { claims: ['upn', 'preferred_username', 'unique_name', 'email'], missing: 'unknown' },
    request: requestFor(clientId ?? ''),
  }),

  // ServiceNow, "Configure an OAuth JSON web token bearer grant": the Client ID must match both `iss` and `aud`.
  'servicenow-jwt-bearer': (_cloud, clientId) => ({
    title: 'the JWT bearer grant of ServiceNow',
    kinds: except('proof-of-possession-envelope'),
    kindsUnsettled: [],
    issuers: 'client',
    issuersOpen: false,
    audiences: listed(clientId),
    audiencesUnsettled: [],
    audiencesOfInstances: TOKEN_ENDPOINT,
    audiencesOpen: clientId === undefined,
    principal: { claims: ['sub'], missing: 'unknown' },
    algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'HS256', 'HS384', 'HS512'],
  }),

  // Model Context Protocol, authorization (2026-07-28): the token must have been issued for the server's resource.
  mcp: (_cloud, resource) => ({
    title: 'the MCP server',
    kinds: [...ENTRA_ACCESS_TOKENS, 'b2c-token', 'ciam-token'],
    kindsUnsettled: [...ASSERTIONS, 'servicenow-token', 'unknown'],
    issuers: 'any',
    issuersOpen: true,
    audiences: listed(resource),
    audiencesUnsettled: [],
    audiencesOpen: true,
    request: requestFor(resource ?? ''),
  }),
};

const listed = (value: string | undefined) => (value === undefined ? [] : [value]);
