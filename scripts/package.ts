import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { zipSync } from 'fflate';
import * as z from 'zod';
import { bundleInMemory } from './build.ts';
import { noticesOf } from './notices.ts';
import { packagesWithCode, sbomOf } from './sbom.ts';

/**
 * `npm run package`: what is deployed, in package/: the zip that Flex Consumption takes, the same files as a folder (app/), and
 * the packages whose code is in them (CycloneDX). The same commit gives the same bytes, whatever the folder, the time and its zone.
 */

/** What the platform reads of package.json. Nobody who runs `npm install` beside it installs anything. */
const DeployedManifest = z.object({
  name: z.string(),
  version: z.string(),
  type: z.string(),
  main: z.string(),
  engines: z.record(z.string(), z.string()),
});
const Manifest = DeployedManifest.extend({ license: z.string() });

/** The earliest that a zip can hold, which has local times without a zone. */
const ZIP_TIME = new Date(1980, 0, 1);
/** A plain file that all may read and its owner write, as Unix has it, in the upper half. */
const UNIX = 3;
const READABLE_FILE = 0o100644 * 0x1_0000;

export interface Package {
  zip: string;
  sbom: string;
  /** Of the zip, in hexadecimal. */
  sha256: string;
  zippedBytes: number;
  /** By path in the zip, in its order. */
  files: readonly { path: string; bytes: Uint8Array }[];
}

/** Writes the package of the project at `root` in place of what is in `outdir`, which stays as it is where there can be none. */
export async function writePackage(outdir = 'package', root = process.cwd()): Promise<Package> {
  const manifestText = readFileSync(join(root, 'package.json'), 'utf8');
  const { license, ...manifest } = Manifest.parse(JSON.parse(manifestText));
  const { name, version } = manifest;
  const { outputFiles, metafile } = await bundleInMemory(root);
  // Source maps stay here: `npm run build` of the same commit writes those that fit.
  const files = [
    { path: 'host.json', bytes: readFileSync(join(root, 'host.json')) },
    { path: 'dist/LICENSES.txt', bytes: new TextEncoder().encode(noticesOf(packagesWithCode(metafile), root)) },
    { path: 'package.json', bytes: new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`) },
    ...outputFiles
      .filter(({ path }) => path.endsWith('.js'))
      .map(({ path, contents }) => ({ path: relative(root, path).replaceAll('\\', '/'), bytes: contents })),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const zipped = zipSync(Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])), {
    level: 9,
    mtime: ZIP_TIME,
    os: UNIX,
    attrs: READABLE_FILE,
  });
  const sha256 = createHash('sha256').update(zipped).digest('hex');
  const sbom = sbomOf(metafile, root, { name, version, license, sha256 });

  rmSync(outdir, { recursive: true, force: true });
  const write = (path: string, content: Uint8Array | string): string => {
    const file = join(outdir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  for (const { path, bytes } of files) write(join('app', path), bytes);
  return {
    zip: write(`${name}-${version}.zip`, zipped),
    sbom: write(`${name}-${version}.cdx.json`, sbom),
    sha256,
    zippedBytes: zipped.length,
    files,
  };
}

if (import.meta.main) {
  const { zip, sbom, sha256, zippedBytes, files } = await writePackage().catch((error: Error) => {
    console.error(`No package: ${error.message}`);
    process.exit(1);
  });
  const unpackedBytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;
  for (const { path, bytes } of files) console.log(`${String(bytes.length).padStart(8)}  ${path}`);
  console.log(`${zip}: ${files.length} files, ${kib(unpackedBytes)}, zipped ${kib(zippedBytes)}`);
  console.log(`SHA-256 ${sha256}`);
  console.log(`SBOM ${sbom}`);
  console.log(`Deploy: az functionapp deployment source config-zip -g RESOURCE_GROUP -n APP --src ${zip}`);
}
