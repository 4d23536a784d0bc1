import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../src/version.ts';
import { child } from './local/child.ts';

const manifest: { version: string; main: string; type: string } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Loads the built entry in a process of its own, through the local host, and prints what it registered. */
async function registrations(): Promise<unknown> {
  const script = `
    const { startFunctionsHost } = await import(${JSON.stringify(pathToFileURL('local/functions-host.ts').href)});
    const host = await startFunctionsHost({ entry: ${JSON.stringify(manifest.main)}, port: 0, routePrefix: '', log: () => {} });
    console.log(JSON.stringify(host.functions.toSorted((a, b) => (a.name < b.name ? -1 : 1))));
    await host.close();
  `;
  const loaded = child(process.execPath, ['--input-type=module', '-e', script]);
  expect(await loaded.ended).toBe(0);
  return JSON.parse(loaded.output());
}

const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

describe('the built entry', () => {
  it('registers exactly these functions', async () => {
    expect(await registrations()).toEqual([
      { name: 'analyzeToken', route: 'api/tokens/analyze', methods: everyMethod, authLevel: 'function' },
      { name: 'health', route: 'api/health', methods: everyMethod, authLevel: 'anonymous' },
      { name: 'listChecks', route: 'api/checks', methods: everyMethod, authLevel: 'function' },
    ]);
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
        imported.filter((path) => !path.startsWith('./') && !path.startsWith('node:') && !builtin.includes(path)),
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

const builtin = ['module', 'crypto', 'stream', 'http', 'https', 'util', 'buffer', 'url'];
