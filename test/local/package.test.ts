import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { GUARD_RECORD } from '../../local/loopback-guard.ts';
import { bundleInMemory } from '../../scripts/build.ts';
import { type Package, writePackage } from '../../scripts/package.ts';
import { SUITE_RECORD } from '../suite-record.ts';
import { finished, ROOT, temporaryFolder } from './child.ts';
import { NO_SETTINGS } from './server.ts';

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));
const manifest: { name: string; version: string; dependencies: Record<string, string> } = readJson('package.json');

/** The nearest folder above a file whose package.json has a version. */
function packageOf(file: string): string {
  const above = dirname(file);
  const manifest = join(above, 'package.json');
  return existsSync(manifest) && readJson(manifest).version !== undefined ? above : packageOf(above);
}

/** Thousands of files are copied, on a machine that does other things as well. */
const COPYING_MS = 90_000;

let folder: string;
let packaged: Package;
let entries: Record<string, Uint8Array>;
/** The folders of the packages whose code is in the bundle. */
let folders: string[];
beforeAll(async () => {
  const { metafile } = await bundleInMemory(ROOT);
  const used = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const files = used.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? file : []));
  folders = [...new Set(files.map(packageOf))].filter((path) => path !== '.');
  folder = temporaryFolder(afterAll);
  packaged = await writePackage(folder, ROOT);
  entries = unzipSync(readFileSync(packaged.zip));
});

describe('the package', () => {
  it('holds the scripts of dist/ as they are, host.json, package.json and the licences, and nothing else', () => {
    const scripts = readdirSync('dist').filter((file) => file.endsWith('.js'));
    expect(Object.keys(entries)).toEqual(
      [...scripts.map((file) => `dist/${file}`), 'dist/LICENSES.txt', 'host.json', 'package.json'].toSorted(),
    );
    for (const file of scripts) expect(Buffer.from(entries[`dist/${file}`]!)).toEqual(readFileSync(`dist/${file}`));
    expect(Buffer.from(entries['host.json']!)).toEqual(readFileSync('host.json'));
  });

  it('has a package.json that installs nothing and runs nothing', () => {
    expect(JSON.parse(Buffer.from(entries['package.json']!).toString())).toEqual({
      name: 'token-doctor',
      version: manifest.version,
      type: 'module',
      main: 'dist/index.js',
      engines: { node: '>=22' },
    });
  });

  it('keeps the licence and the notice of each package whose code it holds, and its own', () => {
    const text = Buffer.from(entries['dist/LICENSES.txt']!).toString();
    const roots = folders.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
    for (const path of ['.', ...roots]) {
      const texts = readdirSync(path).filter((file) => /^(licen[cs]e|notice)/i.test(file));
      // Some packages only name their licence.
      if (texts.length === 0) expect(text).toContain(`Licence: ${readJson(path, 'package.json').license}.`);
      for (const file of texts)
        expect(text).toContain(readFileSync(join(path, file), 'utf8').replaceAll('\r\n', '\n').trim());
      const { name, version } = readJson(path, 'package.json');
      if (path !== '.') expect(text.split('\n')).toContain(`${name} ${version}`);
    }
    expect(text).toContain('Apache Arrow JavaScript\nCopyright');
  });

  it('tells Linux that each file is a plain one that all may read', () => {
    const zip = readFileSync(packaged.zip);
    // A header of the central directory: signature, version and system made by, attributes in the upper half (APPNOTE 4.3.12).
    const CENTRAL = Buffer.from('PK\u0001\u0002');
    const headers: Buffer[] = [];
    for (let at = zip.indexOf(CENTRAL); at !== -1; at = zip.indexOf(CENTRAL, at + 1)) headers.push(zip.subarray(at));
    const UNIX = 3;
    expect(headers.map((header) => ({ system: header[5], mode: header.readUInt16LE(40).toString(8) }))).toEqual(
      Object.keys(entries).map(() => ({ system: UNIX, mode: '100644' })),
    );
  });

  it('is there as a folder too, which azd makes and uploads', () => {
    expect(parse(readFileSync('azure.yaml', 'utf8')).services.api).toMatchObject({
      project: '.',
      dist: 'package/app',
      remoteBuild: false,
      hooks: { prepackage: { run: 'npm run package' } },
    });
    const app = join(folder, 'app');
    const files = readdirSync(app, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const content = files.map(({ parentPath, name }) => join(parentPath, name));
    expect(content.map((file) => relative(app, file)).toSorted()).toEqual(Object.keys(entries));
    for (const file of content) expect(readFileSync(file)).toEqual(Buffer.from(entries[relative(app, file)]!));
  });

  it(
    'has the same bytes from another folder, at another time, in another zone, language and under another umask',
    async () => {
      const elsewhere = join(temporaryFolder(), 'a clone');
      const installed = folders.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
      const unread = /\.d\.[cm]?ts(?:\.map)?$|\/(?:browser|react-native|workerd)$/;
      for (const path of new Set([
        'package-lock.json',
        'package.json',
        'LICENSE',
        'host.json',
        'tsconfig.json',
        'src',
        ...installed,
      ]))
        cpSync(path, join(elsewhere, path), { recursive: true, filter: (file) => !unread.test(file) });
      const { code, lines, output } = await finished(
        'sh',
        ['-c', 'umask 077; exec "$0" "$@"', process.execPath, join(ROOT, 'scripts/package.ts')],
        { cwd: elsewhere, env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'et_EE.UTF-8' } },
      );
      expect({ code, output }).toMatchObject({
        code: 0,
        output: expect.stringContaining(`SHA-256 ${packaged.sha256}`),
      });
      for (const file of [packaged.zip, packaged.sbom])
        expect(readFileSync(join(elsewhere, 'package', relative(folder, file)))).toEqual(readFileSync(file));
      expect(lines.at(-1)).toMatch(/^Deploy: az functionapp deployment source config-zip .*--src package\/\S+\.zip$/);
    },
    COPYING_MS,
  );
});

describe('its SBOM', () => {
  interface Component {
    purl: string;
    'bom-ref': string;
    licenses: { license: { id?: string } }[];
    hashes: { alg: string; content: string }[];
  }
  let text: string;
  let bom: {
    serialNumber: string;
    metadata: { component: Component };
    components: Component[];
    dependencies: { ref: string; dependsOn?: string[] }[];
  };
  beforeAll(() => {
    text = readFileSync(packaged.sbom, 'utf8');
    bom = JSON.parse(text);
  });

  const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

  it('is valid CycloneDX 1.6', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"library"', '"bookshelf"'))).not.toBeNull();
  });

  it('has a serial number, which attestations ask for, of the zip', () => {
    expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(bom.serialNumber).toContain(packaged.sha256.slice(0, 8));
  });

  it('names each package whose code is in the bundle once, and no other', () => {
    const inBundle = folders.map((path) => {
      const { name, version } = readJson(path, 'package.json');
      return purlOf(name, version);
    });
    expect(bom.components.map(({ purl }) => purl).toSorted()).toEqual([...new Set(inBundle)].toSorted());
  });

  it('tells of each its licence by SPDX id and the hash in the lock file', () => {
    const { packages } = readJson('package-lock.json');
    const locked = Object.values<{ integrity?: string }>(packages).map(({ integrity }) => integrity);
    for (const { licenses, hashes } of bom.components) {
      expect(licenses).toEqual([{ license: { id: expect.any(String) } }]);
      expect(locked).toContain(`sha512-${Buffer.from(hashes[0]!.content, 'hex').toString('base64')}`);
    }
  });

  it('is about this zip, which takes code from what package.json names', () => {
    const sha256 = createHash('sha256').update(readFileSync(packaged.zip)).digest('hex');
    const { component } = bom.metadata;
    expect(component).toMatchObject({
      name: manifest.name,
      version: manifest.version,
      hashes: [{ alg: 'SHA-256', content: sha256 }],
    });
    const direct = bom.dependencies.find(({ ref }) => ref === component['bom-ref'])?.dependsOn;
    expect(direct).toEqual(Object.entries(manifest.dependencies).map(([name, version]) => purlOf(name, version)));
  });
});

describe('scripts/smoke.ts', () => {
  const smoke = (zip: string, env: NodeJS.ProcessEnv = {}) =>
    finished(process.execPath, ['scripts/smoke.ts', zip], { env: { ...NO_SETTINGS, ...env } });

  it('finds every route answering, with nothing of the project around it', async () => {
    const { code, lines } = await smoke(packaged.zip);
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatch(/: 8 routes and \d{3} stories, served from the package$/);
  });

  it.each([
    ['has no host.json', 'host.json', {}],
    [
      'has a main that is not there',
      'package.json',
      { 'package.json': Buffer.from('{"type":"module","main":"dist/main.js"}') },
    ],
  ])('is red for a package that %s', async (_case, without, added) => {
    const zip = join(temporaryFolder(), 'faulty.zip');
    const kept = Object.entries(entries).filter(([path]) => path !== without);
    writeFileSync(zip, zipSync({ ...Object.fromEntries(kept), ...added }));
    expect((await smoke(zip, { [SUITE_RECORD]: '' })).code).toBe(1);
  });

  it('is red for a package that lacks a part, one that calls out, and one that takes code from elsewhere, even where it does without', async () => {
    const zip = join(folder, 'faulty.zip');
    const kept = Object.entries(entries).filter(([path]) => !/^dist\/(?:health|junit)-/.test(path));
    // One check answers under another name.
    const renamed = kept.map(([path, bytes]) => {
      const text = Buffer.from(bytes).toString().replaceAll('token-expired', 'token-too-old');
      return [path, Buffer.from(text)] as const;
    });
    const code = {
      'dist/broken.js': "throw new Error('broken');",
      'dist/calls.js':
        "import { connect } from 'node:net'; try { connect(443, '192.0.2.1').on('error', () => {}); } catch {}",
      'dist/imports.js': "import 'zod';",
      'dist/requires.js':
        "import { createRequire } from 'node:module'; try { createRequire(import.meta.url)('jose'); } catch {}",
    };
    const added = Object.entries(code).map(([path, text]) => [path, Buffer.from(text)] as const);
    writeFileSync(zip, zipSync(Object.fromEntries([...renamed, ...added])));
    const result = await smoke(zip, { [SUITE_RECORD]: '', [GUARD_RECORD]: '' });
    expect(result.code).toBe(1);
    expect(result.output).toMatch(/Fault: health does not answer/);
    expect(result.output).toMatch(/Fault: .*: expected .*token-expired.*, reported .*token-too-old/);
    expect(result.output).toMatch(/Fault: analysis as application\/junit\+xml is answered 500/);
    expect(result.output).toMatch(/Fault: Error: broken/);
    expect(result.output).toMatch(/Fault: it tried to leave this machine, .*192\.0\.2\.1/);
    expect(result.output).toMatch(/Fault: it takes zod from elsewhere/);
    expect(result.output).toMatch(/Fault: it takes jose from elsewhere/);
  });
});
