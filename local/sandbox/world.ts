import {
  AKS_SERVER_APP_ID,
  IDENTITY_BINDING_AUDIENCE,
  TOKEN_EXCHANGE_APP_ID,
  TOKEN_EXCHANGE_AUDIENCE,
} from '../../src/contract/resources.ts';

/** The invented tenant, cluster and applications that the sandbox plays. None of these ids exists. */
export const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';
/** The tenant of the tokens in the documents' examples, with its one key. */
export const EXAMPLE_TENANT = 'e0e1e2e3-1111-4222-8333-444455556666';
export const EXAMPLE_KEY = {
  use: 'sig',
  kty: 'RSA',
  kid: 'ExampleKey0TokenDoctor0Ex1m',
  x5t: 'ExampleKey0TokenDoctor0Ex1m',
  n: 'poN3YyTAnlp17GlKzYGCG6xZEZC8Yj9uElAwdijMwSLQpbrcdYhG2WcnEnxLyafEKYKJC4uxe4gBwXUdiVrKdmTN2po3GPNYkQNRcfwCildv9mCmXb27zNuclw5lJuXztRfc3jj9YTKGzQNef53j3j7nSyYrkfi7mT1JdGKmRu5ZsTYyYGv8ji00TyGOKYzNAgKQqNM_WtglD66TPaTYNt7hLSoTGb9SLJVPl7iDZjTKIELIWV4lzz8BXFVSXBSqKpja0Swpes4KxYTlB63aMDaNZ7rLFx6MC3JQk5IQlMGIbETvMEs0R7geb3navoPDZ0k7aXWL5cUfVJ1CegRVZQ',
  e: 'AQAB',
} as const;
/** A tenant whose metadata cannot be had: its host answers 503. */
export const SILENT_TENANT = '0a1b2c3d-5035-4222-8333-444455556666';
/** Tenants that publish what no issuer should, or what misleads: one a fault. */
export const ODD_TENANTS = {
  leaky: '0a1b2c3d-0001-4222-8333-444455556666',
  symmetric: '0a1b2c3d-0002-4222-8333-444455556666',
  twins: '0a1b2c3d-0003-4222-8333-444455556666',
  unnamed: '0a1b2c3d-0004-4222-8333-444455556666',
  encrypting: '0a1b2c3d-0005-4222-8333-444455556666',
  weak: '0a1b2c3d-0006-4222-8333-444455556666',
  html: '0a1b2c3d-0007-4222-8333-444455556666',
  misnamed: '0a1b2c3d-0008-4222-8333-444455556666',
  /** Publishes its former key once, and not again. */
  rotated: '0a1b2c3d-0009-4222-8333-444455556666',
} as const;
/** Where the invented company has its customers. */
export const B2C_HOST = 'contosoinvented.b2clogin.com';
/** The real tenant of personal Microsoft accounts: its keys stand in every v2 key document. */
export const CONSUMER_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

export const CLIENT_ID = 'b1b2b3b4-1111-4222-8333-444455556666';
export const OBJECT_ID = 'd1d2d3d4-1111-4222-8333-444455556666';
/** An API of one's own in the invented tenant. */
export const API_ID = 'a1a2a3a4-1111-4222-8333-444455556666';

export const CLUSTER_HOST = 'westeurope.oic.prod-aks.azure.com';
export const CLUSTER_ISSUER = `https://${CLUSTER_HOST}/${TENANT}/c1c2c3c4-1111-4222-8333-444455556666/`;

/** Pipelines of the invented company, at the real issuers. */
export const PIPELINE_HOSTS = {
  'token.actions.githubusercontent.com': {
    issuer: 'https://token.actions.githubusercontent.com',
    keys: '/.well-known/jwks',
  },
  'vstoken.dev.azure.com': {
    issuer: 'https://vstoken.dev.azure.com/e1e2e3e4-1111-4222-8333-444455556666',
    keys: '/.well-known/jwks',
  },
  'gitlab.com': { issuer: 'https://gitlab.com', keys: '/oauth/discovery/keys' },
} as const;

/** Authority hosts of the three clouds, and the host of its v1 issuers. */
export const AUTHORITIES = {
  'login.microsoftonline.com': 'sts.windows.net',
  'login.microsoftonline.us': 'sts.windows.net',
  'login.partner.microsoftonline.cn': 'sts.chinacloudapi.cn',
} as const;

/** Short names for audiences, so that scenarios can be read. */
export const AUDIENCES: Readonly<Record<string, string>> = {
  aks: AKS_SERVER_APP_ID,
  'aks-spn': `spn:${AKS_SERVER_APP_ID}`,
  arm: 'https://management.azure.com/',
  'arm-core': 'https://management.core.windows.net/',
  'arm-no-slash': 'https://management.azure.com',
  'arm-usgovernment': 'https://management.usgovcloudapi.net/',
  'arm-usgovernment-no-slash': 'https://management.usgovcloudapi.net',
  'arm-china': 'https://management.chinacloudapi.cn/',
  graph: 'https://graph.microsoft.com',
  'graph-slash': 'https://graph.microsoft.com/',
  'graph-usgovernment': 'https://graph.microsoft.us',
  'graph-china': 'https://microsoftgraph.chinacloudapi.cn',
  'key-vault': 'https://vault.azure.net',
  'key-vault-slash': 'https://vault.azure.net/',
  'key-vault-id': 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
  'key-vault-usgovernment': 'https://vault.usgovcloudapi.net',
  'key-vault-china': 'https://vault.azure.cn',
  storage: 'https://storage.azure.com/',
  'storage-no-slash': 'https://storage.azure.com',
  'storage-account': 'https://shopdata.blob.core.windows.net',
  sql: 'https://database.windows.net/',
  'sql-no-slash': 'https://database.windows.net',
  'sql-china': 'https://database.chinacloudapi.cn/',
  'azure-devops': '499b84ac-1321-427f-aa17-267ca6975798',
  'container-registry': 'https://containerregistry.azure.net',
  'aks-arc': '6256c85f-0aad-4d50-b960-e6e9b21efe35',
  exchange: TOKEN_EXCHANGE_AUDIENCE,
  'exchange-id': TOKEN_EXCHANGE_APP_ID,
  binding: IDENTITY_BINDING_AUDIENCE,
  client: CLIENT_ID,
  api: API_ID,
  'api-uri': `api://${API_ID}`,
};

/** The setting TOKEN_DOCTOR_POLICIES where nothing else is set: who the invented API lets in. */
export const SANDBOX_POLICIES = JSON.stringify({
  default: {
    issuers: [TENANT, EXAMPLE_TENANT].flatMap((tenant) => [
      `https://login.microsoftonline.com/${tenant}/v2.0`,
      `https://sts.windows.net/${tenant}/`,
    ]),
    audiences: [API_ID, `api://${API_ID}`],
    tokenKinds: ['app-only', 'delegated'],
  },
  pods: {
    issuers: [CLUSTER_ISSUER],
    audiences: [`api://${API_ID}`],
    tokenKinds: ['kubernetes'],
    subjects: ['system:serviceaccount:shop:checkout'],
  },
  strict: {
    issuers: [`https://login.microsoftonline.com/${TENANT}/v2.0`],
    audiences: [API_ID],
    tokenKinds: ['app-only', 'delegated'],
    clients: [CLIENT_ID],
    scopes: { any: ['mcp.read', 'mcp.write'] },
    roles: { all: [] },
    maxTokenAgeSeconds: 1800,
    clockToleranceSeconds: 60,
    resource: 'https://mcp.sandbox.invalid/mcp',
  },
  admins: {
    issuers: [`https://login.microsoftonline.com/${TENANT}/v2.0`],
    audiences: [API_ID],
    roles: { any: ['Orders.Admin'] },
    subjects: [OBJECT_ID],
  },
  silent: { issuers: [`https://sts.windows.net/${SILENT_TENANT}/`], audiences: [API_ID] },
});
