import type {
  Assertion,
  Cluster,
  FederatedCredential,
  FederatedCredentials,
  FederatedIdentity,
  Lookup,
} from '../../src/contract/federation.ts';
import { TOKEN_EXCHANGE_AUDIENCE } from '../../src/contract/resources.ts';
import { CLIENT, TENANT } from './builders.ts';

export const CLUSTER_GUID = CLIENT;
export const OTHER_GUID = '0a1b2c3d-7777-4222-8333-444455556666';
export const clusterIssuer = (guid = CLUSTER_GUID, tenant = TENANT, region = 'westeurope') =>
  `https://${region}.oic.prod-aks.azure.com/${tenant}/${guid}/`;
export const ISSUER = clusterIssuer();
export const BINDING_ISSUER = `https://ib.oic.prod-aks.azure.com/${TENANT}/${CLIENT}`;
export const SUBJECT = 'system:serviceaccount:shop:orders';
export const AUDIENCE = TOKEN_EXCHANGE_AUDIENCE;
export const GITHUB = 'https://token.actions.githubusercontent.com';
export const SUBSCRIPTION = '0a1b2c3d-8888-4222-8333-444455556666';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop-rg/providers`;
export const CLUSTER_ID = `${GROUP}/Microsoft.ContainerService/managedClusters/shop-aks`;
export const IDENTITY_ID = `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/shop-id`;
/** How commands name the two. */
export const OF_CLUSTER = `--subscription ${SUBSCRIPTION} -g 'shop-rg' -n 'shop-aks'`;
export const OF_IDENTITY = `--subscription ${SUBSCRIPTION} -g 'shop-rg' --identity-name 'shop-id'`;

type Told<T> = { [K in keyof T]?: T[K] | undefined };
/** Members that are told to be undefined are left out. */
const made = <T extends object>(usual: T, more: Told<T>): T =>
  Object.fromEntries(Object.entries({ ...usual, ...more }).filter(([, value]) => value !== undefined)) as T;

export const clusterOf = (more: Told<Cluster> = {}): Cluster =>
  made<Cluster>(
    {
      id: CLUSTER_ID,
      name: 'shop-aks',
      oidcIssuerEnabled: true,
      oidcIssuer: ISSUER,
      workloadIdentityEnabled: true,
      powerState: 'Running',
      provisioningState: 'Succeeded',
    },
    more,
  );

export const identityOf = (more: Told<FederatedIdentity> = {}): FederatedIdentity =>
  made<FederatedIdentity>(
    { kind: 'user-assigned', clientId: CLIENT, tenantId: TENANT, resourceId: IDENTITY_ID, name: 'shop-id' },
    more,
  );

export const applicationOf = (more: Told<FederatedIdentity> = {}): FederatedIdentity =>
  made<FederatedIdentity>(
    { kind: 'application', clientId: CLIENT, tenantId: TENANT, signInAudience: 'AzureADMyOrg' },
    more,
  );

export const lookupOf = (more: Told<Lookup> = {}): Lookup =>
  made<Lookup>({ by: 'name', named: 'shop', found: true, where: 'the subscriptions', settled: true }, more);

export const credentialOf = (more: Told<FederatedCredential> = {}): FederatedCredential =>
  made<FederatedCredential>({ name: 'orders', issuer: ISSUER, subject: SUBJECT, audiences: [AUDIENCE] }, more);

/** One with an expression in place of a subject, of GitHub. */
export const flexibleOf = (value: string | undefined, more: Told<FederatedCredential> = {}): FederatedCredential =>
  credentialOf({
    issuer: GITHUB,
    subject: undefined,
    expression: value === undefined ? undefined : { value },
    ...more,
  });

export const credentialsOf = (
  credentials: readonly FederatedCredential[] = [credentialOf()],
  more: Told<FederatedCredentials> = {},
): FederatedCredentials => made<FederatedCredentials>({ credentials, complete: true, of: identityOf() }, more);

export const assertionOf = (more: Told<Assertion> = {}): Assertion =>
  made<Assertion>({ from: 'token', issuer: ISSUER, subject: SUBJECT, audiences: [AUDIENCE], claims: {} }, more);

/** A token of GitHub with that subject. */
export const pipelineOf = (subject: string, more: Told<Assertion> = {}): Assertion =>
  assertionOf({ issuer: GITHUB, subject, claims: { sub: subject }, ...more });
