import type { ContainerServiceClient } from '@azure/arm-containerservice';
import type { ManagedServiceIdentityClient } from '@azure/arm-msi';
import type { AzureScope } from './azure-reader.ts';
import { getOnly, plainGets, RETRIES, sharedTokens } from './http.ts';

/** Makes the clients of one deployment: all with one credential, and one way to the network. */
export function azureClients({ arm, graph, credential: own }: Pick<AzureScope, 'arm' | 'graph' | 'credential'>) {
  const credential = sharedTokens(own);
  const httpClient = getOnly(arm);
  const ofArm = plainGets(arm, credential, httpClient);
  const ofGraph = plainGets(graph, credential, getOnly(graph));
  const common = { endpoint: arm, httpClient, retryOptions: RETRIES };

  const clusters = async (subscriptionId: string, apiVersion: string): Promise<ContainerServiceClient> => {
    const { ContainerServiceClient } = await import('@azure/arm-containerservice');
    const credentials = { scopes: [`${arm}/.default`] };
    return new ContainerServiceClient(credential, subscriptionId, { ...common, credentials, apiVersion });
  };
  const identities = async (subscriptionId: string, apiVersion: string): Promise<ManagedServiceIdentityClient> => {
    const { ManagedServiceIdentityClient } = await import('@azure/arm-msi');
    return new ManagedServiceIdentityClient(credential, subscriptionId, {
      ...common,
      credentialScopes: `${arm}/.default`,
      apiVersion,
    });
  };

  return {
    /** For one read: its id goes along with each request, and its signal ends them. */
    asking: (requestId: string, abortSignal: AbortSignal) => {
      const ids = { 'x-ms-client-request-id': requestId };
      return {
        clusters,
        identities,
        // The two libraries call them differently.
        options: { abortSignal, requestOptions: { headers: ids, customHeaders: ids } },
        arm: (path: string) => ofArm(path, requestId, abortSignal),
        graph: (path: string) => ofGraph(path, requestId, abortSignal),
      };
    },
  };
}
