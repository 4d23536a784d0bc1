import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GUARD_RECORD } from '../../local/loopback-guard.ts';
import { type ChildOptions, finished, ROOT, temporaryFolder } from './child.ts';

const script = (name: string, args: readonly string[], options: ChildOptions) =>
  finished(process.execPath, [join(ROOT, 'scripts', name), ...args], options);

describe('scripts/docs.ts', () => {
  const folderWith = (page?: string) => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'docs'));
    if (page !== undefined) writeFileSync(join(cwd, 'docs/checks.md'), page);
    return cwd;
  };

  it('writes pages that its own --check accepts', async () => {
    const cwd = folderWith();
    expect(await script('docs.ts', [], { cwd })).toMatchObject({ code: 0, output: '' });
    expect(await script('docs.ts', ['--check'], { cwd })).toMatchObject({ code: 0, output: '' });
    expect(readFileSync(join(cwd, 'docs/checks.md'), 'utf8')).toMatch(/^## audience-not-accepted$/m);
  });

  it.each([
    ['old', '# Checks\n'],
    ['missing', undefined],
  ])('--check names a page that is %s, and leaves it', async (_case, page) => {
    const cwd = folderWith(page);
    const { code, lines } = await script('docs.ts', ['--check'], { cwd });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/docs\/checks\.md.*npm run docs/)]);
    if (page !== undefined) expect(readFileSync(join(cwd, 'docs/checks.md'), 'utf8')).toBe(page);
  });
});

describe('scripts/check.ts', () => {
  /** The programs of the steps, in their order. */
  const programs = [
    'node_modules/@biomejs/biome/bin/biome',
    'node_modules/typescript/bin/tsc',
    'node_modules/knip/bin/knip.js',
    'scripts/build.ts',
    'scripts/docs.ts',
    'node_modules/vitest/vitest.mjs',
  ];

  /** Runs all steps with programs that only say their name, of which one may fail. */
  const check = (failing?: string) => {
    const cwd = temporaryFolder();
    for (const program of programs) {
      mkdirSync(dirname(join(cwd, program)), { recursive: true });
      const status = program === failing ? 1 : 0;
      writeFileSync(join(cwd, program), `console.log('said by ${program}'); process.exit(${status});`);
    }
    return script('check.ts', [], { cwd });
  };

  it('says each step and ends with what the tests say', async () => {
    const { code, lines } = await check();
    expect(code).toBe(0);
    expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(programs.length - 1);
    expect(lines.at(-1)).toBe('said by node_modules/vitest/vitest.mjs');
  });

  it.each(programs)('ends red at %s, with its output', async (program) => {
    const { code, output, lines } = await check(program);
    expect(code).toBe(1);
    expect(output).toContain(`said by ${program}`);
    expect(lines.at(-1)).toMatch(/^✗ .*failed/);
    expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(programs.indexOf(program));
  });
});

describe('scripts/start-func.ts', () => {
  /** It builds, which must not happen under the other tests. */
  const folderToBuildIn = () => {
    const cwd = temporaryFolder();
    symlinkSync(join(ROOT, 'src'), join(cwd, 'src'));
    return cwd;
  };

  it('starts func on the built entry and passes on its exit code', async () => {
    const cwd = folderToBuildIn();
    writeFileSync(join(cwd, 'func'), '#!/bin/sh\necho "func $*"; ls dist/index.js; exit 5\n', { mode: 0o755 });
    const env = { PATH: `${cwd}${delimiter}${process.env.PATH}` };
    expect(await script('start-func.ts', ['--port', '7072'], { cwd, env })).toMatchObject({
      code: 5,
      lines: ['func start --port 7072', 'dist/index.js'],
    });
  });

  it('says in one line that func is missing, and what needs none', async () => {
    const cwd = folderToBuildIn();
    const { code, lines } = await script('start-func.ts', [], { cwd, env: { PATH: cwd } });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/func.*npm start/)]);
  });
});

describe('the closing line', () => {
  const reporter = pathToFileURL(join(ROOT, 'test/closing-line.ts')).href;
  const report = `import ClosingLine from '${reporter}'; new ClosingLine().onTestRunEnd([]);`;
  const closing = (record: string) =>
    finished(process.execPath, ['--input-type=module', '-e', report], { env: { [GUARD_RECORD]: record } });

  it('counts what the guard refused as failed, and the run is red', async () => {
    const record = join(temporaryFolder(), 'refused');
    writeFileSync(record, 'connection to outside.example:443\nlook-up of outside.example\n');
    const { code, lines } = await closing(record);
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringContaining('connection to outside.example:443'));
    expect(lines.at(-1)).toBe('0 passed, 2 failed, 0 skipped');
  });

  it('is green when nothing was refused', async () => {
    const { code, lines } = await closing(join(temporaryFolder(), 'refused'));
    expect({ code, lines }).toEqual({ code: 0, lines: ['0 passed, 0 failed, 0 skipped'] });
  });
});
