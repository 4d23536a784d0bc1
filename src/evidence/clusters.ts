import type { AzureSource } from '../azure/azure-reader.ts';
import { CLUSTER_TYPE, isSameResource, parseArmId } from '../contract/arm-id.ts';
import type { Gathered } from '../contract/evidence.ts';
import type { Cluster, Lookup, LookupKey } from '../contract/federation.ts';
import type { JsonObject } from '../contract/json.ts';
import type { VerifyFederationRequest } from '../contract/verify-federation.ts';
import {
  type Azure,
  gathered,
  mayBeAskedAbout,
  OTHER_CLOUD,
  searchedIn,
  searchSubscriptions,
  unread,
  withheld,
} from './azure.ts';
import { readCluster } from './azure-documents.ts';

export interface ClusterEvidence {
  clusterLookup: Gathered<Lookup>;
  cluster: Gathered<Cluster>;
}

/** How a request names a cluster. */
export type ClusterName = NonNullable<VerifyFederationRequest['cluster']>;

/** The cluster that was handed in, else the one that is named. One of a tenant that may not be asked about is withheld. */
export async function gatherCluster(
  name: ClusterName | undefined,
  handedIn: unknown,
  azure: Azure,
): Promise<ClusterEvidence> {
  const found = await findCluster(name, handedIn, azure);
  const { cluster } = found;
  const read = cluster.state === 'present' && cluster.source === 'arm';
  return read && !mayBeAskedAbout(cluster.value.tenantId, azure) ? both(withheld(azure)) : found;
}

async function findCluster(name: ClusterName | undefined, handedIn: unknown, azure: Azure): Promise<ClusterEvidence> {
  const { witness } = azure;
  if (handedIn !== undefined) return ofDocument(handedIn, name, azure);
  if (!name) return both(witness.absent('request', 'not-provided', 'No cluster was named.'));
  const { reader } = azure;
  if (!reader) return both(witness.absent('request', 'forbidden', OTHER_CLOUD));
  const { resourceId, name: called, issuer } = name;
  if (resourceId !== undefined) return await byId(resourceId, { ...azure, reader });
  return called !== undefined
    ? await bySearch('name', called, { ...azure, reader })
    : await bySearch('issuer', issuer ?? '', { ...azure, reader });
}

const both = (absent: Gathered<never>): ClusterEvidence => ({ clusterLookup: absent, cluster: absent });

function ofDocument(document: unknown, name: ClusterName | undefined, { witness }: Azure): ClusterEvidence {
  const cluster = readCluster(document);
  if (!cluster)
    return both(
      witness.absent(
        'request',
        'malformed',
        'What was handed in as `evidence.cluster` says nothing of a cluster, or contradicts itself: send what `az aks show -o json` prints.',
      ),
    );
  const named = name?.resourceId ?? name?.name ?? name?.issuer ?? cluster.id ?? cluster.name ?? 'the one handed in';
  const lookup: Lookup = { by: 'evidence', named, where: 'what was handed in', ...compared(name, cluster) };
  return { clusterLookup: witness.present('request', lookup), cluster: witness.present('request', cluster) };
}

/** Whether a document is of the cluster that is named; it may lack what tells. */
function compared(name: ClusterName | undefined, cluster: Cluster): Pick<Lookup, 'found' | 'settled'> {
  if (!name) return { found: true, settled: true };
  const { resourceId, name: called, issuer } = name;
  const { id, name: own, oidcIssuer } = cluster;
  if (resourceId !== undefined) return judged(id, (value) => isSameResource(value, resourceId, CLUSTER_TYPE));
  return called !== undefined
    ? judged(own, (value) => value.toLowerCase() === called.toLowerCase())
    : judged(oidcIssuer, (value) => value === issuer);
}

const judged = (told: string | undefined, fits: (value: string) => boolean) =>
  told === undefined ? { found: false, settled: false } : { found: fits(told), settled: true };

type Readable = Azure & { reader: AzureSource };

async function byId(resourceId: string, { reader, reading, witness }: Readable): Promise<ClusterEvidence> {
  const id = parseArmId(resourceId, CLUSTER_TYPE);
  if (!id) return both(witness.absent('request', 'malformed', 'It is not the ARM id of a cluster.'));
  const read = await reader.cluster(id, reading);
  const lookup = { by: 'resourceId', named: resourceId.trim(), where: 'its resource group' } as const;
  if (read.ok) {
    const cluster = readCluster(read.value);
    if (cluster)
      return {
        clusterLookup: gathered(read, 'arm', { ...lookup, found: true, settled: true }),
        cluster: gathered(read, 'arm', cluster),
      };
    return both(witness.absent('arm', 'malformed', 'Azure’s answer says nothing of a cluster.'));
  }
  if (read.reason !== 'not-found') return both(unread(read, 'arm'));
  const settled = read.settled === true;
  return {
    clusterLookup: witness.present('arm', { ...lookup, found: false, settled }),
    cluster: unread(read, 'arm'),
  };
}

async function bySearch(by: 'name' | 'issuer', named: string, azure: Readable): Promise<ClusterEvidence> {
  const search = await searchSubscriptions(azure, 'clusters', fits(by, named));
  if (!search.ok) return both(unread(search, 'arm'));
  const { found } = search.value;
  const [first, ...others] = found.flatMap((document) => readCluster(document) ?? []);
  const lookup = { by: by satisfies LookupKey, named, where: searchedIn(search.value) };
  if (first && others.length === 0)
    return {
      clusterLookup: gathered(search, 'arm', { ...lookup, found: true, settled: true }),
      cluster: gathered(search, 'arm', first),
    };
  const several = [first, ...others].flatMap((cluster) => cluster?.id ?? []);
  const clusterLookup = gathered(search, 'arm', {
    ...lookup,
    found: false,
    // What another subscription has is out of sight.
    settled: false,
    ...(several.length > 0 && { several }),
  });
  const detail = first
    ? `Several clusters fit: ${several.join(', ')}. Name one by its ARM id.`
    : `No cluster fits in ${lookup.where}.`;
  return { clusterLookup, cluster: azure.witness.absent('arm', 'not-found', detail) };
}

const fits = (by: 'name' | 'issuer', named: string) => (document: JsonObject) => {
  const cluster = readCluster(document);
  return by === 'name' ? cluster?.name?.toLowerCase() === named.toLowerCase() : cluster?.oidcIssuer === named;
};
