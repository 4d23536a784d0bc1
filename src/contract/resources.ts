/** A Microsoft resource that tokens are issued for, with every spelling of its audience. */
export interface Resource {
  name: string;
  appId?: string;
  audiences: readonly string[];
}

/** The server application of AKS-managed Entra integration, the same in every cloud (Azure/kubelogin, concepts/aks.md). */
export const AKS_SERVER_APP_ID = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** What a Kubernetes token must name to be exchanged at Entra (entra-docs, workload identity federation). */
export const TOKEN_EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

/** What a pod's token names when it is exchanged through an AKS identity binding. */
export const IDENTITY_BINDING_AUDIENCE = 'api://AKSIdentityBinding';

const resources: readonly Resource[] = [
  { name: 'the AKS API server', appId: AKS_SERVER_APP_ID, audiences: [`spn:${AKS_SERVER_APP_ID}`] },
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
  },
  { name: 'Azure Storage', appId: 'e406a681-f3d4-42a8-90b6-c2b029497af1', audiences: ['https://storage.azure.com'] },
  { name: 'Azure SQL', appId: '022907d3-0f1b-48f7-badc-1ba6abab6d66', audiences: ['https://database.windows.net'] },
  { name: 'Azure DevOps', appId: '499b84ac-1321-427f-aa17-267ca6975798', audiences: [] },
  {
    name: 'Azure Container Registry',
    appId: '6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26',
    audiences: ['https://containerregistry.azure.net'],
  },
  { name: 'the Azure Arc Kubernetes API server', appId: '6256c85f-0aad-4d50-b960-e6e9b21efe35', audiences: [] },
  {
    name: 'the Entra token exchange (workload identity federation)',
    audiences: [
      TOKEN_EXCHANGE_AUDIENCE,
      'api://AzureADTokenExchangeUSGov',
      'api://AzureADTokenExchangeChina',
      'api://AzureADTokenExchangeUSNat',
      'api://AzureADTokenExchangeUSSec',
    ],
  },
  { name: 'AKS identity bindings', audiences: [IDENTITY_BINDING_AUDIENCE] },
];

const withoutSlash = (audience: string) => audience.replace(/\/$/, '').toLowerCase();

/** Whose audience this is, by app id or URI, a trailing slash more or less. For naming it, never for accepting it. */
export function resourceOf(audience: string): Resource | undefined {
  const wanted = withoutSlash(audience);
  return resources.find(
    (resource) => resource.appId === wanted || resource.audiences.some((uri) => withoutSlash(uri) === wanted),
  );
}
