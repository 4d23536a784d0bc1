import { rmSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * Bundles src/index.ts into dist/: one entry and a chunk for each lazy import, nothing to install at the target.
 * `@azure/functions-core` is no npm package: the Functions worker supplies it at run time through `require`, which an ES
 * module has to be given. The banner's names are long, since the minifier does not see them and its own are short.
 */
export async function buildBundle(outdir = 'dist', root = process.cwd()): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ['src/index.ts'],
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    splitting: true,
    minify: true,
    sourcemap: 'linked',
    external: ['@azure/functions-core'],
    logLevel: 'warning',
    banner: {
      js: "import{createRequire as tokenDoctorCreateRequire}from'node:module';const require=tokenDoctorCreateRequire(import.meta.url);",
    },
  });
}

if (import.meta.main) await buildBundle();
