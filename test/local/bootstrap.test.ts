import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ChildOptions, child, finished, ROOT, temporaryFolder } from './child.ts';

/** The user `nobody`. */
const NOBODY = 65534;

/** In place of npm: no test may run the real one, which empties node_modules before it installs. */
const noNpm = join(temporaryFolder(afterAll), 'no-npm.cjs');
writeFileSync(noNpm, `console.log('a test called npm'); process.exit(1);`);

/** Without what an older Node or another user cannot load. */
const CLEAN = { NODE_OPTIONS: undefined, npm_execpath: noNpm };

type Packages = Record<string, { version?: string; optional?: boolean }>;

const LOCKED: Packages = {
  '': {},
  'node_modules/a': { version: '1.0.0' },
  'node_modules/a/node_modules/b': { version: '2.0.0' },
  'node_modules/for-another-platform': { version: '3.0.0', optional: true },
};
const { '': _root, 'node_modules/for-another-platform': _optional, ...COMPLETE } = LOCKED;

/** A clone of a small project: the real bootstrap, an invented lock file and what is installed of it. */
function clone(present: Packages | undefined): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'local'));
  copyFileSync(join(ROOT, 'local/bootstrap.cjs'), join(folder, 'local/bootstrap.cjs'));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: LOCKED }));
  if (present) install(folder, present);
  return folder;
}

function install(folder: string, present: Packages): void {
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: present }));
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
}

/** A program for Node in the clone. */
function script(folder: string, code: string): string {
  const file = join(folder, 'script.cjs');
  writeFileSync(file, code);
  return file;
}

const bootstrap = (folder: string, args: readonly string[], { env, ...rest }: ChildOptions = {}) =>
  finished(process.execPath, [join(folder, 'local/bootstrap.cjs'), ...args], { ...rest, env: { ...CLEAN, ...env } });

describe('on an old Node', () => {
  it.each(['18.20.8', '16.0.0', '0.12.18'])('%s, says in one line which is needed', async (version) => {
    const folder = clone(COMPLETE);
    const versions = JSON.stringify({ ...process.versions, node: version });
    const fake = script(folder, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
    const { code, lines } = await finished(process.execPath, ['-r', fake, join(folder, 'local/bootstrap.cjs'), fake], {
      env: CLEAN,
    });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/Node 20 .*nodejs\.org/)]);
    expect(lines[0]).toContain(version);
  });

  it('it is understood: the syntax is that of 2009', async () => {
    const code = readFileSync(join(ROOT, 'local/bootstrap.cjs'), 'utf8');
    expect((await transform(code, { target: 'es5' })).code).toBe((await transform(code, { target: 'esnext' })).code);
  });
});

describe('in a folder that cannot be written to', () => {
  it('says so in one line', async ({ skip }) => {
    const root = process.getuid?.() === 0;
    const who = root ? { uid: NOBODY, gid: NOBODY } : {};
    const folder = clone(COMPLETE);
    chmodSync(folder, 0o555);
    onTestFinished(() => chmodSync(folder, 0o755));
    const bin = [process.execPath, '/usr/bin/node', '/usr/local/bin/node'].find((node) => {
      const asked = spawnSync(node, ['-e', 'require("fs").readdirSync(process.argv[1])', folder], {
        ...who,
        cwd: '/',
        env: {},
      });
      return asked.status === 0;
    });
    if (bin === undefined) return skip('no Node here that another user may run in the temporary folder');

    const args = [join(folder, 'local/bootstrap.cjs'), 'script.cjs'];
    const { code, lines } = await finished(bin, args, { ...who, cwd: '/', env: CLEAN });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringContaining(folder)]);
  });
});

describe('with all packages there', () => {
  it('runs the script on the Node among them, without installing', async () => {
    const folder = clone(COMPLETE);
    const file = script(folder, `console.log(process.argv[0], process.cwd(), process.argv.slice(2).join())`);
    const { code, lines } = await bootstrap(folder, [file, '--flag', 'with space'], { cwd: '/' });
    expect(code).toBe(0);
    expect(lines).toEqual([`${process.execPath} ${folder} --flag,with space`]);
  });

  it('knows the lock file and the packages of this repository', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'local'));
    install(folder, {});
    // Copies, not a link to the packages: were they found wanting, installing would reach them through it.
    for (const file of ['local/bootstrap.cjs', 'package-lock.json', 'node_modules/.package-lock.json'])
      copyFileSync(join(ROOT, file), join(folder, file));
    const { code, lines } = await bootstrap(folder, [script(folder, `console.log('ran')`)]);
    expect({ code, lines }).toEqual({ code: 0, lines: ['ran'] });
  });

  it.each([0, 1, 7])('passes on the exit code %i', async (status) => {
    const folder = clone(COMPLETE);
    expect((await bootstrap(folder, [script(folder, `process.exit(${status})`)])).code).toBe(status);
  });

  const started = async (code: string) => {
    const folder = clone(COMPLETE);
    const running = child(process.execPath, [join(folder, 'local/bootstrap.cjs'), script(folder, code)], {
      env: CLEAN,
    });
    onTestFinished(() => void running.process.kill('SIGKILL'));
    await expect.poll(running.output, { timeout: 10_000 }).toContain('up');
    return running;
  };
  const STAYS = `setTimeout(() => {}, 20_000); console.log('up');`;

  it.each(['SIGTERM', 'SIGHUP'] as const)('passes on %s', async (signal) => {
    const running = await started(`process.on('${signal}', () => { console.log('told'); process.exit(3); }); ${STAYS}`);
    running.process.kill(signal);
    expect(await running.ended).toBe(3);
    expect(running.output()).toContain('told');
  });

  it('ends with a failure when a signal ended the script', async () => {
    const running = await started(STAYS);
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(143);
  });

  it('leaves Ctrl+C to the script, which the terminal tells it too', async () => {
    const running = await started(`process.on('SIGTERM', () => process.exit(4)); ${STAYS}`);
    running.process.kill('SIGINT');
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(4);
  });

  it('says in one line that the package of Node is empty', async () => {
    const folder = clone(undefined);
    mkdirSync(join(folder, 'node_modules'));
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: COMPLETE }));
    const { code, lines } = await bootstrap(folder, ['script.cjs']);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/install-scripts approve node/)]);
  });
});

describe('with packages missing', () => {
  /** An npm that notes how it was called and does what the code says. */
  const fakeNpm = (folder: string, code: string) => {
    const file = join(folder, 'npm.cjs');
    writeFileSync(file, `require('fs').writeFileSync('called', process.argv.slice(2).join(' '));\n${code}`);
    return file;
  };
  const called = (folder: string) => readFileSync(join(folder, 'called'), 'utf8');

  it.each<[string, Packages | undefined]>([
    ['none', undefined],
    ['all but one', { 'node_modules/a': { version: '1.0.0' } }],
    ['one in another version', { ...COMPLETE, 'node_modules/a': { version: '1.0.1' } }],
  ])('where there are %s, installs what the lock file names and runs the script', async (_case, present) => {
    const folder = clone(present);
    const spare = clone(COMPLETE);
    const from = JSON.stringify(join(spare, 'node_modules'));
    const npm = fakeNpm(folder, `require('fs').cpSync(${from}, 'node_modules', { recursive: true, force: true });`);
    const { code, lines } = await bootstrap(folder, [script(folder, `console.log('ran')`)], {
      cwd: '/',
      env: { npm_execpath: npm },
    });
    expect(code).toBe(0);
    expect(lines).toEqual([expect.stringMatching(/^Installing/), expect.stringMatching(/^Installed/), 'ran']);
    expect(called(folder)).toMatch(/^ci\b/);
  });

  it('installs nothing through a link, which would empty the folder it leads to', async () => {
    const [folder, spare] = [clone(undefined), clone({})];
    symlinkSync(join(spare, 'node_modules'), join(folder, 'node_modules'));
    const npm = fakeNpm(folder, '');
    const { code, lines } = await bootstrap(folder, ['script.cjs'], { env: { npm_execpath: npm } });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/node_modules is a link/)]);
  });

  it('says in one line that there is no lock file', async () => {
    const folder = clone(undefined);
    rmSync(join(folder, 'package-lock.json'));
    const { code, lines } = await bootstrap(folder, ['script.cjs'], { env: { npm_execpath: fakeNpm(folder, '') } });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/package-lock\.json/)]);
  });

  it('says in one line that installing failed', async () => {
    const folder = clone(undefined);
    const npm = fakeNpm(folder, `console.error('npm error: the reason'); process.exit(1);`);
    const { code, lines } = await bootstrap(folder, ['script.cjs'], { env: { npm_execpath: npm } });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^Installing packages \(/),
      'npm error: the reason',
      expect.stringMatching(/^Installing packages failed/),
    ]);
    expect(called(folder)).toMatch(/^ci\b/);
  });

  it('takes the npm on the PATH when npm did not start it', async () => {
    const folder = clone(undefined);
    writeFileSync(join(folder, 'npm'), '#!/bin/sh\necho "npm was called: $*"\nexit 1\n', { mode: 0o755 });
    const { code, lines } = await bootstrap(folder, ['script.cjs'], {
      env: { npm_execpath: undefined, PATH: folder },
    });
    expect(code).toBe(1);
    expect(lines[1]).toMatch(/^npm was called: ci\b/);
  });
});
