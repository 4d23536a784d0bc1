/** What is read of Azure, each with the permission it takes: the one list, which the README prints and a custom role holds. */
export interface AzureRead {
  /** As a refusal is told: what could not be read. */
  title: string;
  /** An action of a role in Azure, or an application permission of Microsoft Graph. */
  permission: string;
  of: 'arm' | 'graph';
  /** What for. */
  purpose: string;
}

export const azureReads = {
  subscriptions: {
    title: 'the subscriptions',
    permission: 'Microsoft.Resources/subscriptions/read',
    of: 'arm',
    purpose: 'which subscriptions there are to look for a name, an issuer or a client id',
  },
  clusters: {
    title: 'AKS clusters',
    permission: 'Microsoft.ContainerService/managedClusters/read',
    of: 'arm',
    purpose: 'OIDC issuer, workload identity, state of a cluster',
  },
  identityBindings: {
    title: 'the identity bindings of the cluster',
    permission: 'Microsoft.ContainerService/managedClusters/identityBindings/read',
    of: 'arm',
    purpose: 'whether a cluster reaches an identity through a binding',
  },
  identities: {
    title: 'user-assigned identities',
    permission: 'Microsoft.ManagedIdentity/userAssignedIdentities/read',
    of: 'arm',
    purpose: 'client id, principal id and tenant of an identity',
  },
  federatedCredentials: {
    title: 'the federated credentials of the identity',
    permission: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read',
    of: 'arm',
    purpose: 'issuer, subject and audience that an identity trusts',
  },
  applications: {
    title: 'application registrations',
    permission: 'Application.Read.All',
    of: 'graph',
    purpose: 'federated credentials of an application registration, and what else a GUID is the id of',
  },
} as const satisfies Readonly<Record<string, AzureRead>>;
export type AzureReadName = keyof typeof azureReads;
