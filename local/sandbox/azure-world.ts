import { createHash } from 'node:crypto';
import { AUDIENCES, CLUSTER_HOST, CLUSTER_ISSUER, PIPELINE_HOSTS, TENANT } from './world.ts';

/** The invented company in Azure: subscriptions, clusters, identities and applications, in the shapes of ARM and Microsoft Graph. */
export const SUBSCRIPTION = '0a1b2c3d-aaaa-4222-8333-444455556666';
export const FURTHER_SUBSCRIPTION = '0a1b2c3d-bbbb-4222-8333-444455556666';
const OTHER_TENANT = '0a1b2c3d-2222-4222-8333-444455556666';

type Json = Record<string, unknown>;

/** An id of its own for each name, always the same. */
export function guidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const group = (subscription: string, name = 'rg-shop') => `/subscriptions/${subscription}/resourceGroups/${name}`;
export const clusterId = (name: string, resourceGroup = 'rg-shop') =>
  `${group(SUBSCRIPTION, resourceGroup)}/providers/Microsoft.ContainerService/managedClusters/${name}`;
export const identityId = (name: string, resourceGroup = 'rg-shop') =>
  `${group(SUBSCRIPTION, resourceGroup)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

/** Issuers of clusters beside the healthy one, each with one fault. */
export const issuerOf = (name: string) => `https://${CLUSTER_HOST}/${TENANT}/${guidOf(`issuer ${name}`)}/`;

const cluster = (name: string, properties: Json = {}) => ({
  id: clusterId(name),
  name,
  type: 'Microsoft.ContainerService/ManagedClusters',
  location: 'westeurope',
  properties: {
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    kubernetesVersion: '1.34',
    currentKubernetesVersion: '1.34.1',
    fqdn: `${name}-abcd1234.hcp.westeurope.azmk8s.io`,
    disableLocalAccounts: true,
    aadProfile: { managed: true, enableAzureRBAC: true, adminGroupObjectIDs: [guidOf('admins')], tenantID: TENANT },
    oidcIssuerProfile: { enabled: true, issuerURL: issuerOf(name) },
    securityProfile: { workloadIdentity: { enabled: true } },
    ...properties,
  },
});

/** ARM documents by name. */
export const CLUSTERS: Readonly<Record<string, ReturnType<typeof cluster>>> = Object.fromEntries(
  [
    cluster('aks-shop', { oidcIssuerProfile: { enabled: true, issuerURL: CLUSTER_ISSUER } }),
    cluster('aks-stopped', { powerState: { code: 'Stopped' } }),
    cluster('aks-failed', {
      provisioningState: 'Failed',
      oidcIssuerProfile: { enabled: true, issuerURL: CLUSTER_ISSUER },
    }),
    cluster('aks-no-oidc', { oidcIssuerProfile: { enabled: false }, securityProfile: {} }),
    cluster('aks-no-workload-identity', {
      oidcIssuerProfile: { enabled: true, issuerURL: CLUSTER_ISSUER },
      securityProfile: { workloadIdentity: { enabled: false } },
    }),
    cluster('aks-other'),
    cluster('aks-unpublished'),
    cluster('aks-silent'),
    cluster('aks-misnamed'),
  ].map((document) => [document.name, document]),
);

export interface Credential {
  name: string;
  issuer: string;
  subject: string | null;
  audiences: string[];
  claimsMatchingExpression?: { value: string; languageVersion: number };
  /** Seconds before now. */
  age?: number;
}

const SUBJECT = 'system:serviceaccount:shop:checkout';
const credential = (more: Partial<Credential> = {}): Credential => ({
  name: 'checkout',
  issuer: CLUSTER_ISSUER,
  subject: SUBJECT,
  audiences: [AUDIENCES.exchange ?? ''],
  ...more,
});
const GITHUB = PIPELINE_HOSTS['token.actions.githubusercontent.com'].issuer;
const [ISSUER_GUID = ''] = CLUSTER_ISSUER.match(/[0-9a-f-]{36}(?=\/$)/) ?? [];
const BINDING = (name: string) =>
  credential({
    name: 'aks-identity-binding',
    issuer: `https://ib.oic.prod-aks.azure.com/${TENANT}/${guidOf(`client ${name}`)}`,
    subject: `system:serviceaccount:binding:${name}`,
    audiences: ['api://AKSIdentityBinding'],
  });
const others = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    credential({ name: `other-${index}`, subject: `system:serviceaccount:shop:other-${index}` }),
  );

/** Federated credentials by name of the user-assigned identity: what each is about stands in its name. */
export const IDENTITIES: Readonly<Record<string, readonly Credential[]>> = {
  'id-shop': [...others(2), credential()],
  'id-settled': [credential({ age: 86_400 })],
  'id-new': [credential({ age: 120 })],
  'id-empty': [],
  'id-no-slash': [credential({ issuer: CLUSTER_ISSUER.slice(0, -1) })],
  'id-issuer-case': [credential({ issuer: CLUSTER_ISSUER.replace('westeurope', 'WestEurope') })],
  'id-issuer-space': [credential({ issuer: ` ${CLUSTER_ISSUER}` })],
  'id-old-cluster': [credential({ issuer: issuerOf('aks-before') })],
  'id-other-region': [credential({ issuer: CLUSTER_ISSUER.replace('westeurope', 'northeurope') })],
  'id-other-tenant-issuer': [credential({ issuer: CLUSTER_ISSUER.replace(TENANT, OTHER_TENANT) })],
  'id-older-host': [credential({ issuer: `https://oidc.prod-aks.azure.com/${ISSUER_GUID}/` })],
  'id-namespace': [credential({ subject: 'system:serviceaccount:default:checkout' })],
  'id-account': [credential({ subject: 'system:serviceaccount:shop:default' })],
  'id-subject-case': [credential({ subject: 'system:serviceaccount:Shop:checkout' })],
  'id-subject-space': [credential({ subject: `${SUBJECT} ` })],
  'id-subject-format': [credential({ subject: 'shop/checkout' })],
  'id-audience': [credential({ audiences: ['https://management.azure.com/'] })],
  'id-audience-government': [credential({ audiences: ['api://AzureADTokenExchangeUSGov'] })],
  'id-audience-case': [credential({ audiences: ['api://azureadtokenexchange'] })],
  'id-two-audiences': [credential({ audiences: ['api://AzureADTokenExchange', 'api://another'] })],
  'id-bound': [BINDING('id-bound')],
  'id-bound-too': [BINDING('id-bound-too'), credential()],
  'id-full': [...others(19), credential()],
  'id-duplicate': [credential(), credential({ name: 'again' })],
  'id-dangling': [credential(), credential({ name: 'before', issuer: issuerOf('aks-before') })],
  'id-slip-and-other': [
    credential({ name: 'inventory', subject: 'system:serviceaccount:shop:inventory' }),
    credential({ issuer: CLUSTER_ISSUER.slice(0, -1) }),
  ],
  'id-elsewhere': [credential()],
  'id-github': [credential({ issuer: GITHUB, subject: 'repo:contoso-invented/shop:environment:production' })],
  'id-github-branch': [credential({ issuer: GITHUB, subject: 'repo:contoso-invented/shop:ref:refs/heads/main' })],
  'id-github-immutable': [
    credential({ issuer: GITHUB, subject: 'repo:contoso-invented@1001/shop@2002:environment:production' }),
  ],
  'id-github-repository': [
    credential({ issuer: GITHUB, subject: 'repo:contoso-invented/other:environment:production' }),
  ],
  'id-unpublished': [credential({ issuer: issuerOf('aks-unpublished') })],
  'id-silent': [credential({ issuer: issuerOf('aks-silent') })],
  'id-misnamed': [credential({ issuer: issuerOf('aks-misnamed') })],
  'id-other-cluster': [credential({ issuer: issuerOf('aks-other') })],
};

/** Identities whose tenant is another one. */
const FOREIGN = ['id-elsewhere'];

export const identityDocument = (name: string) => ({
  id: identityId(name),
  name,
  type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
  location: 'westeurope',
  properties: {
    tenantId: FOREIGN.includes(name) ? OTHER_TENANT : TENANT,
    principalId: guidOf(`principal ${name}`),
    clientId: guidOf(`client ${name}`),
  },
});

export const credentialDocument = (identity: string, { name, age, ...properties }: Credential, nowMs = Date.now()) => {
  const made = age === undefined ? undefined : new Date(nowMs - age * 1000).toISOString();
  return {
    id: `${identityId(identity)}/federatedIdentityCredentials/${name}`,
    name,
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials',
    properties,
    ...(made !== undefined && { systemData: { createdAt: made, lastModifiedAt: made } }),
  };
};

/** Identity bindings of the healthy cluster. */
export const BINDINGS = ['id-bound', 'id-bound-too'].map((name) => ({
  id: `${clusterId('aks-shop')}/identityBindings/${name}`,
  name,
  type: 'Microsoft.ContainerService/managedClusters/identityBindings',
  properties: {
    managedIdentity: {
      clientId: guidOf(`client ${name}`),
      objectId: guidOf(`principal ${name}`),
      resourceId: identityId(name),
      tenantId: TENANT,
    },
    oidcIssuer: { oidcIssuerUrl: BINDING(name).issuer },
    provisioningState: 'Succeeded',
  },
}));

const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const DEVOPS = PIPELINE_HOSTS['vstoken.dev.azure.com'].issuer;
const expression = (value: string): Partial<Credential> => ({
  subject: null,
  claimsMatchingExpression: { value, languageVersion: 1 },
});

/** Federated credentials by name of the application registration. */
export const APPLICATIONS: Readonly<Record<string, readonly Credential[]>> = {
  'app-shop': [credential()],
  'app-empty': [],
  'app-namespace': [credential({ subject: 'system:serviceaccount:prod:checkout' })],
  'app-devops': [credential({ issuer: DEVOPS, subject: 'sc://contoso-invented/shop/production' })],
  'app-devops-other': [credential({ issuer: DEVOPS, subject: 'sc://contoso-invented/shop/test' })],
  'app-gitlab': [
    credential({
      issuer: 'https://gitlab.com',
      subject: 'project_path:contoso-invented/shop:ref_type:branch:ref:main',
    }),
  ],
  'app-flexible': [
    credential({
      issuer: GITHUB,
      ...expression("claims['sub'] matches 'repo:contoso-invented/*:environment:production'"),
    }),
  ],
  'app-flexible-other': [
    credential({
      issuer: GITHUB,
      ...expression("claims['sub'] matches 'repo:contoso-invented/shop:ref:refs/heads/*'"),
    }),
  ],
  'app-flexible-workflow': [
    credential({
      issuer: GITHUB,
      ...expression(
        "claims['sub'] matches 'repo:contoso-invented/*' and claims['job_workflow_ref'] matches '*/deploy.yml@refs/heads/main'",
      ),
    }),
  ],
  'app-trusts-identity': [credential({ issuer: ENTRA, subject: 'd1d2d3d4-1111-4222-8333-444455556666' })],
  'app-service-connection': [
    credential({
      issuer: ENTRA,
      subject: '/eid1/c/pub/t/inventedTenant/a/inventedApp/sc/contoso-invented/production',
    }),
  ],
  'app-multitenant': [credential({ issuer: ENTRA, subject: 'd1d2d3d4-1111-4222-8333-444455556666' })],
};

export const applicationDocument = (name: string) => ({
  id: guidOf(`object ${name}`),
  appId: guidOf(`app ${name}`),
  displayName: name,
  signInAudience: ['app-multitenant', 'app-service-connection'].includes(name) ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
});

/** Microsoft Graph tells expressions in its beta version alone. */
export const applicationCredential = ({ age: _, claimsMatchingExpression, ...members }: Credential, beta: boolean) => ({
  id: guidOf(`credential ${members.name}`),
  description: null,
  ...members,
  ...(beta && claimsMatchingExpression && { claimsMatchingExpression }),
});

/** Service principals: of the applications here, and those of which there is neither identity nor application to be seen. */
export const SERVICE_PRINCIPALS = [
  ...Object.keys(APPLICATIONS).map((name) => ({
    id: guidOf(`principal ${name}`),
    appId: guidOf(`app ${name}`),
    displayName: name,
    servicePrincipalType: 'Application',
    appOwnerOrganizationId: TENANT,
    alternativeNames: [],
  })),
  {
    id: guidOf('principal vm-shop'),
    appId: guidOf('client vm-shop'),
    displayName: 'vm-shop',
    servicePrincipalType: 'ManagedIdentity',
    alternativeNames: [
      'isExplicit=False',
      `${group(SUBSCRIPTION)}/providers/Microsoft.Compute/virtualMachines/vm-shop`,
    ],
  },
  {
    id: guidOf('principal app-of-others'),
    appId: guidOf('app app-of-others'),
    displayName: 'app-of-others',
    servicePrincipalType: 'Application',
    appOwnerOrganizationId: OTHER_TENANT,
    alternativeNames: [],
  },
];
