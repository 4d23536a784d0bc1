import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Which rooms of src/ each room may import from, besides itself. This table is the architecture. */
const mayImport: Record<string, readonly string[]> = {
  contract: [],
  trust: ['contract'],
  verify: ['contract', 'trust'],
  azure: ['contract'],
  evidence: ['contract', 'trust', 'verify', 'azure'],
  checks: ['contract'],
  report: ['contract'],
  functions: ['contract', 'trust', 'verify', 'evidence', 'checks', 'report', 'settings.ts', 'version.ts'],
};

/** Packages and platform modules each room may use. */
const mayUse: Record<string, readonly string[]> = {
  contract: ['node:crypto', 'zod'],
  trust: ['@azure/identity', 'node:crypto', 'node:dns', 'node:http', 'node:https', 'node:net', 'node:zlib', 'zod'],
  verify: ['@azure/storage-blob', 'jose', 'jwks-rsa', 'node:crypto', 'node:timers/promises', 'zod'],
  azure: ['@azure/arm-containerservice', '@azure/arm-msi', '@azure/core-rest-pipeline', '@azure/identity', 'p-limit'],
  evidence: ['node:crypto', 'node:timers/promises'],
  checks: [],
  report: [],
  functions: ['@azure/functions', 'negotiator', 'node:crypto', 'zod'],
};

const filesOf = (room: string) =>
  readdirSync(join('src', room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(room, file));
const importsOf = (file: string) =>
  [...readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, path]) => path!);

describe('layout', () => {
  it.each(Object.entries(mayImport))('src/%s imports only the rooms it may', (room, allowed) => {
    const reached = filesOf(room).flatMap((file) =>
      importsOf(file)
        .filter((path) => path.startsWith('.'))
        .map((path) => normalize(join(file, '..', path)).split(sep)[0]),
    );
    expect([room, ...allowed]).toEqual(expect.arrayContaining(reached));
  });

  it.each(Object.entries(mayUse))('src/%s uses only the packages it may', (room, allowed) => {
    const used = filesOf(room).flatMap((file) => importsOf(file).filter((path) => !path.startsWith('.')));
    expect(allowed).toEqual(expect.arrayContaining(used));
  });

  it('has no room beside those in the table', () => {
    const rooms = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map(({ name }) => name).toSorted()).toEqual(Object.keys(mayImport).toSorted());
  });

  it('keeps checks pure: no clock, no randomness, no waiting, no logging', () => {
    for (const file of filesOf('checks')) {
      expect(readFileSync(join('src', file), 'utf8')).not.toMatch(
        /Date\.now|new Date\(\)|Math\.random|\basync\b|\bawait\b|console\.|process\./,
      );
    }
  });

  it('imports nothing of local/, test/ or scripts/ into the product', () => {
    for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    )) {
      expect(importsOf(file).filter((path) => /(?:^|\/)(?:local|test|scripts|bench)\//.test(path))).toEqual([]);
    }
  });
});
