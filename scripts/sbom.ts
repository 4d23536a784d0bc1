import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { Metafile } from 'esbuild';
import * as z from 'zod';

const Lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
});
/** `licenses` is how package.json told a licence before npm 2; some packages still do. */
const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  licenses: z.array(z.object({ type: z.string() })).optional(),
});

export interface Product {
  name: string;
  version: string;
  license: string;
  /** SHA-256 of the package, in hexadecimal. */
  sha256: string;
}

/**
 * The packages whose code is in a bundle of the project at `root`, as CycloneDX 1.6 in JSON: version and hash as the lock file
 * holds them, licence as the package tells it, and which takes code from which. Without time, with a serial number out of
 * the package's hash, and sorted here, since the library sorts by the language of the machine: the same bundle gives the same text.
 */
export function sbomOf(metafile: Metafile, root: string, { name, version, license, sha256 }: Product): string {
  const lock = Lock.parse(readJson(root, 'package-lock.json'));
  const product = new Models.Component(Enums.ComponentType.Application, name, {
    bomRef: `${name}@${version}`,
    version,
    licenses: licences(license),
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], sha256]]),
  });
  const components = new Map<string, Models.Component>([[OWN, product]]);
  for (const folder of packagesWithCode(metafile)) {
    const component = npmComponent(folder, readJson(root, folder, 'package.json'), lock.packages[folder]);
    // The same version in two folders is one package.
    components.set(folder, [...components.values()].find(({ purl }) => purl === component.purl) ?? component);
  }
  const imports = Object.entries(metafile.inputs).flatMap(([file, input]) =>
    input.imports.flatMap(({ path, external }) =>
      external ? [] : [[packageFolder(file), packageFolder(path)] as const],
    ),
  );
  for (const [from, to] of imports.toSorted()) {
    const [importer, imported] = [components.get(from), components.get(to)];
    if (importer && imported) importer.dependencies.add(imported.bomRef);
  }
  components.delete(OWN);

  const bom = new Models.Bom({
    serialNumber: `urn:uuid:${uuidOf(sha256)}`,
    metadata: new Models.Metadata({ component: product }),
    components: new Models.ComponentRepository(components.values()),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: false, space: 2 })}\n`;
}

/** The folders of the packages whose code is in a bundle, as the lock file names them, in order. */
export function packagesWithCode(metafile: Metafile): string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? packageFolder(file) : []));
  return [...new Set(folders)].filter((folder) => folder !== OWN).toSorted();
}

/** In place of a folder, for files of the project itself. */
const OWN = '';
/** The folder of the package that a file lies in, as the lock file names it. */
const packageFolder = (file: string): string => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? OWN;

function npmComponent(
  folder: string,
  manifest: unknown,
  { version, integrity }: z.infer<typeof Lock>['packages'][string] = {},
): Models.Component {
  const { name: fullName, version: installed, license, licenses = [] } = Manifest.parse(manifest);
  if (version !== installed || integrity === undefined)
    throw new Error(`${folder} is not what package-lock.json names. Remove node_modules, then run npm ci.`);
  const [name = '', group] = fullName.split('/').reverse();
  const purl = `pkg:npm/${fullName.replace('@', '%40')}@${version}`;
  return new Models.Component(Enums.ComponentType.Library, name, {
    bomRef: purl,
    purl,
    ...(group !== undefined && { group }),
    version,
    licenses: licences(...(license === undefined ? licenses.map(({ type }) => type) : [license])),
    hashes: new Models.HashDictionary([Contrib.FromNodePackageJson.Utils.parsePackageIntegrity(integrity)]),
  });
}

/** By SPDX id where the text is one, else by name. */
const licences = (...texts: readonly string[]) =>
  new Models.LicenseRepository(texts.map((text) => licenceFactory.makeDisjunctive(text)));
const licenceFactory = new Contrib.License.Factories.LicenseFactory(() => {});

/** Version 8 of RFC 9562 (§5.8): bits of a hash around the places of version and variant. */
const uuidOf = (hash: string): string => hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');

const readJson = (...path: readonly string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));
