import type { TargetName } from './target.ts';

/** A Microsoft resource that tokens are issued for, with every spelling of its audience. */
export interface Resource {
  name: string;
  appId?: string;
  audiences: readonly string[];
  /** The target of the same name in requests, where its rules are known here. */
  target?: TargetName;
}

/** The server application of AKS-managed Entra integration, the same in every cloud (Azure/kubelogin, concepts/aks.md). */
export const AKS_SERVER_APP_ID = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** What a Kubernetes token must name to be exchanged at Entra (entra-docs, workload identity federation). */
export const TOKEN_EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

/** Every spelling of it that a token to be exchanged may name. */
export const TOKEN_EXCHANGE_AUDIENCES: readonly string[] = [
  TOKEN_EXCHANGE_AUDIENCE,
  'api://AzureADTokenExchangeUSGov',
  'api://AzureADTokenExchangeChina',
  'api://AzureADTokenExchangeUSNat',
  'api://AzureADTokenExchangeUSSec',
];

/** The same in tokens of Entra's own, such as those of managed identities: v2 tokens carry the id in place of the address. */
export const TOKEN_EXCHANGE_APP_ID = 'fb60f99c-7a34-4190-8149-302f77469936';

/** What a pod's token names when it is exchanged through an AKS identity binding. */
export const IDENTITY_BINDING_AUDIENCE = 'api://AKSIdentityBinding';

/** Ids and addresses: entra-docs, permission tables and samples that Microsoft publishes. */
const resources: readonly Resource[] = [
  {
    name: 'the AKS API server',
    appId: AKS_SERVER_APP_ID,
    audiences: [`spn:${AKS_SERVER_APP_ID}`],
    target: 'aks-api-server',
  },
  {
    name: 'Azure Resource Manager',
    appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
    audiences: [
      'https://management.azure.com/',
      'https://management.core.windows.net/',
      'https://management.usgovcloudapi.net/',
      'https://management.core.usgovcloudapi.net/',
      'https://management.chinacloudapi.cn/',
      'https://management.core.chinacloudapi.cn/',
    ],
    target: 'arm',
  },
  {
    name: 'Microsoft Graph',
    appId: '00000003-0000-0000-c000-000000000000',
    audiences: [
      'https://graph.microsoft.com',
      'https://graph.microsoft.us',
      'https://dod-graph.microsoft.us',
      'https://microsoftgraph.chinacloudapi.cn',
    ],
    target: 'graph',
  },
  {
    name: 'Azure AD Graph (retired)',
    appId: '00000002-0000-0000-c000-000000000000',
    audiences: ['https://graph.windows.net'],
  },
  {
    name: 'Azure Key Vault',
    appId: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
    audiences: ['https://vault.azure.net', 'https://vault.usgovcloudapi.net', 'https://vault.azure.cn'],
    target: 'key-vault',
  },
  {
    name: 'Azure Storage',
    appId: 'e406a681-f3d4-42a8-90b6-c2b029497af1',
    audiences: ['https://storage.azure.com'],
    target: 'storage',
  },
  {
    name: 'Azure SQL',
    appId: '022907d3-0f1b-48f7-badc-1ba6abab6d66',
    audiences: [
      'https://database.windows.net',
      'https://database.usgovcloudapi.net',
      'https://database.chinacloudapi.cn',
    ],
    target: 'sql',
  },
  {
    name: 'Azure Database for PostgreSQL and MySQL',
    appId: '123cd850-d9df-40bd-94d5-c9f07b7fa203',
    audiences: ['https://ossrdbms-aad.database.windows.net'],
  },
  {
    name: 'Azure OpenAI and Cognitive Services',
    appId: '7d312290-28c8-473c-a0ed-8e53749b6d6d',
    audiences: ['https://cognitiveservices.azure.com', 'https://ai.azure.com'],
  },
  {
    name: 'Azure DevOps',
    appId: '499b84ac-1321-427f-aa17-267ca6975798',
    audiences: [],
    target: 'azure-devops',
  },
  {
    name: 'Azure Container Registry',
    appId: '6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26',
    audiences: ['https://containerregistry.azure.net'],
    target: 'container-registry',
  },
  {
    name: 'Azure Event Hubs',
    appId: '80369ed6-5f11-4dd9-bef3-692475845e77',
    audiences: ['https://eventhubs.azure.net'],
  },
  {
    name: 'Azure Service Bus',
    appId: '80a10ef9-8168-493d-abf9-3297c4ef6e3c',
    audiences: ['https://servicebus.azure.net'],
  },
  { name: 'the Azure Arc Kubernetes API server', appId: '6256c85f-0aad-4d50-b960-e6e9b21efe35', audiences: [] },
  {
    name: 'the Entra token exchange (workload identity federation)',
    appId: TOKEN_EXCHANGE_APP_ID,
    audiences: TOKEN_EXCHANGE_AUDIENCES,
    target: 'token-exchange',
  },
  { name: 'AKS identity bindings', audiences: [IDENTITY_BINDING_AUDIENCE] },
];

/** Clients of Microsoft's own that people sign in through, by app id (MicrosoftDocs/SupportArticles-docs; Azure/kubelogin). */
const clients: Readonly<Record<string, string>> = {
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46': 'Azure CLI',
  '1950a258-227b-4e31-a9cf-717495945fc2': 'Azure PowerShell',
  '80faf920-1908-4b52-b5ef-a8e7bedfc67a': 'the AKS client application (kubelogin)',
  '3f4439ff-e698-4d6d-84fe-09c9d574f06b': 'the Azure Arc client application (kubelogin)',
};

/** The name of a client by its app id, where it is one of Microsoft's own. */
export const clientName = (appId: string): string | undefined =>
  Object.hasOwn(clients, appId) ? clients[appId] : undefined;

const withoutSlash = (audience: string) => audience.replace(/\/$/, '').toLowerCase();

/** Whose audience this is, by app id or URI, a trailing slash more or less. For naming it, never for accepting it. */
export function resourceOf(audience: string): Resource | undefined {
  const wanted = withoutSlash(audience);
  return resources.find(
    (resource) => resource.appId === wanted || resource.audiences.some((uri) => withoutSlash(uri) === wanted),
  );
}
