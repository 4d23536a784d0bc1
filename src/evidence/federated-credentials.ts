import { CLUSTER_TYPE, IDENTITY_TYPE, parseArmId } from '../contract/arm-id.ts';
import type { Gathered } from '../contract/evidence.ts';
import type { Cluster, FederatedCredentials, FederatedIdentity, IdentityBinding } from '../contract/federation.ts';
import { type Azure, gathered, OTHER_CLOUD, unread } from './azure.ts';
import { readBindings, readCredentials } from './azure-documents.ts';

/** Those that were handed in, else those of the identity. */
export async function gatherCredentials(
  identity: Gathered<FederatedIdentity>,
  handedIn: unknown,
  azure: Azure,
): Promise<Gathered<FederatedCredentials>> {
  const found = await credentialsOf(identity, handedIn, azure);
  return found.state === 'present' && identity.state === 'present'
    ? { ...found, value: { ...found.value, of: identity.value } }
    : found;
}

async function credentialsOf(
  identity: Gathered<FederatedIdentity>,
  handedIn: unknown,
  azure: Azure,
): Promise<Gathered<FederatedCredentials>> {
  const { witness, reader } = azure;
  if (handedIn !== undefined) return witness.present('request', readCredentials(handedIn));
  if (identity.state === 'absent') return identity;
  const { kind, resourceId, clientId } = identity.value;
  if (!reader) return witness.absent('request', 'not-provided', OTHER_CLOUD);
  if (kind === 'application' && clientId !== undefined) return await ofApplication(clientId, { ...azure, reader });
  if (kind === 'enterprise-application')
    return witness.absent(
      'graph',
      'not-found',
      'The application is registered in another tenant, where its federated credentials are too.',
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
  const read = await reader.federatedCredentials(id, azure.reading);
  if (!read.ok) return unread(read, 'arm');
  const { items, complete } = read.value;
  const { credentials, complete: readable } = readCredentials(items);
  return gathered(read, 'arm', { credentials, complete: complete && readable });
}

async function ofApplication(
  appId: string,
  { reader, reading }: Azure & { reader: NonNullable<Azure['reader']> },
): Promise<Gathered<FederatedCredentials>> {
  const read = await reader.applicationCredentials(appId, false, reading);
  if (!read.ok) return unread(read, 'graph');
  const plain = readCredentials(read.value.items);
  const complete = read.value.complete && plain.complete;
  const untold = plain.credentials.some(({ subject, expression }) => subject === undefined && expression === undefined);
  if (!untold) return gathered(read, 'graph', { ...plain, complete });
  // Without the beta version flexible ones stay what they are: credentials of which the subject is not known.
  const flexible = await reader.applicationCredentials(appId, true, reading);
  return flexible.ok
    ? gathered(flexible, 'graph', readCredentials(flexible.value.items))
    : gathered(read, 'graph', { ...plain, complete });
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
