import type { AzureSource } from '../azure/azure-reader.ts';
import { IDENTITY_TYPE, isSameResource, parseArmId } from '../contract/arm-id.ts';
import { isGuid } from '../contract/claims.ts';
import type { Gathered } from '../contract/evidence.ts';
import type { FederatedIdentity, IdentityKind, Lookup } from '../contract/federation.ts';
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
import { readApplication, readIdentity } from './azure-documents.ts';
import { ownersOf } from './federated-credentials.ts';

export interface IdentityEvidence {
  identityLookup: Gathered<Lookup>;
  identity: Gathered<FederatedIdentity>;
}

type IdentityName = NonNullable<VerifyFederationRequest['identity']>;
type HandedIn = NonNullable<VerifyFederationRequest['evidence']>;
type Readable = Azure & { reader: AzureSource };

/** The identity that was handed in, else the one that is named, else the one that handed in credentials belong to. */
export async function gatherIdentity(
  name: IdentityName | undefined,
  evidence: HandedIn,
  azure: Azure,
): Promise<IdentityEvidence> {
  const { witness, reader } = azure;
  const handedIn = ofDocuments(name, evidence, azure);
  if (handedIn) return await registered(handedIn, azure);
  const named = nameOf(name);
  if (!named) return ofCredentials(evidence.federatedCredentials, azure);
  if (!reader) return both(witness.absent('request', 'forbidden', OTHER_CLOUD));
  if (name?.tenantId !== undefined && !mayBeAskedAbout(name.tenantId, azure)) return both(withheld(azure));
  const found = await find(named, name?.tenantId !== undefined, { ...azure, reader });
  const { identity } = found;
  return identity.state === 'present' && !mayBeAskedAbout(identity.value.tenantId, azure)
    ? both(withheld(azure))
    : found;
}

const both = (absent: Gathered<never>): IdentityEvidence => ({ identityLookup: absent, identity: absent });

interface Named {
  by: 'resourceId' | 'clientId' | 'principalId' | 'appId';
  value: string;
}

function nameOf(name: IdentityName | undefined): Named | undefined {
  for (const by of ['resourceId', 'clientId', 'principalId', 'appId'] as const) {
    const value = name?.[by];
    if (value !== undefined) return { by, value };
  }
  return undefined;
}

function ofDocuments(
  name: IdentityName | undefined,
  { identity, application }: HandedIn,
  { witness }: Azure,
): IdentityEvidence | undefined {
  if (identity === undefined && application === undefined) return undefined;
  const principal = identity === undefined ? undefined : (readIdentity(identity) ?? readApplication(identity));
  const registration = application === undefined ? undefined : readApplication(application);
  const value = together(principal, registration, identity !== undefined, application !== undefined);
  if (!value)
    return both(
      witness.absent(
        'request',
        'malformed',
        'What was handed in says of no identity, or contradicts itself: send what `az identity show` or `az ad app show` prints.',
      ),
    );
  const named = nameOf(name);
  const lookup: Lookup = {
    by: 'evidence',
    named: named?.value ?? value.clientId ?? value.resourceId ?? 'the one handed in',
    where: 'what was handed in',
    ...compared(named, value),
  };
  return { identityLookup: witness.present('request', lookup), identity: witness.present('request', value) };
}

/** An application registration and its service principal are one; what else is handed in together contradicts itself. */
function together(
  principal: FederatedIdentity | undefined,
  registration: FederatedIdentity | undefined,
  hasPrincipal: boolean,
  hasRegistration: boolean,
): FederatedIdentity | undefined {
  if (!hasRegistration) return principal;
  if (!hasPrincipal || !registration) return registration;
  const one =
    principal?.clientId?.toLowerCase() === registration.clientId?.toLowerCase() &&
    (principal?.kind === 'enterprise-application' || principal?.kind === 'application');
  return one ? { ...tenantOf(principal), ...ids(principal), ...registration } : undefined;
}

const tenantOf = (principal: FederatedIdentity | undefined) =>
  principal?.tenantId === undefined ? {} : { tenantId: principal.tenantId };

const MAY_HAVE_ARM_ID: readonly IdentityKind[] = ['user-assigned', 'managed-identity'];

/** Whether an identity is the one that is named, and by which of its ids. Of a document that lacks them it is not known. */
function compared(
  named: Named | undefined,
  { kind, clientId, principalId, applicationObjectId, resourceId }: FederatedIdentity,
): Pick<Lookup, 'found' | 'settled' | 'mistaken'> {
  if (!named) return { found: true, settled: true };
  const { by, value } = named;
  const is = (id: string | undefined) => id !== undefined && id.toLowerCase() === value.trim().toLowerCase();
  const byClient = by === 'clientId' || by === 'appId';
  const found = (mistaken?: Lookup['mistaken']) => ({ found: true, settled: true, ...(mistaken && { mistaken }) });
  if (is(clientId))
    return found(by === 'principalId' ? 'client-id' : value === value.trim() ? undefined : 'white-space');
  if (is(principalId)) return found(byClient ? 'principal-id' : undefined);
  if (is(applicationObjectId)) return found('application-object-id');
  if (resourceId !== undefined && isSameResource(resourceId, value, IDENTITY_TYPE))
    return found(byClient ? 'resource-id' : undefined);
  const told = byClient ? clientId : by === 'principalId' ? principalId : resourceId;
  return { found: false, settled: told !== undefined || (by === 'resourceId' && !MAY_HAVE_ARM_ID.includes(kind)) };
}

/** ARM’s credentials say whose they are. */
function ofCredentials(list: unknown, { witness }: Azure): IdentityEvidence {
  const [id, ...others] = ownersOf(list);
  const parsed = id !== undefined && others.length === 0 ? parseArmId(id, IDENTITY_TYPE) : undefined;
  if (id === undefined || !parsed)
    return both(
      witness.absent(
        'request',
        'not-provided',
        'No identity was named: name it as `identity`, by its client id, or hand in its `evidence.federatedCredentials`.',
      ),
    );
  const identity: FederatedIdentity = { kind: 'user-assigned', resourceId: id, name: parsed.name };
  const lookup: Lookup = { by: 'evidence', named: id, found: true, where: 'what was handed in', settled: true };
  return { identityLookup: witness.present('request', lookup), identity: witness.present('request', identity) };
}

/** `elsewhere`: another tenant than the one that is read may be meant. */
async function find({ by, value }: Named, elsewhere: boolean, azure: Readable): Promise<IdentityEvidence> {
  const text = value.trim();
  const armId = parseArmId(text, IDENTITY_TYPE);
  if (by === 'resourceId' || armId) return await byResourceId({ by, value: text }, armId, azure);
  if (!isGuid(text)) {
    const lookup: Lookup = { by, named: text, found: false, where: 'any tenant: it is no GUID', settled: true };
    const detail = 'It is no GUID, as every client id is.';
    return {
      identityLookup: azure.witness.present('request', lookup),
      identity: azure.witness.absent('request', 'not-found', detail),
    };
  }
  return await byGuid({ by, value }, elsewhere, azure);
}

async function byResourceId(
  named: Named,
  id: ReturnType<typeof parseArmId>,
  { reader, reading, witness }: Readable,
): Promise<IdentityEvidence> {
  if (!id) return both(witness.absent('request', 'malformed', 'It is not the ARM id of a user-assigned identity.'));
  const read = await reader.identity(id, reading);
  const where = 'its resource group';
  if (!read.ok) {
    if (read.reason !== 'not-found') return both(unread(read, 'arm'));
    const settled = read.settled === true;
    const lookup: Lookup = { by: named.by, named: named.value, found: false, where, settled };
    return { identityLookup: witness.present('arm', lookup), identity: unread(read, 'arm') };
  }
  const identity = readIdentity({ ...read.value, type: IDENTITY_TYPE });
  if (!identity) return both(witness.absent('arm', 'malformed', 'Azure’s answer says of no identity.'));
  const lookup: Lookup = {
    by: named.by,
    named: named.value,
    found: true,
    where,
    settled: true,
    ...(named.by !== 'resourceId' && { mistaken: 'resource-id' as const }),
  };
  return { identityLookup: gathered(read, 'arm', lookup), identity: gathered(read, 'arm', identity) };
}

/** A GUID is the client id or the principal id of a managed identity, or one of the ids of an application. */
async function byGuid(named: Named, elsewhere: boolean, azure: Readable): Promise<IdentityEvidence> {
  const { reader, reading, witness } = azure;
  const id = named.value.trim().toLowerCase();
  const fits = (document: JsonObject) => {
    const { clientId, principalId } = readIdentity({ ...document, type: IDENTITY_TYPE }) ?? {};
    return [clientId, principalId].some((one) => one?.toLowerCase() === id);
  };
  const [search, ...ofGraph] = await Promise.all([
    searchSubscriptions(azure, 'identities', fits),
    reader.application('appId', id, reading),
    reader.servicePrincipal('appId', id, reading),
    reader.application('id', id, reading),
    reader.servicePrincipal('id', id, reading),
  ]);
  const [document] = search.ok ? search.value.found : [];
  const managed = document && readIdentity({ ...document, type: IDENTITY_TYPE });
  if (search.ok && managed) return foundAs(named, managed, gathered(search, 'arm', managed), searchedIn(search.value));

  const readers = [readApplication, readIdentity, readApplication, readIdentity];
  for (const [index, read] of ofGraph.entries()) {
    const found = read.ok ? readers[index]?.(read.value) : undefined;
    if (!read.ok || !found) continue;
    const identity = await withRegistration(found, azure);
    return foundAs(named, identity, gathered(read, 'graph', identity), 'the directory');
  }
  const unasked = ofGraph.find((read) => !read.ok && read.reason !== 'not-found');
  const where = [
    search.ok ? searchedIn(search.value) : `no subscription (${search.detail})`,
    unasked && !unasked.ok ? `and not in the directory (${unasked.detail})` : 'and in the directory',
  ].join(' ');
  // The directory has an entry for whatever may sign in to the tenant; a subscription may be out of sight.
  const lookup: Lookup = { by: named.by, named: named.value, found: false, where, settled: !unasked && !elsewhere };
  if (unasked && !search.ok) return both(unread(search, 'arm'));
  return {
    identityLookup: witness.present(unasked ? 'arm' : 'graph', lookup),
    identity: witness.absent('arm', 'not-found', `No identity has the id ${id} in ${where}.`),
  };
}

/** A service principal that was handed in may be of an application that is registered here. */
async function registered(found: IdentityEvidence, azure: Azure): Promise<IdentityEvidence> {
  const { identity } = found;
  const { reader, tenants } = azure;
  if (!reader || tenants.length > 0 || identity.state === 'absent') return found;
  if (identity.value.kind !== 'enterprise-application') return found;
  const value = await withRegistration(identity.value, { ...azure, reader });
  return value.kind === 'application' ? { ...found, identity: { ...identity, value } } : found;
}

/** An application registration is two objects: only the service principal tells where it is registered, only the application itself takes credentials. */
async function withRegistration(found: FederatedIdentity, { reader, reading }: Readable): Promise<FederatedIdentity> {
  const { kind, clientId } = found;
  if (!isGuid(clientId) || (kind !== 'application' && kind !== 'enterprise-application')) return found;
  const [application, principal] = await Promise.all([
    reader.application('appId', clientId, reading),
    reader.servicePrincipal('appId', clientId, reading),
  ]);
  const registration = application.ok ? readApplication(application.value) : undefined;
  const ofPrincipal = principal.ok ? readIdentity(principal.value) : undefined;
  return registration
    ? { ...tenantOf(ofPrincipal), ...ids(ofPrincipal), ...registration }
    : { ...tenantOf(ofPrincipal), ...found };
}

/** The object id of the service principal, which is one of the ids an application goes by. */
const ids = (principal: FederatedIdentity | undefined) =>
  principal?.principalId === undefined ? {} : { principalId: principal.principalId };

function foundAs(
  named: Named,
  value: FederatedIdentity,
  identity: Gathered<FederatedIdentity>,
  where: string,
): IdentityEvidence {
  const lookup: Lookup = { by: named.by, named: named.value, where, ...compared(named, value) };
  return { identityLookup: { ...identity, state: 'present', value: lookup }, identity };
}
