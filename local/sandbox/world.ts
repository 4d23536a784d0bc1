import { AKS_SERVER_APP_ID, TOKEN_EXCHANGE_AUDIENCE } from '../../src/contract/resources.ts';

/** The invented tenant, cluster and applications that the sandbox plays. None of these ids exists. */
export const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';
/** A tenant whose metadata cannot be had: its host answers 503. */
export const SILENT_TENANT = '0a1b2c3d-5035-4222-8333-444455556666';
/** The real tenant of personal Microsoft accounts: its keys stand in every v2 key document. */
export const CONSUMER_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

export const CLIENT_ID = 'b1b2b3b4-1111-4222-8333-444455556666';
export const OBJECT_ID = 'd1d2d3d4-1111-4222-8333-444455556666';

export const CLUSTER_HOST = 'westeurope.oic.prod-aks.azure.com';
export const CLUSTER_ISSUER = `https://${CLUSTER_HOST}/${TENANT}/c1c2c3c4-1111-4222-8333-444455556666/`;

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
  exchange: TOKEN_EXCHANGE_AUDIENCE,
  client: CLIENT_ID,
};
