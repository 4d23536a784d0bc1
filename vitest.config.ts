import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineConfig } from 'vitest/config';
import { GUARD_RECORD } from './local/loopback-guard.ts';
import { SUITE_CANARY, SUITE_RECORD } from './test/suite-record.ts';

// Workers and whatever they start run under the guard. What it refuses, and what the product says in any of them, ends up in
// one folder that the reporter reads.
if (!process.env[SUITE_RECORD]) {
  const folder = mkdtempSync(join(tmpdir(), 'token-doctor-suite-'));
  process.env[SUITE_RECORD] = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
process.env[SUITE_CANARY] ??= `canary${randomBytes(8).toString('hex')}`;
process.env[GUARD_RECORD] ??= join(process.env[SUITE_RECORD], 'refused');
const preload = pathToFileURL(join(import.meta.dirname, 'test/preload.ts')).href;
if (!process.env.NODE_OPTIONS?.includes(preload))
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import ${preload}`.trim();

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build-once.ts'],
    reporters: ['default', './test/closing-line.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
