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

const NEW_NAME = 'workload-identity';

/** Creates the credential, or updates the one that is wrong; other commands for application registrations. */
export function writeCredential(
  identity: FederatedIdentity | undefined,
  wanted: Wanted,
  existing?: FederatedCredential,
): string[] {
  const issuer = word(wanted.issuer, 'ISSUER');
  const subject = word(wanted.subject, 'SUBJECT');
  const audience = word(wanted.audience, 'AUDIENCE');
  const name = existing ? word(existing.name, 'CREDENTIAL') : `'${NEW_NAME}'`;
  if (identity?.kind === 'application') {
    const id = word(identity.clientId, 'APP_ID');
    const members = { ...(existing ? {} : { name: NEW_NAME }), ...jsonOf(wanted) };
    const parameters = `--parameters '${JSON.stringify(members)}'`;
    return existing
      ? [`az ad app federated-credential update --id ${id} --federated-credential-id ${name} ${parameters}`]
      : [`az ad app federated-credential create --id ${id} ${parameters}`];
  }
  const parsed = parseArmId(identity?.resourceId ?? '', IDENTITY_TYPE);
  const of = `${scoped(parsed)} --identity-name ${word(parsed?.name ?? identity?.name, 'IDENTITY')}`;
  const values = `--issuer ${issuer} --subject ${subject} --audiences ${audience}`;
  return [`az identity federated-credential ${existing ? 'update' : 'create'} ${of} --name ${name} ${values}`];
}

/** Members for `--parameters`; what is not plain is named for the reader. */
function jsonOf({ issuer, subject, audience }: Wanted) {
  const plain = (value: string | undefined, name: string) => (value !== undefined && PLAIN.test(value) ? value : name);
  return {
    issuer: plain(issuer, 'ISSUER'),
    subject: plain(subject, 'SUBJECT'),
    audiences: [plain(audience, 'AUDIENCE')],
  };
}

/** Deletes a credential that serves nobody. */
export function deleteCredential(identity: FederatedIdentity | undefined, { name }: FederatedCredential): string {
  if (identity?.kind === 'application')
    return `az ad app federated-credential delete --id ${word(identity.clientId, 'APP_ID')} --federated-credential-id ${word(name, 'CREDENTIAL')}`;
  const parsed = parseArmId(identity?.resourceId ?? '', IDENTITY_TYPE);
  return `az identity federated-credential delete ${scoped(parsed)} --identity-name ${word(parsed?.name ?? identity?.name, 'IDENTITY')} --name ${word(name, 'CREDENTIAL')}`;
}
