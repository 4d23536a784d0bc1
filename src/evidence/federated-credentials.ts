import type { Listed } from '../azure/azure-reader.ts';
import { CLUSTER_TYPE, IDENTITY_TYPE, isSameResource, parseArmId } from '../contract/arm-id.ts';
import { isGuid } from '../contract/claims.ts';
import type { Gathered } from '../contract/evidence.ts';
import {
  type Cluster,
  type FederatedCredentials,
  type FederatedIdentity,
  type IdentityBinding,
  MOST_CREDENTIALS,
} from '../contract/federation.ts';
import { type Azure, gathered, OTHER_CLOUD, unread } from './azure.ts';
import { itemsOf, readBindings, readCredentials, readIdentity } from './azure-documents.ts';

/** Those that were handed in, else those of the identity. */
export async function gatherCredentials(
  identity: Gathered<FederatedIdentity>,
  handedIn: unknown,
  azure: Azure,
): Promise<Gathered<FederatedCredentials>> {
  const found = await credentialsOf(identity, handedIn, azure);
  if (found.state === 'absent') return found;
  const of =
    identity.state === 'present'
      ? identity.value
      : isOfGraph(handedIn)
        ? ({ kind: 'application' } as const)
        : undefined;
  return of ? { ...found, value: { ...found.value, of } } : found;
}

async function credentialsOf(
  identity: Gathered<FederatedIdentity>,
  handedIn: unknown,
  azure: Azure,
): Promise<Gathered<FederatedCredentials>> {
  const { witness, reader } = azure;
  if (handedIn !== undefined) return ofRequest(identity, handedIn, azure);
  if (identity.state === 'absent') return identity;
  const { kind, resourceId, clientId } = identity.value;
  if (!reader) return witness.absent('request', 'forbidden', OTHER_CLOUD);
  // What a caller says of the tenant of an identity does not open it.
  if (identity.source === 'request' && azure.tenants.length > 0)
    return witness.absent(
      'request',
      'forbidden',
      'Where the setting TOKEN_DOCTOR_TENANTS limits what is read, an identity that was handed in is not: name it by its client id.',
    );
  if (kind === 'application' && clientId !== undefined) return await ofApplication(clientId, { ...azure, reader });
  if (kind === 'enterprise-application')
    return witness.absent(
      'graph',
      'not-found',
      'Where the application is registered is not known here, and its federated credentials are there.',
    );
  if (kind === 'system-assigned')
    return witness.absent('graph', 'not-found', 'A system-assigned identity has no federated credentials.');
  const id = parseArmId(resourceId ?? '', IDENTITY_TYPE);
  if (!id)
    return witness.absent(
      'request',
      'not-provided',
      'The ARM id of the identity is not known, so its federated credentials could not be read.',
    );
  const [read, own] = await Promise.all([
    reader.federatedCredentials(id, azure.reading),
    identity.source === 'request' ? reader.identity(id, azure.reading) : undefined,
  ]);
  if (!read.ok) return unread(read, 'arm');
  // What the caller says of an identity must be what Azure says of the one whose credentials these are.
  if (own && !(own.ok && isSame(identity.value, readIdentity(own.value))))
    return witness.absent(
      'arm',
      'malformed',
      'The identity that was handed in is not the one that its ARM id names, as far as Azure tells.',
    );
  return gathered(read, 'arm', ofListed(read.value));
}

const ofListed = ({ items, complete }: Listed): FederatedCredentials => {
  const read = readCredentials(items);
  return { ...read, complete: read.complete && complete };
};

/** Whether neither contradicts the other. */
const isSame = (told: FederatedIdentity, read: FederatedIdentity | undefined): boolean =>
  read !== undefined &&
  (['clientId', 'principalId', 'tenantId'] as const).every(
    (name) => told[name] === undefined || told[name].toLowerCase() === read[name]?.toLowerCase(),
  );

function ofRequest(
  identity: Gathered<FederatedIdentity>,
  handedIn: unknown,
  { witness }: Azure,
): Gathered<FederatedCredentials> {
  const read = readCredentials(handedIn);
  const owners = ownersOf(handedIn);
  const own = identity.state === 'present' ? identity.value : undefined;
  const others = owners.filter(
    (owner) =>
      own?.kind === 'application' ||
      (own?.resourceId !== undefined && !isSameResource(owner, own.resourceId, IDENTITY_TYPE)),
  );
  if (owners.length > 1 || others.length > 0 || read.credentials.length > MOST_CREDENTIALS)
    return witness.absent(
      'request',
      'malformed',
      'The federated credentials that were handed in are not of one identity, or not of this one.',
    );
  return witness.present('request', read);
}

/** Of applications, credentials have GUIDs as ids. */
const isOfGraph = (list: unknown): boolean => {
  const { items } = itemsOf(list);
  return items.length > 0 && items.every((item) => isGuid(Reflect.get(Object(item), 'id')));
};

/** Identities that credentials of a list say they are of, by ARM id, each once. */
export function ownersOf(list: unknown): string[] {
  const ids = itemsOf(list).items.flatMap((item) => {
    const id = Object.entries(Object(item)).find(([name]) => name.toLowerCase() === 'id')?.[1];
    const [, owner] = /^(\/subscriptions\/.+)\/federatedIdentityCredentials\/[^/]+$/i.exec(String(id)) ?? [];
    return owner === undefined ? [] : [owner];
  });
  return [...new Map(ids.map((id) => [id.toLowerCase(), id])).values()];
}

async function ofApplication(
  appId: string,
  { reader, reading }: Azure & { reader: NonNullable<Azure['reader']> },
): Promise<Gathered<FederatedCredentials>> {
  const read = await reader.applicationCredentials(appId, false, reading);
  if (!read.ok) return unread(read, 'graph');
  const plain = ofListed(read.value);
  const untold = plain.credentials.some(({ subject, expression }) => subject === undefined && expression === undefined);
  if (!untold) return gathered(read, 'graph', plain);
  // Without the beta version flexible ones stay what they are: credentials of which the subject is not known.
  const flexible = await reader.applicationCredentials(appId, true, reading);
  return flexible.ok ? gathered(flexible, 'graph', ofListed(flexible.value)) : gathered(read, 'graph', plain);
}

/** Those that were handed in, else those of a cluster that was read from Azure. */
export async function gatherBindings(
  cluster: Gathered<Cluster>,
  handedIn: unknown,
  azure: Azure,
): Promise<Gathered<readonly IdentityBinding[]>> {
  const { witness, reader } = azure;
  if (handedIn !== undefined) return witness.present('request', readBindings(handedIn));
  const id = cluster.state === 'present' ? parseArmId(cluster.value.id ?? '', CLUSTER_TYPE) : undefined;
  if (!reader || !id || cluster.source !== 'arm')
    return witness.absent('request', 'not-provided', 'The identity bindings of the cluster were not read.');
  const read = await reader.identityBindings(id, azure.reading);
  return read.ok ? gathered(read, 'arm', readBindings(read.value.items)) : unread(read, 'arm');
}
