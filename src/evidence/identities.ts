import type { AzureReader } from '../azure/azure-reader.ts';
import { IDENTITY_TYPE, parseArmId } from '../contract/arm-id.ts';
import { isGuid } from '../contract/claims.ts';
import type { Gathered } from '../contract/evidence.ts';
import type { FederatedIdentity, Lookup } from '../contract/federation.ts';
import type { JsonObject } from '../contract/json.ts';
import type { VerifyFederationRequest } from '../contract/verify-federation.ts';
import { type Azure, gathered, OTHER_CLOUD, searchedIn, searchSubscriptions, unread } from './azure.ts';
import { itemsOf, readApplication, readIdentity } from './azure-documents.ts';

export interface IdentityEvidence {
  identityLookup: Gathered<Lookup>;
  identity: Gathered<FederatedIdentity>;
}

type IdentityName = NonNullable<VerifyFederationRequest['identity']>;
type HandedIn = NonNullable<VerifyFederationRequest['evidence']>;
type Readable = Azure & { reader: AzureReader };

/** The identity that was handed in, else the one that is named, else the one that handed in credentials belong to. */
export async function gatherIdentity(
  name: IdentityName | undefined,
  evidence: HandedIn,
  azure: Azure,
): Promise<IdentityEvidence> {
  const { witness, reader, tenants } = azure;
  const handedIn = ofDocuments(name, evidence, azure);
  if (handedIn) return handedIn;
  const named = nameOf(name);
  if (!named) return ofCredentials(evidence.federatedCredentials, azure);
  if (!reader) return both(witness.absent('request', 'not-provided', OTHER_CLOUD));
  if (name?.tenantId !== undefined && !isAllowed(name.tenantId, tenants)) return both(withheld(azure));
  const found = await find(named, { ...azure, reader });
  const tenant = found.identity.state === 'present' ? found.identity.value.tenantId : undefined;
  return tenant !== undefined && !isAllowed(tenant, tenants) ? both(withheld(azure)) : found;
}

const both = (absent: Gathered<never>): IdentityEvidence => ({ identityLookup: absent, identity: absent });

const isAllowed = (tenant: string, tenants: readonly string[]): boolean =>
  tenants.length === 0 || tenants.some((own) => own.toLowerCase() === tenant.toLowerCase());

const withheld = ({ witness }: Azure) =>
  witness.absent(
    'arm',
    'forbidden',
    'Token Doctor may not be asked about this tenant: the setting TOKEN_DOCTOR_TENANTS names others.',
  );

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
  const registration = readApplication(application);
  // Only the service principal tells where its application is registered.
  const value = registration ? { ...tenantOf(principal), ...ids(principal), ...registration } : principal;
  if (!value)
    return both(
      witness.absent(
        'request',
        'malformed',
        'What was handed in says of no identity: send what `az identity show` or `az ad app show` prints.',
      ),
    );
  const named = nameOf(name);
  const lookup: Lookup = {
    by: 'evidence',
    named: named?.value ?? value.clientId ?? value.resourceId ?? 'the one handed in',
    where: 'the request',
    settled: true,
    ...compared(named, value),
  };
  return { identityLookup: witness.present('request', lookup), identity: witness.present('request', value) };
}

const tenantOf = (principal: FederatedIdentity | undefined) =>
  principal?.tenantId === undefined ? {} : { tenantId: principal.tenantId };

/** Whether an identity is the one that is named, and by which of its ids. */
function compared(named: Named | undefined, identity: FederatedIdentity): Pick<Lookup, 'found' | 'mistaken'> {
  if (!named) return { found: true };
  const value = named.value.trim().toLowerCase();
  const { clientId, principalId, applicationObjectId, resourceId } = identity;
  const is = (id: string | undefined) => id?.toLowerCase() === value;
  const byClient = named.by === 'clientId' || named.by === 'appId';
  if (is(clientId)) return named.by === 'principalId' ? { found: true, mistaken: 'client-id' } : { found: true };
  if (is(principalId)) return byClient ? { found: true, mistaken: 'principal-id' } : { found: true };
  if (is(applicationObjectId)) return { found: true, mistaken: 'application-object-id' };
  if (is(resourceId)) return byClient ? { found: true, mistaken: 'resource-id' } : { found: true };
  // A part of the document may lack the id it is named by.
  const lacking = byClient ? clientId : named.by === 'principalId' ? principalId : resourceId;
  return { found: lacking === undefined };
}

/** ARM’s credentials say whose they are. */
function ofCredentials(list: unknown, { witness }: Azure): IdentityEvidence {
  const ids = itemsOf(list).items.map((item) => {
    const id = Reflect.get(Object(item), 'id');
    return typeof id === 'string' ? id.replace(/\/federatedIdentityCredentials\/[^/]+$/i, '') : '';
  });
  const [id = ''] = ids;
  const parsed = ids.every((other) => other === id) ? parseArmId(id, IDENTITY_TYPE) : undefined;
  if (!parsed) return both(witness.absent('request', 'not-provided', 'No identity was named.'));
  const identity: FederatedIdentity = { kind: 'user-assigned', resourceId: id, name: parsed.name };
  const lookup: Lookup = { by: 'evidence', named: id, found: true, where: 'the request', settled: true };
  return { identityLookup: witness.present('request', lookup), identity: witness.present('request', identity) };
}

async function find({ by, value }: Named, azure: Readable): Promise<IdentityEvidence> {
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
  return await byGuid({ by, value: text.toLowerCase() }, azure);
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
async function byGuid(named: Named, azure: Readable): Promise<IdentityEvidence> {
  const { reader, reading, witness } = azure;
  const fits = (document: JsonObject) => {
    const { clientId, principalId } = readIdentity({ ...document, type: IDENTITY_TYPE }) ?? {};
    return [clientId, principalId].some((id) => id?.toLowerCase() === named.value);
  };
  const [search, ...ofGraph] = await Promise.all([
    searchSubscriptions(azure, 'identities', fits),
    reader.application('appId', named.value, reading),
    reader.servicePrincipal('appId', named.value, reading),
    reader.application('id', named.value, reading),
    reader.servicePrincipal('id', named.value, reading),
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
  const lookup: Lookup = { by: named.by, named: named.value, found: false, where, settled: unasked === undefined };
  if (!lookup.settled && !search.ok) return both(unread(search, 'arm'));
  return {
    identityLookup: witness.present(unasked ? 'arm' : 'graph', lookup),
    identity: witness.absent('arm', 'not-found', `No identity has the id ${named.value} in ${where}.`),
  };
}

/** An application registration is two objects: only the service principal tells where it is registered, only the application itself takes credentials. */
async function withRegistration(found: FederatedIdentity, { reader, reading }: Readable): Promise<FederatedIdentity> {
  const { kind, clientId } = found;
  if (clientId === undefined || (kind !== 'application' && kind !== 'enterprise-application')) return found;
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
  const lookup: Lookup = { by: named.by, named: named.value, where, settled: true, ...compared(named, value) };
  return { identityLookup: { ...identity, state: 'present', value: lookup }, identity };
}
