import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../src/version.ts';
import { child } from './local/child.ts';
import { NO_SETTINGS } from './local/server.ts';

const manifest: { version: string; main: string; type: string } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Loads the built entry in a process of its own, through the local host, and prints what it registered. */
async function registrations(env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const script = `
    const { startFunctionsHost } = await import(${JSON.stringify(pathToFileURL('local/functions-host.ts').href)});
    const host = await startFunctionsHost({ entry: ${JSON.stringify(manifest.main)}, port: 0, routePrefix: '', log: () => {} });
    console.log(JSON.stringify(host.functions.toSorted((a, b) => (a.name < b.name ? -1 : 1))));
    await host.close();
  `;
  const loaded = child(process.execPath, ['--input-type=module', '-e', script], { env: { ...NO_SETTINGS, ...env } });
  expect(await loaded.ended).toBe(0);
  return JSON.parse(loaded.output().trim().split('\n').at(-1) ?? '');
}

const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

const paths = {
  analyzeToken: 'api/tokens/analyze',
  health: 'api/health',
  introspectToken: 'api/introspect',
  listChecks: 'api/checks',
  openapi: 'api/openapi.json',
  readiness: 'api/health/ready',
  validateKey: 'api/keys/validate',
  verifyFederation: 'api/federation/verify',
};

describe('the built entry', () => {
  const registered = (levels: Record<string, string>) =>
    Object.entries(paths).map(([name, route]) => ({
      name,
      route,
      methods: everyMethod,
      authLevel: levels[name] ?? 'function',
    }));

  it('registers exactly these functions', async () => {
    expect(await registrations()).toEqual(registered({ health: 'anonymous', readiness: 'anonymous' }));
  });

  it('opens by setting what may be opened, and nothing else', async () => {
    expect(await registrations({ TOKEN_DOCTOR_OPEN_ROUTES: 'openapi' })).toEqual(
      registered({ health: 'anonymous', readiness: 'anonymous', openapi: 'anonymous' }),
    );
  });

  it('drops the keys of diagnosis where the platform authenticates, and keeps those of decisions', async () => {
    const open = {
      analyzeToken: 'anonymous',
      listChecks: 'anonymous',
      openapi: 'anonymous',
      validateKey: 'anonymous',
      verifyFederation: 'anonymous',
    };
    expect(await registrations({ WEBSITE_AUTH_ENABLED: 'True' })).toEqual(
      registered({ ...open, health: 'anonymous', readiness: 'anonymous', introspectToken: 'function' }),
    );
    expect(await registrations({ WEBSITE_AUTH_ENABLED: 'False' })).toEqual(
      registered({ health: 'anonymous', readiness: 'anonymous' }),
    );
  });

  it('loads every lazy chunk', async () => {
    const chunks = readdirSync('dist').filter((file) => file.endsWith('.js') && file !== 'index.js');
    expect(chunks.length).toBeGreaterThan(3);
    const imports = chunks
      .map((file) => `await import(${JSON.stringify(pathToFileURL(`dist/${file}`).href)});`)
      .join('\n');
    const loaded = child(process.execPath, ['--input-type=module', '-e', `${imports}\nconsole.log('all loaded');`]);
    expect([await loaded.ended, loaded.output()]).toEqual([0, 'all loaded\n']);
  });

  it('needs nothing installed: every import is a file of dist/ or of Node', () => {
    for (const file of readdirSync('dist').filter((name) => name.endsWith('.js'))) {
      const text = readFileSync(`dist/${file}`, 'utf8');
      const imported = [...text.matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[\w${},*\s]+?from)?\s*"([^"]+)"/g)].map(
        ([, path]) => path!,
      );
      expect(
        imported.filter(
          (path) => !path.startsWith('./') && !path.startsWith('node:') && !builtinModules.includes(path),
        ),
      ).toEqual([]);
    }
  });

  it('has the version of package.json', () => {
    expect(VERSION).toBe(manifest.version);
  });

  it('knows nothing of the sandbox', () => {
    for (const file of readdirSync('dist').filter((name) => name.endsWith('.js'))) {
      expect(readFileSync(`dist/${file}`, 'utf8')).not.toMatch(/sandbox/i);
    }
  });
});
