import { app, type HttpMethod } from '@azure/functions';
import { clouds } from './contract/clouds.ts';
import type { LogLine } from './contract/log-line.ts';
import type { Sources } from './evidence/gather.ts';
import { authLevelOf } from './functions/access.ts';
import type { World } from './functions/endpoint.ts';
import { handlerOf } from './functions/handler.ts';
import { kept } from './functions/kept.ts';
import { rateLimit } from './functions/rate-limit.ts';
import { routes } from './routes.ts';
import { readSettings } from './settings.ts';
import { issuersOf } from './trust/policies.ts';
import type { SnapshotPlace } from './trust/snapshot-place.ts';
import type { SnapshotStore } from './verify/snapshot-store.ts';
import { VERSION } from './version.ts';

const read = readSettings(process.env);
const { settings, faults, unknown } = read;
const now = () => new Date();

const sources = kept<Sources>(async () => {
  const { cloud, issuers, openOrigins, keysFreshSeconds: freshSeconds, snapshots: place, tenants } = settings;
  const [{ KeyCache }, { guardedPort }, { AzureReader }, snapshots] = await Promise.all([
    import('./verify/key-cache.ts'),
    import('./trust/guarded-port.ts'),
    import('./azure/azure-reader.ts'),
    place && snapshotsAt(place),
  ]);
  const port = guardedPort(openOrigins);
  const keys = new KeyCache({ port, now, freshSeconds, neverForgotten: issuersOf(settings), snapshots });
  const azure = new AzureReader({
    arm: settings.armEndpoint ?? clouds[cloud].armEndpoint,
    graph: settings.graphEndpoint ?? clouds[cloud].graphEndpoint,
    subscriptions: settings.subscriptions,
    credential: async () => await (await import('./trust/own-identity.ts')).ownIdentity(process.env),
    now,
  });
  return { keys, now, cloud, issuers, openOrigins, snapshots, azure, tenants };
});

async function snapshotsAt(place: SnapshotPlace): Promise<SnapshotStore> {
  const { BlobSnapshots } = await import('./verify/blob-snapshots.ts');
  const onFailure = (what: string) => log('error', { event: 'snapshots-failing', what });
  return new BlobSnapshots({ place, now, environment: process.env, onFailure });
}

const world: World = { ...read, routes, secondsToWait: rateLimit(settings.rateLimit, now), sources };
/** Every route takes every method, so that a wrong one is answered 405 and not the platform's 404. */
const methods: HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

// Bodies are small and the deciding routes must be quick: streaming would cost each request a second connection inside the
// platform. What it would bring, chunked bodies, is refused with an explanation instead.
app.setup({ enableHttpStream: false });

for (const route of routes) {
  app.http(route.name, {
    route: route.path,
    methods,
    authLevel: authLevelOf(route.access, settings),
    handler: handlerOf(route, world),
  });
}

const { REGION_NAME: region } = process.env;
log('log', {
  event: 'start',
  version: VERSION,
  ...(region && { region }),
  policies: Object.fromEntries([...settings.policies.values()].map(({ name, hash }) => [name, hash.slice(0, 16)])),
  cloud: settings.cloud,
  tenants: settings.tenants.length,
  subscriptions: settings.subscriptions.length,
  issuers: settings.issuers.length,
  openOrigins: [...settings.openOrigins],
  keysFreshSeconds: settings.keysFreshSeconds,
  snapshots: settings.snapshots?.kind ?? 'off',
  rateLimit: settings.rateLimit,
  openRoutes: [...settings.openRoutes],
  platformAuthentication: settings.platformAuthentication,
});
for (const fault of faults) log('error', { event: 'setting-invalid', ...fault });
for (const variable of unknown) log('error', { event: 'setting-unknown', variable });

/** What belongs to no request. */
function log(level: 'log' | 'error', line: LogLine): void {
  console[level](JSON.stringify(line));
}
