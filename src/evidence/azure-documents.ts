import { CLUSTER_TYPE, IDENTITY_TYPE, parseArmId, type ResourceType } from '../contract/arm-id.ts';
import { isGuid } from '../contract/claims.ts';
import type {
  Cluster,
  FederatedCredential,
  FederatedCredentials,
  FederatedIdentity,
  IdentityBinding,
  IdentityKind,
  MatchingExpression,
} from '../contract/federation.ts';
import { isJsonObject, type JsonObject } from '../contract/json.ts';

/**
 * Documents of Azure as they come: ARM’s own form, where most stands under `properties`; what its libraries and the CLI make of it,
 * without that level; parts of either (`--query`). Names are read without regard to letter case, since the CLI writes `issuerUrl`
 * where ARM has `issuerURL`. A document that says a thing twice and differently says nothing.
 */
class Contradiction extends Error {}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The one value under any of the names. */
function member(document: unknown, ...names: readonly string[]): unknown {
  if (!isJsonObject(document)) return undefined;
  const wanted = names.map((name) => name.toLowerCase());
  const [first, ...others] = Object.entries(document).filter(([key]) => wanted.includes(key.toLowerCase()));
  if (others.some(([, value]) => !same(value, first?.[1]))) throw new Contradiction();
  return first?.[1];
}

/** A member beside or under `properties`. */
function property(document: unknown, ...names: readonly string[]): unknown {
  const [above, below] = [member(document, ...names), member(member(document, 'properties'), ...names)];
  if (above !== undefined && below !== undefined && !same(above, below)) throw new Contradiction();
  return below ?? above;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const time = (value: unknown): Date | undefined => {
  const date = value instanceof Date ? value : new Date(text(value) ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
};

/** The ARM id, of which the name is the last part. */
function namedAs(document: JsonObject, type: ResourceType): string | undefined {
  const [id, name] = [text(member(document, 'id')), text(member(document, 'name'))];
  const parsed = parseArmId(id ?? '', type);
  if (parsed && name !== undefined && parsed.name.toLowerCase() !== name.toLowerCase()) throw new Contradiction();
  return id;
}

/** Leaves out what is not known. */
const known = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

/** Undefined in place of a contradiction. */
function consistent<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Contradiction) return undefined;
    throw error;
  }
}

/** A list as an array or as `{ "value": […] }`; not complete where it goes on. */
export function itemsOf(list: unknown): { items: readonly unknown[]; complete: boolean } {
  if (Array.isArray(list)) return { items: list, complete: true };
  const items = consistent(() => member(list, 'value'));
  // One by itself: there may be others.
  if (isJsonObject(list) && items === undefined && consistent(() => property(list, 'issuer')) !== undefined)
    return { items: [list], complete: false };
  const more = isJsonObject(list)
    ? Object.entries(list).some(([name, value]) => /^(?:@odata\.)?nextLink$/i.test(name) && text(value) !== undefined)
    : false;
  return Array.isArray(items) ? { items, complete: !more } : { items: [], complete: false };
}

/** A single document where a list of one was printed. */
function single(document: unknown): unknown {
  const items = isJsonObject(document) && Array.isArray(document.value) ? document.value : document;
  return Array.isArray(items) && items.length === 1 ? items[0] : document;
}

/** Undefined where it says nothing of a cluster, or contradicts itself. */
export const readCluster = (document: unknown): Cluster | undefined => consistent(() => clusterIn(single(document)));

function clusterIn(document: unknown): Cluster | undefined {
  // `--query oidcIssuerProfile.issuerUrl`: with the quotes and the line end that it is printed with.
  if (typeof document === 'string' && document !== '')
    return { oidcIssuerEnabled: true, oidcIssuer: document.replace(/\r?\n$/, '').replace(/^"(.*)"$/, '$1') };
  if (!isJsonObject(document)) return undefined;
  const id = namedAs(document, CLUSTER_TYPE);
  // A whole document that has no profile says that there is none.
  const whole =
    parseArmId(id ?? '', CLUSTER_TYPE) !== undefined && property(document, 'provisioningState') !== undefined;
  const profile = property(document, 'oidcIssuerProfile');
  const bare = text(member(document, 'issuerURL')) !== undefined && profile === undefined;
  const oidc = bare ? document : profile;
  const oidcIssuer = text(member(oidc, 'issuerURL'));
  const workloadIdentity = member(property(document, 'securityProfile') ?? document, 'workloadIdentity');
  const cluster = known<Cluster>({
    id,
    name: text(member(document, 'name')),
    oidcIssuerEnabled: switched(oidc, whole) ?? (oidcIssuer === undefined ? undefined : true),
    oidcIssuer,
    workloadIdentityEnabled: switched(workloadIdentity, whole),
    powerState: text(member(property(document, 'powerState'), 'code')),
    provisioningState: text(property(document, 'provisioningState')),
    kubernetesVersion: text(property(document, 'currentKubernetesVersion')),
    tenantId:
      ISSUER_TENANT.exec(oidcIssuer ?? '')?.[1] ??
      text(member(member(document, 'identity'), 'tenantId')) ??
      text(member(property(document, 'aadProfile'), 'tenantID')),
  });
  return Object.keys(cluster).length > 0 ? cluster : undefined;
}

/** The tenant in the issuer of a cluster (azure-aks-docs, use-oidc-issuer). */
const ISSUER_TENANT = /^https:\/\/[a-z0-9]+\.oic\.prod-aks\.azure\.com\/([0-9a-f-]{36})\//;

/** `enabled` of a profile. `"Enabled"` and other words in place of it, as some pages print them, are not read as either. */
function switched(profile: unknown, whole: boolean): boolean | undefined {
  const enabled = member(profile, 'enabled');
  if (typeof enabled === 'boolean') return enabled;
  const missing = profile === undefined || profile === null || (isJsonObject(profile) && enabled === undefined);
  return whole && missing ? false : undefined;
}

/** Of ARM, the CLI or Microsoft Graph; undefined where it says of no identity, or contradicts itself. */
export const readIdentity = (document: unknown): FederatedIdentity | undefined =>
  consistent(() => identityIn(single(document)));

function identityIn(document: unknown): FederatedIdentity | undefined {
  if (!isJsonObject(document)) return undefined;
  const servicePrincipal = text(member(document, 'servicePrincipalType'));
  if (servicePrincipal !== undefined) return ofServicePrincipal(document, servicePrincipal);
  const id = namedAs(document, IDENTITY_TYPE);
  const clientId = text(property(document, 'clientId'));
  const principalId = text(property(document, 'principalId'));
  const kind = kindOf(text(member(document, 'type')), id);
  if (!kind || (clientId === undefined && principalId === undefined && id === undefined)) return undefined;
  return known<FederatedIdentity>({
    kind,
    clientId,
    principalId,
    tenantId: text(property(document, 'tenantId')),
    resourceId: kind === 'user-assigned' ? id : undefined,
    name: text(member(document, 'name')),
  });
}

/** By type and id; of a part of a document without either it is not known. */
function kindOf(type: string | undefined, id: string | undefined): IdentityKind | undefined {
  const ofUser = /\/userAssignedIdentities\/[^/]+$/i.test(id ?? '');
  // `az webapp identity show` and the like; the identity of a resource in ARM’s own form.
  const ofSystem =
    /^SystemAssigned/i.test(type ?? '') ||
    /^Microsoft\.ManagedIdentity\/identities$/i.test(type ?? '') ||
    /\/Microsoft\.ManagedIdentity\/identities\/[^/]+$/i.test(id ?? '');
  if (ofSystem) return ofUser ? undefined : 'system-assigned';
  if (id !== undefined && !ofUser) return undefined;
  if (id === undefined && type === undefined) return 'managed-identity';
  return type === undefined || /^Microsoft\.ManagedIdentity\/userAssignedIdentities$/i.test(type)
    ? 'user-assigned'
    : undefined;
}

/** `alternativeNames` tell a managed identity’s sort (azure-docs, finding managed identities). */
function ofServicePrincipal(document: JsonObject, type: string): FederatedIdentity {
  const names = member(document, 'alternativeNames');
  const alternative = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : undefined;
  const explicit = alternative?.some((name) => /^isExplicit=True$/i.test(name));
  const managed = /^ManagedIdentity$/i.test(type);
  const ofManaged = explicit === undefined ? 'managed-identity' : explicit ? 'user-assigned' : 'system-assigned';
  return known<FederatedIdentity>({
    kind: managed ? ofManaged : 'enterprise-application',
    clientId: text(member(document, 'appId')),
    principalId: text(member(document, 'id', 'objectId')),
    // Of an application: where it is registered (Microsoft Graph, servicePrincipal).
    tenantId: managed ? undefined : text(member(document, 'appOwnerOrganizationId')),
    resourceId: alternative?.find((name) => name.startsWith('/subscriptions/')),
    name: text(member(document, 'displayName')),
  });
}

/** An application registration: `az ad app show`, or Microsoft Graph. */
export const readApplication = (document: unknown): FederatedIdentity | undefined =>
  consistent(() => {
    const found = single(document);
    const clientId = text(member(found, 'appId'));
    if (!isGuid(clientId) || member(found, 'servicePrincipalType') !== undefined) return undefined;
    return known<FederatedIdentity>({
      kind: 'application',
      clientId,
      applicationObjectId: text(member(found, 'id', 'objectId')),
      name: text(member(found, 'displayName')),
      signInAudience: text(member(found, 'signInAudience')),
    });
  });

/** Credentials of one list that are read: ten times what an identity may have. */
const MOST_READ = 200;

/** Those that can be read; a list of which some cannot is not complete. */
export function readCredentials(list: unknown): FederatedCredentials {
  const { items, complete } = itemsOf(list);
  const credentials = items.slice(0, MOST_READ).flatMap((item) => consistent(() => credentialIn(item)) ?? []);
  return { credentials, complete: complete && credentials.length === items.length };
}

function credentialIn(document: unknown): FederatedCredential | undefined {
  const issuer = text(property(document, 'issuer'));
  // PowerShell calls them `Audience`.
  const audiences = property(document, 'audiences', 'audience');
  const untold = audiences === undefined || audiences === null;
  if (issuer === undefined) return undefined;
  if (!untold && !(Array.isArray(audiences) && audiences.every((audience) => typeof audience === 'string')))
    return undefined;
  const system = property(document, 'systemData');
  return known<FederatedCredential>({
    name: text(member(document, 'name')),
    issuer,
    subject: text(property(document, 'subject')),
    audiences: untold ? undefined : audiences,
    expression: readExpression(property(document, 'claimsMatchingExpression')),
    createdAt: time(member(system, 'createdAt')),
    modifiedAt: time(member(system, 'lastModifiedAt')),
  });
}

function readExpression(document: unknown): MatchingExpression | undefined {
  const value = text(member(document, 'value'));
  const languageVersion = member(document, 'languageVersion');
  return value === undefined ? undefined : { value, ...(languageVersion !== undefined && { languageVersion }) };
}

export const readBindings = (list: unknown): IdentityBinding[] =>
  itemsOf(list).items.flatMap((document) => consistent(() => bindingIn(document)) ?? []);

function bindingIn(document: unknown): IdentityBinding | undefined {
  const identity = property(document, 'managedIdentity');
  if (!isJsonObject(identity)) return undefined;
  return known<IdentityBinding>({
    name: text(member(document, 'name')),
    clientId: text(member(identity, 'clientId')),
    resourceId: text(member(identity, 'resourceId')),
    issuer: text(member(property(document, 'oidcIssuer'), 'oidcIssuerUrl')),
  });
}
