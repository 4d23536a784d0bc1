import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineConfig } from 'vitest/config';
import { GUARD_RECORD } from './local/loopback-guard.ts';

// Workers and whatever they start run under the guard, and what it refuses ends up in one file that the reporter reads.
process.env[GUARD_RECORD] ??= join(mkdtempSync(join(tmpdir(), 'token-doctor-guard-')), 'refused');
const preload = pathToFileURL(join(import.meta.dirname, 'test/guard-preload.ts')).href;
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
