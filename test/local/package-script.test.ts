import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { finished, ROOT, temporaryFolder } from './child.ts';

describe('npm run package', () => {
  const integrity = `sha512-${Buffer.alloc(64).toString('base64')}`;
  /** A project of one file and one package, which takes `changes` in place of what it has; undefined takes a file away. */
  const project = (changes: Readonly<Record<string, object | string | undefined>>) => {
    const cwd = temporaryFolder();
    const installed = { name: 'b', version: '1.0.0', license: 'MIT' };
    const content = {
      'package.json': { ...installed, name: 'a', type: 'module', main: 'dist/index.js', engines: { node: '>=22' } },
      'package-lock.json': { packages: { 'node_modules/b': { version: '1.0.0', integrity } } },
      'host.json': {},
      'src/index.ts': "import 'b';",
      'node_modules/b/package.json': installed,
      'node_modules/b/index.js': 'console.log();',
      'package/a-1.0.0.zip': 'of before',
      ...changes,
    };
    for (const [path, text] of Object.entries(content)) {
      if (text === undefined) continue;
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), typeof text === 'string' ? text : JSON.stringify(text));
    }
    return cwd;
  };
  const run = (cwd: string) => finished(process.execPath, [join(ROOT, 'scripts/package.ts')], { cwd });

  const other = (entry: object) => ({ 'package-lock.json': { packages: { 'node_modules/b': entry } } });
  const notLocked = /^No package: node_modules\/b is not what package-lock\.json names\. Remove node_modules.* npm ci/;

  it.each([
    ['another version than the lock file names', other({ version: '2.0.0', integrity }), notLocked],
    ['no hash in the lock file', other({ version: '1.0.0' }), notLocked],
    ['a package that the lock file does not name', { 'package-lock.json': { packages: {} } }, notLocked],
    ['no host.json', { 'host.json': undefined }, /^No package: ENOENT.*host\.json'/],
    ['no lock file', { 'package-lock.json': undefined }, /^No package: ENOENT.*package-lock\.json'/],
  ])('says in one line why there can be none and leaves the one of before: %s', async (_case, changes, line) => {
    const cwd = project(changes);
    expect(await run(cwd)).toMatchObject({ code: 1, lines: [expect.stringMatching(line)] });
    expect(readdirSync(join(cwd, 'package'))).toEqual(['a-1.0.0.zip']);
    expect(readFileSync(join(cwd, 'package/a-1.0.0.zip'), 'utf8')).toBe('of before');
  });

  it('names packages with their scope, each once, without those that nothing is taken of, and who takes what', async () => {
    const c = { name: '@s/c', version: '2.0.0', license: 'MIT' };
    const unused = { name: 'unused', version: '1.0.0', license: 'MIT', sideEffects: false };
    const locked = (version: string) => ({ version, integrity });
    const cwd = project({
      'package-lock.json': {
        packages: {
          'node_modules/b': locked('1.0.0'),
          'node_modules/b/node_modules/@s/c': locked('2.0.0'),
          'node_modules/@s/c': locked('2.0.0'),
          'node_modules/unused': locked('1.0.0'),
        },
      },
      'src/index.ts': "import 'b'; import '@s/c'; import { x } from 'unused';",
      'node_modules/b/index.js': "import './own.js'; import '@s/c'; import { log } from 'node:console'; log();",
      'node_modules/b/own.js': 'console.log(1);',
      'node_modules/b/node_modules/@s/c/package.json': c,
      'node_modules/b/node_modules/@s/c/index.js': 'console.log(2);',
      'node_modules/@s/c/package.json': c,
      'node_modules/@s/c/index.js': 'console.log(3);',
      'node_modules/unused/package.json': unused,
      'node_modules/unused/index.js': 'export const x = 4;',
    });
    expect((await run(cwd)).code).toBe(0);
    const { components, dependencies } = JSON.parse(readFileSync(join(cwd, 'package/a-1.0.0.cdx.json'), 'utf8'));
    const [purlOfB, purlOfC] = ['pkg:npm/b@1.0.0', 'pkg:npm/%40s/c@2.0.0'];
    expect(components).toEqual([
      expect.objectContaining({ group: '@s', name: 'c', version: '2.0.0', purl: purlOfC }),
      expect.objectContaining({ name: 'b', version: '1.0.0', purl: purlOfB }),
    ]);
    expect(dependencies).toEqual([
      { ref: 'a@1.0.0', dependsOn: [purlOfC, purlOfB] },
      { ref: purlOfC },
      { ref: purlOfB, dependsOn: [purlOfC] },
    ]);
  });

  it('leaves nothing of an earlier one else', async () => {
    const cwd = project({ 'package/app/local.settings.json': {}, 'package/app/dist/old.js': '', 'dist/old.js': '' });
    expect(await run(cwd)).toMatchObject({ code: 0 });
    const zip = unzipSync(readFileSync(join(cwd, 'package/a-1.0.0.zip')));
    expect(Object.keys(zip)).toEqual(['dist/LICENSES.txt', 'dist/index.js', 'host.json', 'package.json']);
    expect(readdirSync(join(cwd, 'package/app'))).toEqual(['dist', 'host.json', 'package.json']);
    expect(readdirSync(join(cwd, 'package/app/dist'))).toEqual(['LICENSES.txt', 'index.js']);
  });
});
