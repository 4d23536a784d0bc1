import type { TokenCredential } from '@azure/identity';

/**
 * Who this service is towards Azure: the system-assigned identity in Azure, the service account in a cluster, the developer’s
 * own sign-in (`az login`) on a workstation. Nothing is loaded before the first call.
 */
export async function ownIdentity(environment: Readonly<NodeJS.ProcessEnv>): Promise<TokenCredential> {
  const { AzureCliCredential, ManagedIdentityCredential, WorkloadIdentityCredential } = await import('@azure/identity');
  // App Service and Functions set the former (managed identity reference), the webhook of workload identity the latter.
  if (environment.IDENTITY_ENDPOINT) return new ManagedIdentityCredential();
  if (environment.AZURE_FEDERATED_TOKEN_FILE) return new WorkloadIdentityCredential();
  return new AzureCliCredential();
}
