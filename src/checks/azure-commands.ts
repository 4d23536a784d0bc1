import { type ArmId, CLUSTER_TYPE, IDENTITY_TYPE, parseArmId } from '../contract/arm-id.ts';
import type { Cluster, FederatedCredential, FederatedIdentity } from '../contract/federation.ts';

/** Text that a shell leaves alone between single quotes, that is no flag, and that a reader sees as it is. */
const PLAIN = /^[A-Za-z0-9/_][A-Za-z0-9 :/._@#+=~,*()-]{0,599}$/;

/** A value for a shell; what is not plain is a $VARIABLE for the reader to fill in, since people run what they are shown. */
export const word = (value: string | undefined, variable: string): string =>
  value !== undefined && PLAIN.test(value) ? `'${value}'` : `"$${variable}"`;

const scoped = (id: ArmId | undefined): string =>
  id ? `--subscription ${id.subscriptionId} -g ${word(id.resourceGroup, 'RESOURCE_GROUP')}` : '-g "$RESOURCE_GROUP"';

const ofCluster = ({ id = '', name }: Cluster): string => {
  const parsed = parseArmId(id, CLUSTER_TYPE);
  return `${scoped(parsed)} -n ${word(parsed?.name ?? name, 'CLUSTER')}`;
};

/** `az aks` for this cluster: `az aks update … --enable-oidc-issuer` (azure-aks-docs). */
export const aks = (command: string, cluster: Cluster, flags = ''): string =>
  ['az aks', command, ofCluster(cluster), flags].filter(Boolean).join(' ');

/** What a credential is to say. */
export interface Wanted {
  issuer: string | undefined;
  subject: string | undefined;
  audience: string | undefined;
}

/** The credential to change, or none: then one is created, under a name that is not taken. */
interface Place {
  existing?: FederatedCredential | undefined;
  taken: readonly FederatedCredential[];
}

/**
 * Creates the credential, or updates the one that is wrong; other commands for application registrations. None where a flexible one
 * would have to be rewritten, or where JSON would hold what is not plain.
 */
export function writeCredential(
  identity: FederatedIdentity | undefined,
  wanted: Wanted,
  { existing, taken }: Place,
): string[] | undefined {
  if (existing && existing.subject === undefined) return undefined;
  const name = existing ? word(existing.name, 'CREDENTIAL') : `'${freeName(taken)}'`;
  if (identity?.kind === 'application') return ofApplication(identity, wanted, existing, name);
  const parsed = parseArmId(identity?.resourceId ?? '', IDENTITY_TYPE);
  const of = `${scoped(parsed)} --identity-name ${word(parsed?.name ?? identity?.name, 'IDENTITY')}`;
  const values = `--issuer ${word(wanted.issuer, 'ISSUER')} --subject ${word(wanted.subject, 'SUBJECT')} --audiences ${word(wanted.audience, 'AUDIENCE')}`;
  return [`az identity federated-credential ${existing ? 'update' : 'create'} ${of} --name ${name} ${values}`];
}

/** Creating under a name that is taken would overwrite that credential. */
function freeName(taken: readonly FederatedCredential[]): string {
  const names = new Set(taken.map(({ name }) => name?.toLowerCase()));
  let name = 'workload-identity';
  for (let count = 2; names.has(name); count += 1) name = `workload-identity-${count}`;
  return name;
}

function ofApplication(
  { clientId }: FederatedIdentity,
  { issuer, subject, audience }: Wanted,
  existing: FederatedCredential | undefined,
  name: string,
): string[] | undefined {
  if (![issuer, subject, audience].every((value) => value !== undefined && PLAIN.test(value))) return undefined;
  const members = { ...(existing ? {} : { name: name.slice(1, -1) }), issuer, subject, audiences: [audience] };
  const id = word(clientId, 'APP_ID');
  const parameters = `--parameters '${JSON.stringify(members)}'`;
  return existing
    ? [`az ad app federated-credential update --id ${id} --federated-credential-id ${name} ${parameters}`]
    : [`az ad app federated-credential create --id ${id} ${parameters}`];
}

/** Deletes a credential that serves nobody. */
export function deleteCredential(identity: FederatedIdentity | undefined, { name }: FederatedCredential): string {
  if (identity?.kind === 'application')
    return `az ad app federated-credential delete --id ${word(identity.clientId, 'APP_ID')} --federated-credential-id ${word(name, 'CREDENTIAL')}`;
  const parsed = parseArmId(identity?.resourceId ?? '', IDENTITY_TYPE);
  return `az identity federated-credential delete ${scoped(parsed)} --identity-name ${word(parsed?.name ?? identity?.name, 'IDENTITY')} --name ${word(name, 'CREDENTIAL')}`;
}
