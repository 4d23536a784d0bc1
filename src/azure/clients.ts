import type { ContainerServiceClient } from '@azure/arm-containerservice';
import type { ManagedServiceIdentityClient } from '@azure/arm-msi';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { AzureScope } from './azure-reader.ts';
import { getOnly, plainGets, RETRIES, sharedTokens } from './http.ts';

/** Makes the clients of one deployment: all with one credential, and one way to the network. */
export function azureClients({ arm, graph, credential: own }: Pick<AzureScope, 'arm' | 'graph' | 'credential'>) {
  const credential = sharedTokens(own);
  const httpClient = getOnly(arm);
  const ofArm = plainGets(arm, credential, httpClient);
  const ofGraph = plainGets(graph, credential, getOnly(graph));
  type Common = ReturnType<typeof common>;
  /** A client is made for each read: that of clusters gives neither options nor headers to a next page, so they are laid on here. */
  const common = (requestId: string, abortSignal: AbortSignal) => ({
    endpoint: arm,
    httpClient: {
      sendRequest: async (request) => {
        request.headers.set('x-ms-client-request-id', requestId);
        request.abortSignal = abortSignal;
        return await httpClient.sendRequest(request);
      },
    } satisfies HttpClient,
    retryOptions: RETRIES,
  });

  const clusters = async (of: Common, subscriptionId: string, apiVersion: string): Promise<ContainerServiceClient> => {
    const { ContainerServiceClient } = await import('@azure/arm-containerservice');
    const credentials = { scopes: [`${arm}/.default`] };
    return new ContainerServiceClient(credential, subscriptionId, { ...of, credentials, apiVersion });
  };
  const identities = async (
    of: Common,
    subscriptionId: string,
    apiVersion: string,
  ): Promise<ManagedServiceIdentityClient> => {
    const { ManagedServiceIdentityClient } = await import('@azure/arm-msi');
    return new ManagedServiceIdentityClient(credential, subscriptionId, {
      ...of,
      credentialScopes: `${arm}/.default`,
      apiVersion,
    });
  };

  return {
    /** For one read: its id goes along with each request, and its signal ends them. */
    asking: (requestId: string, abortSignal: AbortSignal) => {
      const of = common(requestId, abortSignal);
      return {
        clusters: (subscriptionId: string, apiVersion: string) => clusters(of, subscriptionId, apiVersion),
        identities: (subscriptionId: string, apiVersion: string) => identities(of, subscriptionId, apiVersion),
        arm: (path: string) => ofArm(path, requestId, abortSignal),
        graph: (path: string) => ofGraph(path, requestId, abortSignal),
      };
    },
  };
}
