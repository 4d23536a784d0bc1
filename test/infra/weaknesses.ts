import { azureReads } from '../../src/contract/azure-reads.ts';
import type { Access } from '../../src/functions/access.ts';
import { routes } from '../../src/routes.ts';
import { OpenRoute } from '../../src/settings.ts';
import { at, isObject, parseBicep, type Resource, type Template, type Written } from './bicep.ts';

/** What must stand in a resource of a type, wherever there is one: path and value. */
const DEMANDED: Readonly<Record<string, readonly (readonly [path: string, value: Written])[]>> = {
  'Microsoft.Storage/storageAccounts': [
    ['properties.allowSharedKeyAccess', false],
    ['properties.allowBlobPublicAccess', false],
    ['properties.allowCrossTenantReplication', false],
    ['properties.defaultToOAuthAuthentication', true],
    ['properties.minimumTlsVersion', 'TLS1_2'],
    ['properties.supportsHttpsTrafficOnly', true],
    ['properties.publicNetworkAccess', { expression: "publicAccess ? 'Enabled' : 'Disabled'" }],
    ['properties.networkAcls.defaultAction', { expression: "publicAccess ? 'Allow' : 'Deny'" }],
  ],
  'Microsoft.Storage/storageAccounts/blobServices/containers': [['properties.publicAccess', 'None']],
  'Microsoft.OperationalInsights/workspaces': [['properties.features.disableLocalAuth', true]],
  'Microsoft.Insights/components': [['properties.DisableLocalAuth', true]],
  'Microsoft.Web/sites': [
    ['identity', { type: 'SystemAssigned' }],
    ['properties.httpsOnly', true],
    ['properties.publicNetworkAccess', { expression: "empty(subnetId) ? 'Enabled' : 'Disabled'" }],
    ['properties.siteConfig.minTlsVersion', '1.2'],
    ['properties.siteConfig.scmMinTlsVersion', '1.2'],
    ['properties.siteConfig.ftpsState', 'Disabled'],
    ['properties.siteConfig.remoteDebuggingEnabled', false],
    ['properties.functionAppConfig.deployment.storage.authentication.type', 'SystemAssignedIdentity'],
  ],
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': [['properties.allow', false]],
  'Microsoft.Authorization/roleDefinitions': [
    [
      'properties.permissions',
      [
        {
          actions: { expression: "loadJsonContent('./reads.json')" },
          notActions: [],
          dataActions: [],
          notDataActions: [],
        },
      ],
    ],
  ],
};

/** What must stand in the platform authentication of the app. */
const AUTHENTICATION: readonly (readonly [path: string, value: Written])[] = [
  ['platform.enabled', { expression: '!empty(apiClientId)' }],
  ['globalValidation.requireAuthentication', true],
  ['globalValidation.unauthenticatedClientAction', 'Return401'],
  ['httpSettings.requireHttps', true],
  ['globalValidation.excludedPaths', { expression: 'union(outside, opened)' }],
  ['login.tokenStore.enabled', false],
  ['identityProviders.azureActiveDirectory.enabled', { expression: '!empty(apiClientId)' }],
  ['identityProviders.azureActiveDirectory.registration.clientId', { expression: 'apiClientId' }],
  [
    'identityProviders.azureActiveDirectory.registration.openIdIssuer',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Bicep writes it so
    { expression: "'${login}${tenant().tenantId}/v2.0'" },
  ],
  [
    'identityProviders.azureActiveDirectory.validation.allowedAudiences',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Bicep writes it so
    [{ expression: 'apiClientId' }, { expression: "'api://${apiClientId}'" }],
  ],
  [
    // An empty list would let in every client of the tenant.
    'identityProviders.azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications',
    { expression: 'empty(clients) ? [apiClientId] : clients' },
  ],
];

/** Routes that settings open are open for platform authentication too, and no others. */
const OPENED: Written = {
  expression: "map(filter(split(openRoutes, ','), part => !empty(trim(part))), part => openPaths[trim(part)])",
};

/** Forward-auth has no route yet; what decides by an end user's token stands outside platform authentication. */
const DECIDING_LATER = ['/api/authorize', '/api/authorize/*'];

/** The only roles that are given, and on what: the host's own storage, its own telemetry, and what is read. */
const ROLES: Readonly<Record<string, string>> = {
  'app.bicep storageRole':
    "storage subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataOwner)",
  'app.bicep insightsRole':
    "insights subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)",
  'reader.bicep assignment':
    "deployment useBuiltInReader ? subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInReader) : role.id",
  'reader-management-group.bicep assignment':
    "deployment useBuiltInReader ? tenantResourceId('Microsoft.Authorization/roleDefinitions', builtInReader) : role.id",
};
const ROLE_IDS: Readonly<Record<string, string>> = {
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
  builtInReader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
};

/** Variables that Flex Consumption takes from elsewhere; set, they break the app (Functions, infrastructure as code). */
const NEVER_SET = [
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_EXTENSION_VERSION',
  'WEBSITE_RUN_FROM_PACKAGE',
  'AzureWebJobsStorage:',
];

/** What must exist, so that nothing passes by being taken out. */
const PRESENT = [
  ...Object.keys(DEMANDED),
  'Microsoft.Web/sites/config',
  'Microsoft.Insights/scheduledQueryRules',
  'Microsoft.OperationalInsights/workspaces/savedSearches',
];

/** Whatever of these files would weaken a deployment, one line each; none: it is as it should be. */
export function weaknesses(files: Readonly<Record<string, string>>): string[] {
  const templates = Object.entries(files)
    .filter(([name]) => name.endsWith('.bicep'))
    .map(([name, text]) => parseBicep(name, text));
  const resources = templates.flatMap((template) => template.resources).filter(({ existing }) => !existing);
  return [
    ...templates.flatMap(({ file, syntaxErrors }) => syntaxErrors.map((line) => `${file}:${line} is no Bicep`)),
    ...PRESENT.filter((type) => !resources.some((resource) => resource.type === type)).map(
      (type) => `${type} is missing`,
    ),
    ...resources.flatMap((resource) => lacking(resource, DEMANDED[resource.type] ?? [])),
    ...authentication(templates, resources),
    ...publishing(resources),
    ...roles(templates, resources, files),
    ...NEVER_SET.filter((name) => files['app.bicep']?.includes(name)).map((name) => `${name} is set`),
    ...templates.flatMap(secretsOf),
    ...harmful(templates, files),
  ];
}

function lacking(
  { file, symbol, body }: Resource,
  demanded: readonly (readonly [path: string, value: Written])[],
  under = '',
): string[] {
  return demanded
    .filter(([path, value]) => !same(at(body, `${under}${path}`), value))
    .map(([path]) => `${file} ${symbol}: ${path}`);
}

function authentication(templates: readonly Template[], resources: readonly Resource[]): string[] {
  const found = resources.filter(({ body }) => body.name === 'authsettingsV2');
  const [auth] = found;
  if (!auth || found.length > 1) return ['platform authentication is not there once'];
  const { variables } = templates.find(({ file }) => file === auth.file) ?? { variables: new Map<string, Written>() };
  const paths = (wanted: (access: Access) => boolean) =>
    routes.filter(({ access }) => wanted(access)).map(({ access, path }) => [access, `/${path}`] as const);
  const outside = paths((access) => access === 'anonymous' || access === 'decision').map(([, path]) => path);
  const open = paths((access) => OpenRoute.options.some((name) => name === access));
  const said = variables.get('outside');
  return [
    ...(auth.condition === undefined ? [] : ['platform authentication cannot be turned off again']),
    ...lacking(auth, AUTHENTICATION, 'properties.'),
    ...(Array.isArray(said) && same([...said].sort(), [...outside, ...DECIDING_LATER].sort())
      ? []
      : ['what stands outside platform authentication is not what keeps its key or needs none']),
    ...(same(variables.get('openPaths'), Object.fromEntries(open)) && same(variables.get('opened'), OPENED)
      ? []
      : ['other routes are opened than TOKEN_DOCTOR_OPEN_ROUTES says']),
  ];
}

function publishing(resources: readonly Resource[]): string[] {
  const names = resources
    .filter(({ type }) => type === 'Microsoft.Web/sites/basicPublishingCredentialsPolicies')
    .map(({ body }) => body.name);
  return ['ftp', 'scm'].filter((name) => !names.includes(name)).map((name) => `basic publishing of ${name} is not off`);
}

function roles(
  templates: readonly Template[],
  resources: readonly Resource[],
  files: Readonly<Record<string, string>>,
): string[] {
  const given = Object.fromEntries(
    resources
      .filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments')
      .map(({ file, symbol, body }) => {
        const scope = expressionOf(body.scope) ?? 'deployment';
        const role = expressionOf(at(body, 'properties.roleDefinitionId'))?.replace(/\s+/g, ' ');
        return [`${file} ${symbol}`, `${scope} ${role}`];
      }),
  );
  const ids = templates.flatMap(({ variables }) => [...variables]).filter(([name]) => name in ROLE_IDS);
  const actions = Object.values(azureReads).flatMap(({ of, permission }) => (of === 'arm' ? [permission] : []));
  return [
    ...(same(given, ROLES) ? [] : ['roles are given that nothing asks for, or lacking']),
    ...ids.filter(([name, id]) => id !== ROLE_IDS[name]).map(([name]) => `${name} is another role`),
    ...(same(JSON.parse(files['reads.json'] ?? 'null'), actions)
      ? []
      : ['the role allows other actions than the code uses']),
  ];
}

/** Keys of storage or app would be outputs or settings for whoever may read a deployment. */
function secretsOf({ file, outputs }: Template): string[] {
  return [...outputs].flatMap(([name, value]) =>
    /\blist[A-Z]\w*\(|connectionString|[kK]eys\[/.test(JSON.stringify(value))
      ? [`${file}: output ${name} holds a secret`]
      : [],
  );
}

/** Parameters are those of the template, and what they open is opened by nobody who does not ask for it. */
function harmful(templates: readonly Template[], files: Readonly<Record<string, string>>): string[] {
  const main = templates.find(({ file }) => file === 'main.bicep');
  const { parameters } = JSON.parse(files['main.parameters.json'] ?? '{"parameters":{}}');
  const names = Object.keys(parameters);
  const known = main?.parameters ?? new Map<string, Written | undefined>();
  const demanded = [...known].filter(([, value]) => value === undefined).map(([name]) => name);
  return [
    ...names.filter((name) => !known.has(name)).map((name) => `main.parameters.json: ${name} is no parameter`),
    ...demanded.filter((name) => !names.includes(name)).map((name) => `main.parameters.json: ${name} is missing`),
    ...['openOrigins', 'openRoutes', 'armEndpoint', 'graphEndpoint']
      .filter((name) => known.get(name) !== '')
      .map((name) => `main.bicep: ${name} is not empty`),
    ...(files['policies.json']?.trim() === '{}' ? [] : ['policies.json lets somebody in']),
  ];
}

const expressionOf = (value: Written | undefined): string | undefined =>
  typeof value === 'object' && value !== null && 'expression' in value && !isObject(value)
    ? (value as { expression: string }).expression
    : undefined;

/** Equal as JSON, whatever the order of members. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
