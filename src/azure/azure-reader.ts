import type { TokenCredential } from '@azure/identity';
import { type ArmId, armId, CLUSTER_TYPE, IDENTITY_TYPE } from '../contract/arm-id.ts';
import { type AzureReadName, azureReads } from '../contract/azure-reads.ts';
import { isGuid } from '../contract/claims.ts';
import { isJsonObject, type JsonObject } from '../contract/json.ts';
import { type Read, type Reading, Reads } from './reads.ts';

/** What a deployment may read, and as whom. */
export interface AzureScope {
  /** Addresses of Azure Resource Manager and Microsoft Graph, without a path. */
  arm: string;
  graph: string;
  /** Who reads; asked for once something is to be read. */
  credential(): Promise<TokenCredential>;
  /** Subscriptions that may be asked about; empty: all that the credential can read. */
  subscriptions: readonly string[];
  now(): Date;
}

/** A list, as far as it was read. */
export interface Listed {
  items: readonly JsonObject[];
  complete: boolean;
}

/**
 * Versions of the API: those of clusters and identities are older ones, which every cloud has; bindings came with theirs
 * (azure-rest-api-specs, stable folders).
 */
const API_VERSIONS = {
  clusters: '2024-09-01',
  identityBindings: '2026-06-01',
  identities: '2023-01-31',
  subscriptions: '2022-12-01',
} as const;

/** Items of one list that are read: more than any subscription has of clusters or identities that a person looks through. */
const MOST_LISTED = 5_000;

/**
 * Reads what a federation rests on, by GETs alone: clusters and identities through the clients of Azure's own libraries, which are
 * loaded at the first read, application registrations of Microsoft Graph plainly. Never rejects: what could not be read says why.
 */
export class AzureReader {
  readonly #scope: AzureScope;
  readonly #reads: Reads;
  #clients: Promise<Clients> | undefined;

  constructor(scope: AzureScope) {
    this.#scope = scope;
    this.#reads = new Reads(scope.now);
  }

  async cluster(id: ArmId, reading: Reading): Promise<Read<JsonObject>> {
    return await this.#ofSubscription('clusters', id.subscriptionId, armId(id, CLUSTER_TYPE), reading, async (to) => {
      const { managedClusters } = await to.clusters(id.subscriptionId, API_VERSIONS.clusters);
      return asJson(await managedClusters.get(id.resourceGroup, id.name));
    });
  }

  async clusters(subscriptionId: string, reading: Reading): Promise<Read<Listed>> {
    const scope = `/subscriptions/${subscriptionId}`;
    return await this.#ofSubscription('clusters', subscriptionId, scope, reading, async (to) =>
      listed((await to.clusters(subscriptionId, API_VERSIONS.clusters)).managedClusters.list()),
    );
  }

  async identityBindings(cluster: ArmId, reading: Reading): Promise<Read<Listed>> {
    const scope = armId(cluster, CLUSTER_TYPE);
    return await this.#ofSubscription('identityBindings', cluster.subscriptionId, scope, reading, async (to) => {
      const { identityBindings } = await to.clusters(cluster.subscriptionId, API_VERSIONS.identityBindings);
      return await listed(identityBindings.listByManagedCluster(cluster.resourceGroup, cluster.name));
    });
  }

  async identity(id: ArmId, reading: Reading): Promise<Read<JsonObject>> {
    return await this.#ofSubscription(
      'identities',
      id.subscriptionId,
      armId(id, IDENTITY_TYPE),
      reading,
      async (to) => {
        const { userAssignedIdentities } = await to.identities(id.subscriptionId, API_VERSIONS.identities);
        return asJson(await userAssignedIdentities.get(id.resourceGroup, id.name));
      },
    );
  }

  async identities(subscriptionId: string, reading: Reading): Promise<Read<Listed>> {
    const scope = `/subscriptions/${subscriptionId}`;
    return await this.#ofSubscription('identities', subscriptionId, scope, reading, async (to) =>
      listed(
        (await to.identities(subscriptionId, API_VERSIONS.identities)).userAssignedIdentities.listBySubscription(),
      ),
    );
  }

  async federatedCredentials(id: ArmId, reading: Reading): Promise<Read<Listed>> {
    const scope = armId(id, IDENTITY_TYPE);
    return await this.#ofSubscription('federatedCredentials', id.subscriptionId, scope, reading, async (to) => {
      const { federatedIdentityCredentials } = await to.identities(id.subscriptionId, API_VERSIONS.identities);
      return await listed(federatedIdentityCredentials.list(id.resourceGroup, id.name));
    });
  }

  /** The subscriptions that may be looked through: those of the setting, else all that the credential sees. */
  async subscriptions(reading: Reading): Promise<Read<readonly string[]>> {
    const { subscriptions, now } = this.#scope;
    if (subscriptions.length > 0) return { ok: true, value: subscriptions, observedAt: now() };
    const path = `/subscriptions?api-version=${API_VERSIONS.subscriptions}`;
    return await this.#run('subscriptions', '/subscriptions', reading, async (to) => {
      const { items } = await pages(path, 'nextLink', to.arm);
      return items.map(({ subscriptionId }) => subscriptionId).filter(isGuid);
    });
  }

  /** An application registration by its application id, or by its object id. */
  async application(by: 'appId' | 'id', id: string, reading: Reading): Promise<Read<JsonObject>> {
    const path = `/v1.0/applications${by === 'appId' ? `(appId='${encodeURIComponent(id)}')` : `/${encodeURIComponent(id)}`}?$select=id,appId,displayName,signInAudience`;
    return await this.#run('applications', `the application ${id}`, reading, (to) => to.graph(path), path);
  }

  /**
   * Its federated credentials: the list, which takes a lesser permission than one of them. Version 1.0 does not tell the expressions
   * of flexible ones; `flexible` asks the beta version, which does.
   */
  async applicationCredentials(appId: string, flexible: boolean, reading: Reading): Promise<Read<Listed>> {
    const path = `/${flexible ? 'beta' : 'v1.0'}/applications(appId='${encodeURIComponent(appId)}')/federatedIdentityCredentials`;
    const run = (to: Asking) => pages(path, '@odata.nextLink', to.graph);
    return await this.#run('applications', `the application ${appId}`, reading, run, path);
  }

  /** A service principal by the application id it stands for, or by its object id. */
  async servicePrincipal(by: 'appId' | 'id', id: string, reading: Reading): Promise<Read<JsonObject>> {
    const path = `/v1.0/servicePrincipals${by === 'appId' ? `(appId='${encodeURIComponent(id)}')` : `/${encodeURIComponent(id)}`}?$select=id,appId,displayName,servicePrincipalType,alternativeNames,appOwnerOrganizationId`;
    return await this.#run('applications', `the service principal ${id}`, reading, (to) => to.graph(path), path);
  }

  /** What lies in a subscription that this deployment may not be asked about is not asked for. */
  async #ofSubscription<T>(
    name: AzureReadName,
    subscriptionId: string,
    scope: string,
    reading: Reading,
    run: (to: Asking) => Promise<T>,
  ): Promise<Read<T>> {
    const { subscriptions, now } = this.#scope;
    if (subscriptions.length === 0 || subscriptions.some((own) => own.toLowerCase() === subscriptionId.toLowerCase()))
      return await this.#run(name, scope, reading, run);
    const detail = `Token Doctor may not be asked about the subscription ${subscriptionId}: the setting TOKEN_DOCTOR_SUBSCRIPTIONS names others.`;
    return { ok: false, reason: 'forbidden', detail, observedAt: now() };
  }

  async #run<T>(
    name: AzureReadName,
    scope: string,
    reading: Reading,
    run: (to: Asking) => Promise<T>,
    resource = `${name} ${scope.toLowerCase()}`,
  ): Promise<Read<T>> {
    const [{ readFailure }, clients] = await Promise.all([import('./failures.ts'), this.#loaded()]);
    return await this.#reads.get(
      resource,
      reading,
      async (signal) => await run(clients.asking(reading, signal)),
      (error) => readFailure(error, azureReads[name], scope),
    );
  }

  #loaded(): Promise<Clients> {
    this.#clients ??= import('./clients.ts').then(({ azureClients }) => azureClients(this.#scope));
    return this.#clients;
  }
}

/** What can be read of Azure, whoever stands between. */
export type AzureSource = Pick<AzureReader, keyof AzureReader>;

type Clients = ReturnType<typeof import('./clients.ts')['azureClients']>;
export type Asking = ReturnType<Clients['asking']>;

/** What a client of a library made of an answer; whoever reads it knows ARM's form and the flattened one. */
function asJson(value: object): JsonObject {
  if (isJsonObject(value)) return value;
  throw new TypeError('no object');
}

async function listed(found: AsyncIterable<object>): Promise<Listed> {
  const items: JsonObject[] = [];
  for await (const item of found) {
    if (items.length === MOST_LISTED) return { items, complete: false };
    items.push(asJson(item));
  }
  return { items, complete: true };
}

/** A list whose pages are linked. */
async function pages(path: string, next: string, get: (path: string) => Promise<JsonObject>): Promise<Listed> {
  const items: JsonObject[] = [];
  for (let link: unknown = path; typeof link === 'string'; ) {
    const page = await get(link);
    const { value } = page;
    if (!Array.isArray(value)) throw new TypeError('no list');
    items.push(...value.filter(isJsonObject));
    if (items.length > MOST_LISTED) return { items: items.slice(0, MOST_LISTED), complete: false };
    link = page[next];
  }
  return { items, complete: true };
}
