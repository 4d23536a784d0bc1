import type {
  Cluster,
  FederatedCredential,
  FederatedCredentials,
  FederatedIdentity,
  IdentityBinding,
  MatchingExpression,
} from '../contract/federation.ts';
import { isJsonObject, type JsonObject } from '../contract/json.ts';

/**
 * Documents of Azure as they come: ARM’s own form, where most stands under `properties`; what its libraries and the CLI make of it,
 * without that level; parts of either (`--query`). Names are read without regard to letter case, since the CLI writes `issuerUrl`
 * where ARM has `issuerURL`.
 */
const member = (document: unknown, ...names: readonly string[]): unknown => {
  if (!isJsonObject(document)) return undefined;
  const entries = Object.entries(document);
  for (const name of names) {
    const found = entries.find(([key]) => key.toLowerCase() === name.toLowerCase());
    if (found) return found[1];
  }
  return undefined;
};

/** A member beside or under `properties`. */
const property = (document: unknown, ...names: readonly string[]): unknown =>
  member(member(document, 'properties'), ...names) ?? member(document, ...names);

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
const time = (value: unknown): Date | undefined => {
  const date = value instanceof Date ? value : new Date(text(value) ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
};

/** Leaves out what is not known. */
const known = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

/** A list as an array, as `{ "value": […] }`, or as one item by itself. */
export function itemsOf(list: unknown): { items: readonly unknown[]; complete: boolean } {
  if (Array.isArray(list)) return { items: list, complete: true };
  const items = member(list, 'value');
  const more = text(member(list, 'nextLink', '@odata.nextLink'));
  return { items: Array.isArray(items) ? items : [], complete: more === undefined };
}

/** A single document where a list of one was printed. */
const single = (document: unknown): unknown =>
  Array.isArray(document) && document.length === 1 ? document[0] : document;

/** Undefined where it says nothing of a cluster. A whole document that has no profile says that there is none. */
export function readCluster(given: unknown): Cluster | undefined {
  const document = single(given);
  // `--query oidcIssuerProfile.issuerUrl -o json`
  if (typeof document === 'string' && document !== '') return { oidcIssuerEnabled: true, oidcIssuer: document };
  if (!isJsonObject(document)) return undefined;
  const whole = text(member(document, 'id')) !== undefined && property(document, 'provisioningState') !== undefined;
  const profile = property(document, 'oidcIssuerProfile');
  const bare = text(member(document, 'issuerURL')) !== undefined && member(document, 'oidcIssuerProfile') === undefined;
  const oidc = bare ? document : profile;
  const security = property(document, 'securityProfile');
  const workloadIdentity = member(security ?? document, 'workloadIdentity');
  const cluster = known<Cluster>({
    id: text(member(document, 'id')),
    name: text(member(document, 'name')),
    oidcIssuerEnabled: flag(member(oidc, 'enabled')) ?? (whole ? false : undefined),
    oidcIssuer: text(member(oidc, 'issuerURL')),
    // Some print "Enabled" where there is an object.
    workloadIdentityEnabled: flag(member(workloadIdentity, 'enabled')) ?? (whole ? false : undefined),
    powerState: text(member(property(document, 'powerState'), 'code')),
    provisioningState: text(property(document, 'provisioningState')),
    kubernetesVersion: text(property(document, 'currentKubernetesVersion')),
    tenantId: text(member(property(document, 'aadProfile'), 'tenantID')),
  });
  return Object.keys(cluster).length > 0 ? cluster : undefined;
}

/** Of ARM, the CLI or Microsoft Graph; undefined where it says of no identity. */
export function readIdentity(given: unknown): FederatedIdentity | undefined {
  const document = single(given);
  if (!isJsonObject(document)) return undefined;
  const id = text(member(document, 'id'));
  const type = text(member(document, 'type')) ?? '';
  const ofUser = /userAssignedIdentities$/i.test(type) || /\/userAssignedIdentities\/[^/]+$/i.test(id ?? '');
  const servicePrincipal = text(member(document, 'servicePrincipalType'));
  if (servicePrincipal !== undefined) return ofServicePrincipal(document, servicePrincipal);
  const clientId = text(property(document, 'clientId'));
  const principalId = text(property(document, 'principalId'));
  // `az webapp identity show` and the like: the identity of a resource has no client id of its own there.
  const systemAssigned = !ofUser && /^SystemAssigned/i.test(type) && principalId !== undefined;
  if (!ofUser && !systemAssigned && clientId === undefined && principalId === undefined) return undefined;
  return known<FederatedIdentity>({
    kind: systemAssigned ? 'system-assigned' : 'user-assigned',
    clientId,
    principalId,
    tenantId: text(property(document, 'tenantId')),
    resourceId: id,
    name: text(member(document, 'name')),
  });
}

/** `alternativeNames` tell a managed identity’s sort (azure-docs, finding managed identities). */
function ofServicePrincipal(document: JsonObject, type: string): FederatedIdentity {
  const names = member(document, 'alternativeNames');
  const alternative = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  const explicit = alternative.some((name) => /^isExplicit=True$/i.test(name));
  const managed = /^ManagedIdentity$/i.test(type);
  return known<FederatedIdentity>({
    kind: managed ? (explicit ? 'user-assigned' : 'system-assigned') : 'enterprise-application',
    clientId: text(member(document, 'appId')),
    principalId: text(member(document, 'id', 'objectId')),
    // Of an application: where it is registered (Microsoft Graph, servicePrincipal).
    tenantId: managed ? undefined : text(member(document, 'appOwnerOrganizationId')),
    resourceId: alternative.find((name) => name.startsWith('/subscriptions/')),
    name: text(member(document, 'displayName')),
  });
}

/** An application registration: `az ad app show`, or Microsoft Graph. */
export function readApplication(given: unknown): FederatedIdentity | undefined {
  const document = single(given);
  const clientId = text(member(document, 'appId'));
  if (clientId === undefined) return undefined;
  return known<FederatedIdentity>({
    kind: 'application',
    clientId,
    applicationObjectId: text(member(document, 'id', 'objectId')),
    name: text(member(document, 'displayName')),
    signInAudience: text(member(document, 'signInAudience')),
  });
}

/** Those that can be read; a list of which some cannot is not complete. */
export function readCredentials(list: unknown): FederatedCredentials {
  const { items, complete } = itemsOf(list);
  const credentials = items.flatMap((item) => readCredential(item) ?? []);
  return { credentials, complete: complete && credentials.length === items.length };
}

function readCredential(document: unknown): FederatedCredential | undefined {
  const issuer = property(document, 'issuer');
  const subject = property(document, 'subject');
  const audiences = property(document, 'audiences');
  if (typeof issuer !== 'string') return undefined;
  const system = property(document, 'systemData');
  return known<FederatedCredential>({
    name: text(member(document, 'name')),
    issuer,
    subject: typeof subject === 'string' ? subject : undefined,
    audiences: Array.isArray(audiences) ? audiences.filter((audience) => typeof audience === 'string') : [],
    expression: readExpression(property(document, 'claimsMatchingExpression')),
    createdAt: time(member(system, 'createdAt')),
    modifiedAt: time(member(system, 'lastModifiedAt')),
  });
}

function readExpression(document: unknown): MatchingExpression | undefined {
  const value = text(member(document, 'value'));
  const languageVersion = member(document, 'languageVersion');
  if (value === undefined) return undefined;
  return { value, ...(typeof languageVersion === 'number' && { languageVersion }) };
}

export const readBindings = (list: unknown): IdentityBinding[] =>
  itemsOf(list).items.flatMap((document) => {
    const identity = property(document, 'managedIdentity');
    if (!isJsonObject(identity)) return [];
    return known<IdentityBinding>({
      name: text(member(document, 'name')),
      clientId: text(member(identity, 'clientId')),
      resourceId: text(member(identity, 'resourceId')),
      issuer: text(member(property(document, 'oidcIssuer'), 'oidcIssuerUrl')),
    });
  });
