import { rmSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';

/**
 * Bundles src/index.ts: one entry and a chunk for each lazy import, nothing to install at the target.
 * `@azure/functions-core` is no npm package: the Functions worker supplies it at run time through `require`, which an ES
 * module has to be given. The banner's names are long, since the minifier does not see them and its own are short.
 */
const bundleOf = (root: string, outdir: string) =>
  ({
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
  }) satisfies BuildOptions;

/** Writes the bundle of the project at `root` in place of what is in `outdir`. */
export async function buildBundle(outdir = 'dist', root = process.cwd()): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  await build(bundleOf(root, outdir));
}

/**
 * The bundle as `npm run build` writes it to dist/, in memory, and what it was made of. Names of chunks hang on the folder
 * that they are for, so it is the same one always.
 */
export const bundleInMemory = (root: string) => build({ ...bundleOf(root, 'dist'), write: false, metafile: true });

if (import.meta.main) await buildBundle();
