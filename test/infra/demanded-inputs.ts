// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Bicep writes it so
import { routes } from '../../src/routes.ts';
import { OpenRoute, settingNames } from '../../src/settings.ts';
import type { Written } from './bicep.ts';
import { code } from './demand.ts';
import { BLOBS } from './demanded.ts';

/** Forward-auth has no route yet; what decides by an end user's token stands outside platform authentication. */
const DECIDING_LATER = ['/api/authorize', '/api/authorize/*'];
/** What needs no key or keeps its own: only this stands outside platform authentication. */
const outside = routes
  .filter(({ access }) => access === 'anonymous' || access === 'decision')
  .map(({ path }) => `/${path}`);
const opened = routes.filter(({ access }) => OpenRoute.options.some((name) => name === access));

const onlyPrivate = (output: string) => code(`privateNetwork ? network!.outputs.${output} : ''`);
const ENDPOINT = { networkId: onlyPrivate('networkId'), subnetId: onlyPrivate('endpointSubnetId') };
const PLACE = { location: code('location'), tags: code('tags'), token: code('token') };
const handedOn = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, code(name)]));

/** A module of main.bicep in the group, by the name of its deployment. */
const inGroup = (name: string, file: string, params: { readonly [name: string]: Written }) => ({
  path: `./${file}.bicep`,
  body: { name, scope: code('group'), params: { ...PLACE, ...params } },
});

/** Every module there may be, by file and symbol: which file, when, how often, and with what. */
export const MODULES: Readonly<
  Record<string, { path: string; condition?: string; loop?: string; body: { readonly [name: string]: Written } }>
> = {
  'main.bicep network': { ...inGroup('network', 'network', {}), condition: '(privateNetwork)' },
  'main.bicep storage': inGroup('storage', 'storage', { publicAccess: code('!privateNetwork') }),
  'main.bicep monitoring': inGroup('monitoring', 'monitoring', {
    retentionDays: code('logRetentionDays'),
    alertEmail: code('alertEmail'),
  }),
  'main.bicep blobEndpoint': {
    ...inGroup('blob-endpoint', 'private-endpoint', {
      ...ENDPOINT,
      name: 'blob',
      group: 'blob',
      zone: code("'privatelink.blob.${environment().suffixes.storage}'"),
      targetId: code('storage.outputs.id'),
    }),
    condition: '(privateNetwork)',
  },
  'main.bicep app': {
    path: './app.bicep',
    body: {
      name: 'app',
      scope: code('group'),
      params: {
        ...PLACE,
        ...handedOn(
          ...['nodeVersion', 'instanceMemoryMB', 'maximumInstances', 'alwaysReadyInstances', 'httpConcurrency'],
          ...['apiClientId', 'allowedClientIds', 'mcpScopes', 'policies', 'tenants', 'issuers', 'openOrigins'],
          ...['openRoutes', 'keysFreshSeconds', 'rateLimit', 'armEndpoint', 'graphEndpoint'],
        ),
        subscriptions: code("join(asked, ',')"),
        storageName: code('storage.outputs.name'),
        insightsName: code('monitoring.outputs.insightsName'),
        subnetId: onlyPrivate('appSubnetId'),
      },
      // Its host needs the storage as soon as it starts.
      dependsOn: [code('blobEndpoint')],
    },
  },
  'main.bicep siteEndpoint': {
    ...inGroup('site-endpoint', 'private-endpoint', {
      ...ENDPOINT,
      name: 'site',
      group: 'sites',
      zone: code('siteZones[environment().name]'),
      targetId: code('app.outputs.id'),
    }),
    condition: '(privateNetwork)',
  },
  'main.bicep readers': {
    path: './reader.bicep',
    loop: 'for id in read',
    body: {
      // Several environments may read one subscription.
      name: code("'token-doctor-reader-${token}'"),
      scope: code('subscription(id)'),
      params: {
        ...handedOn('environmentName', 'useBuiltInReader'),
        home: code('subscription().subscriptionId'),
        principalId: code('app.outputs.principalId'),
      },
    },
  },
  'app.bicep roles': {
    path: './app-roles.bicep',
    body: {
      name: 'app-roles',
      params: { ...handedOn('storageName', 'insightsName'), principalId: code('app.identity.principalId') },
    },
  },
};

const listOf = (name: string, each: string) =>
  code(`map(filter(split(${name}, ','), part => !empty(trim(part))), part => ${each})`);
const NUMBERS = ['keysFreshSeconds', 'rateLimit'];
/** Each setting that the code reads, from the parameter of the same name. */
const ownSettings = Object.fromEntries(
  settingNames.map((name): [string, Written] => {
    const parameter = name
      .replace('TOKEN_DOCTOR_', '')
      .toLowerCase()
      .replace(/_[a-z]/g, ([, letter = '']) => letter.toUpperCase());
    return [name, code(NUMBERS.includes(parameter) ? `string(${parameter})` : parameter)];
  }),
);
const BUILT_IN_READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

/** Variables that the above hangs on. */
export const VARIABLES: Readonly<Record<string, Written>> = {
  'main.bicep token': code('toLower(uniqueString(subscription().id, environmentName, location))'),
  'main.bicep siteZones': {
    AzureCloud: 'privatelink.azurewebsites.net',
    AzureUSGovernment: 'privatelink.azurewebsites.us',
    AzureChinaCloud: 'privatelink.chinacloudsites.cn',
  },
  'main.bicep asked': listOf('subscriptions', 'toLower(trim(part))'),
  'main.bicep read': code('empty(asked) ? [subscription().subscriptionId] : union(asked, [])'),
  'app.bicep clouds': { AzureCloud: 'public', AzureUSGovernment: 'usgovernment', AzureChinaCloud: 'china' },
  'app.bicep login': code(
    "replace(environment().authentication.loginEndpoint, 'login.chinacloudapi.cn', 'login.partner.microsoftonline.cn')",
  ),
  'app.bicep clients': listOf('allowedClientIds', 'toLower(trim(part))'),
  'app.bicep callers': {
    enabled: true,
    registration: { clientId: code('apiClientId'), openIdIssuer: code("'${login}${tenant().tenantId}/v2.0'") },
    validation: {
      allowedAudiences: [code('apiClientId'), code("'api://${apiClientId}'")],
      // An empty list would let in every client of the tenant.
      defaultAuthorizationPolicy: { allowedApplications: code('empty(clients) ? [apiClientId] : clients') },
    },
  },
  'app.bicep outside': [...outside, ...DECIDING_LATER],
  'app.bicep openPaths': Object.fromEntries(opened.map(({ access, path }) => [access, `/${path}`])),
  'app.bicep opened': listOf('openRoutes', 'openPaths[trim(part)]'),
  'app.bicep ownSettings': {
    ...ownSettings,
    TOKEN_DOCTOR_CLOUD: code('clouds[environment().name]'),
    TOKEN_DOCTOR_SNAPSHOTS: code(`'\${${BLOBS}}token-doctor-keys'`),
  },
  // No more than these: settings of the platform can turn its authentication off, or fake it.
  'app.bicep hostSettings': {
    AzureWebJobsStorage__accountName: code('storageName'),
    AzureWebJobsStorage__blobServiceUri: code(BLOBS),
    AzureWebJobsStorage__credential: 'managedidentity',
    APPLICATIONINSIGHTS_CONNECTION_STRING: code('insights.properties.ConnectionString'),
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD',
  },
  'app-roles.bicep storageBlobDataOwner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'app-roles.bicep monitoringMetricsPublisher': '3913510d-42f4-4e42-8a64-420c390055eb',
  'reader.bicep builtInReader': BUILT_IN_READER,
  'reader-management-group.bicep builtInReader': BUILT_IN_READER,
};

/** Every output there may be: whoever may read a deployment reads it. */
export const OUTPUTS: Readonly<Record<string, Written>> = {
  'main.bicep AZURE_RESOURCE_GROUP': code('group.name'),
  'main.bicep SERVICE_API_NAME': code('app.outputs.name'),
  'main.bicep SERVICE_API_URL': code('app.outputs.url'),
  'main.bicep READINESS_URL': code("'${app.outputs.url}/api/health/ready'"),
  // Operators have a shell run it.
  'main.bicep KEY_COMMAND': code(
    "'az functionapp function keys list --subscription ${subscription().subscriptionId} --resource-group ${group.name} --name ${app.outputs.name} --function-name analyzeToken --query default --output tsv'",
  ),
  'main.bicep SERVICE_API_PRINCIPAL_ID': code('app.outputs.principalId'),
  'app.bicep id': code('app.id'),
  'app.bicep name': code('app.name'),
  'app.bicep url': code("'https://${app.properties.defaultHostName}'"),
  'app.bicep principalId': code('app.identity.principalId'),
  'storage.bicep id': code('account.id'),
  'storage.bicep name': code('account.name'),
  'monitoring.bicep insightsName': code('insights.name'),
  'network.bicep networkId': code('network.id'),
  'network.bicep appSubnetId': code('network.properties.subnets[0].id'),
  'network.bicep endpointSubnetId': code('network.properties.subnets[1].id'),
};

/** Where each template is deployed to; all others: to a resource group. */
export const SCOPES: Readonly<Record<string, string>> = {
  'main.bicep': 'subscription',
  'reader.bicep': 'subscription',
  'reader-management-group.bicep': 'managementGroup',
};

/** What azd hands over, by the parameter; the rest may be handed over. */
export const HANDED = [
  ...['environmentName', 'location', 'apiClientId', 'allowedClientIds', 'mcpScopes', 'subscriptions'],
  ...['useBuiltInReader', 'tenants', 'openRoutes', 'privateNetwork', 'alertEmail'],
];

/** Defaults of main.bicep that bound what is spent. Who deploys may say otherwise in main.parameters.json. */
export const SIZES: Readonly<Record<string, Written>> = {
  nodeVersion: '24',
  instanceMemoryMB: 2048,
  maximumInstances: 40,
  alwaysReadyInstances: 0,
  httpConcurrency: 0,
  logRetentionDays: 30,
};

/** Defaults of main.bicep that let nobody in, and grant no more than is needed. */
export const DEFAULTS: Readonly<Record<string, Written>> = {
  apiClientId: '',
  allowedClientIds: '',
  mcpScopes: '',
  subscriptions: '',
  useBuiltInReader: false,
  policies: code("loadTextContent('./policies.json')"),
  tenants: '',
  issuers: '[]',
  openOrigins: '',
  openRoutes: '',
  keysFreshSeconds: 600,
  rateLimit: 600,
  armEndpoint: '',
  graphEndpoint: '',
  privateNetwork: false,
  alertEmail: '',
};
