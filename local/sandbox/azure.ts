import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clouds } from '../../src/contract/clouds.ts';
import {
  APPLICATIONS,
  applicationCredential,
  applicationDocument,
  BINDINGS,
  CLUSTERS,
  credentialDocument,
  FURTHER_SUBSCRIPTION,
  IDENTITIES,
  identityDocument,
  SERVICE_PRINCIPALS,
  SUBSCRIPTION,
} from './azure-world.ts';

/** Azure of every cloud is the same invented one. */
const GRAPH_HOSTS = Object.values(clouds).map(({ graphEndpoint }) => new URL(graphEndpoint).host);
export const AZURE_HOSTS = [
  ...Object.values(clouds).map(({ armEndpoint }) => new URL(armEndpoint).host),
  ...GRAPH_HOSTS,
];

/** What the endpoint of the managed identity gives; nobody but the sandbox takes it. */
const TOKEN = 'sandbox-token';
const IDENTITY_SECRET = 'sandbox-identity-header';

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const refused = (status: number, code: string, headers: Record<string, string> = {}): Answer => ({
  status,
  body: { error: { code, message: 'The sandbox says so.' } },
  headers: { 'x-ms-correlation-request-id': '0a1b2c3d-cccc-4222-8333-444455556666', ...headers },
});

/** Azure Resource Manager and Microsoft Graph, as far as they are read: by GET, with the token of the sandbox's managed identity. */
export function answerAzure(request: IncomingMessage, response: ServerResponse): void {
  const { status, body, headers = {} } = answer(request);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

function answer({ method, headers, url = '' }: IncomingMessage): Answer {
  if (method !== 'GET') return refused(405, 'MethodNotAllowed');
  if (headers.authorization !== `Bearer ${TOKEN}`) return refused(401, 'InvalidAuthenticationToken');
  const { pathname, searchParams } = new URL(url, `https://${headers.host}`);
  const path = decodeURIComponent(pathname);
  const host = headers.host ?? '';
  return GRAPH_HOSTS.includes(host) ? graph(path) : arm(path, searchParams, host);
}

const RESOURCES =
  /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?\/providers\/([^/]+\/[^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/i;

function arm(path: string, query: URLSearchParams, host: string): Answer {
  if (path === '/subscriptions')
    return ok({ value: [SUBSCRIPTION, FURTHER_SUBSCRIPTION].map((subscriptionId) => ({ subscriptionId })) });
  const [, subscription, group = 'rg-shop', type = '', name, below] = RESOURCES.exec(path) ?? [];
  switch (group) {
    case 'rg-forbidden':
      return refused(403, 'AuthorizationFailed');
    case 'rg-throttled':
      return refused(429, 'TooManyRequests', { 'retry-after': '17' });
    case 'rg-broken':
      return refused(500, 'InternalServerError');
    case 'rg-shop':
      break;
    default:
      return refused(404, 'ResourceGroupNotFound');
  }
  if (subscription === FURTHER_SUBSCRIPTION) return ok({ value: [] });
  if (subscription !== SUBSCRIPTION) return refused(404, 'SubscriptionNotFound');
  return type.toLowerCase() === 'microsoft.containerservice/managedclusters'
    ? clusters(name, below)
    : identities(name, below, query, host);
}

function clusters(name: string | undefined, below: string | undefined): Answer {
  if (name === undefined) return ok({ value: Object.values(CLUSTERS) });
  const document = CLUSTERS[name];
  if (!document) return refused(404, 'ResourceNotFound');
  return ok(below === undefined ? document : { value: name === 'aks-shop' ? BINDINGS : [] });
}

/** Two to a page, so that every list is paged. */
const PAGE = 2;

function identities(name: string | undefined, below: string | undefined, query: URLSearchParams, host: string): Answer {
  if (name === undefined) return ok({ value: Object.keys(IDENTITIES).map(identityDocument) });
  const credentials = IDENTITIES[name];
  if (!credentials) return refused(404, 'ResourceNotFound');
  if (below === undefined) return ok(identityDocument(name));
  const from = Number(query.get('$skiptoken') ?? 0);
  const next = from + PAGE < credentials.length ? from + PAGE : undefined;
  const version = query.get('api-version');
  return ok({
    value: credentials.slice(from, from + PAGE).map((credential) => credentialDocument(name, credential)),
    ...(next !== undefined && {
      nextLink: `https://${host}${identityDocument(name).id}/federatedIdentityCredentials?api-version=${version}&$skiptoken=${next}`,
    }),
  });
}

const OBJECTS =
  /^\/(v1\.0|beta)\/(applications|servicePrincipals)(?:\(appId='([^']+)'\)|\/([^/]+))(\/federatedIdentityCredentials)?$/;

function graph(path: string): Answer {
  const [, version, kind, appId, id, below] = OBJECTS.exec(path) ?? [];
  if (kind === undefined) return refused(404, 'Request_ResourceNotFound');
  const is = (object: { id: string; appId: string }) => object.appId === appId || object.id === id;
  if (kind === 'servicePrincipals') {
    const found = SERVICE_PRINCIPALS.find(is);
    return found ? ok(found) : refused(404, 'Request_ResourceNotFound');
  }
  const name = Object.keys(APPLICATIONS).find((candidate) => is(applicationDocument(candidate)));
  if (name === undefined) return refused(404, 'Request_ResourceNotFound');
  return ok(
    below === undefined
      ? applicationDocument(name)
      : { value: APPLICATIONS[name]?.map((one) => applicationCredential(one, version === 'beta')) },
  );
}

/**
 * Starts the endpoint of a managed identity, as App Service has it (managed identity reference), for this process: whatever sign-in
 * the machine has, the sandbox needs none.
 */
export async function startIdentityEndpoint(): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
    const known = request.headers['x-identity-header'] === IDENTITY_SECRET && request.method === 'GET';
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        known
          ? {
              access_token: TOKEN,
              expires_on: String(Math.floor(Date.now() / 1000) + 86_400),
              resource: searchParams.get('resource'),
              token_type: 'Bearer',
            }
          : { statusCode: 401, message: 'The sandbox does not know the caller.' },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  process.env.IDENTITY_ENDPOINT = `http://127.0.0.1:${port}/msi/token`;
  process.env.IDENTITY_HEADER = IDENTITY_SECRET;
  return { close: () => new Promise((resolve) => void server.close(() => resolve())) };
}
