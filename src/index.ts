import { app, type HttpMethod } from '@azure/functions';
import type { Sources } from './evidence/gather.ts';
import { endpoint, type Route } from './functions/endpoint.ts';
import { readSettings, settingNames } from './settings.ts';

const { settings, faults } = readSettings(process.env);

/** Made at the first call that needs it, and kept: what it loads is most of the bundle. */
let sources: Promise<Sources> | undefined;
const loadSources = () => {
  sources ??= (async () => {
    const [{ KeyCache }, { guardedPort }] = await Promise.all([
      import('./verify/key-cache.ts'),
      import('./trust/guarded-port.ts'),
    ]);
    const now = () => new Date();
    return {
      keys: new KeyCache(guardedPort(settings.openOrigins), now, settings.keysFreshSeconds),
      now,
      cloud: settings.cloud,
      issuers: settings.issuers,
    };
  })().catch((error: unknown) => {
    // A chunk that failed to load once may load the next time.
    sources = undefined;
    throw error;
  });
  return sources;
};

/** Every route takes every method, so that a wrong one is answered 405 and not the platform's 404. */
const methods: HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

const serve = (name: string, path: string, authLevel: 'anonymous' | 'function', route: Route) =>
  app.http(name, { route: path, methods, authLevel, handler: endpoint(route, faults) });

// Bodies are small and the deciding routes must be quick: streaming would cost each request a second connection inside the
// platform. What it would bring, chunked bodies, is refused with an explanation instead.
app.setup({ enableHttpStream: false });

serve('analyzeToken', 'api/tokens/analyze', 'function', {
  methods: ['POST'],
  needs: settingNames,
  load: async () => (await import('./functions/analyze-token.ts')).analyzeToken(await loadSources()),
});

serve('listChecks', 'api/checks', 'function', {
  methods: ['GET', 'HEAD'],
  needs: [],
  load: async () => (await import('./functions/list-checks.ts')).listChecks,
});

serve('health', 'api/health', 'anonymous', {
  methods: ['GET', 'HEAD'],
  needs: [],
  load: async () => (await import('./functions/health.ts')).health,
});

for (const { setting, detail } of faults) {
  console.error(JSON.stringify({ event: 'setting-invalid', setting, detail }));
}
