import type { ContainerServiceClient } from '@azure/arm-containerservice';
import type { ManagedServiceIdentityClient } from '@azure/arm-msi';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { AzureScope } from './azure-reader.ts';
import { getOnly, ofRead, plainGets, RETRIES, sharedTokens } from './http.ts';
import type { Asker } from './reads.ts';

/** Makes the clients of one deployment: all with one credential, and one way to the network. */
export function azureClients({ arm, graph, credential: own }: Pick<AzureScope, 'arm' | 'graph' | 'credential'>) {
  const credential = sharedTokens(own);
  const toArm = getOnly(arm);
  const toGraph = getOnly(graph);
  const ofArm = plainGets(arm, credential);
  const ofGraph = plainGets(graph, credential);
  type Common = ReturnType<typeof common>;
  const common = (httpClient: HttpClient) => ({ endpoint: arm, httpClient, retryOptions: RETRIES });

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
    /** For one read: id and trace of its asker go along with each request, and its signal ends them. A client is made for each. */
    asking: (asker: Asker, signal: AbortSignal) => {
      const way = ofRead(asker, signal, toArm);
      const of = common(way);
      return {
        clusters: (subscriptionId: string, apiVersion: string) => clusters(of, subscriptionId, apiVersion),
        identities: (subscriptionId: string, apiVersion: string) => identities(of, subscriptionId, apiVersion),
        arm: (path: string) => ofArm(path, way),
        graph: (path: string) => ofGraph(path, ofRead(asker, signal, toGraph)),
      };
    },
  };
}
