import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GUARD_RECORD } from '../../local/loopback-guard.ts';
import { SUITE_CANARY, SUITE_RECORD } from '../suite-record.ts';
import { type ChildOptions, finished, ROOT, temporaryFolder } from './child.ts';

const script = (name: string, args: readonly string[], options: ChildOptions) =>
  finished(process.execPath, [join(ROOT, 'scripts', name), ...args], options);

describe('scripts/docs.ts', () => {
  const folderWith = (page?: string) => {
    const cwd = temporaryFolder();
    for (const folder of ['docs', 'infra', 'src/functions']) mkdirSync(join(cwd, folder), { recursive: true });
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
    expect(lines).toEqual([expect.stringMatching(/docs\/checks\.md.*docs\/openapi\.json.*npm run docs/)]);
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
  const closing = (folder: string, canary = '') =>
    finished(process.execPath, ['--input-type=module', '-e', report], {
      env: { [GUARD_RECORD]: join(folder, 'refused'), [SUITE_RECORD]: folder, [SUITE_CANARY]: canary },
    });

  it('counts what the guard refused as failed, and the run is red', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'refused'), 'connection to outside.example:443\nlook-up of outside.example\n');
    const { code, lines } = await closing(folder);
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringContaining('connection to outside.example:443'));
    expect(lines.at(-1)).toBe('0 passed, 2 failed, 0 skipped');
  });

  it('is green when nothing was refused', async () => {
    const { code, lines } = await closing(temporaryFolder());
    expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: '0 passed, 0 failed, 0 skipped' });
  });

  const answer = {
    name: 'health',
    method: 'GET',
    path: '/api/health',
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-request-id': 'id' },
    body: '{"status":"ok","version":"1.0.0"}',
  };
  const problem = {
    ...answer,
    method: 'POST',
    status: 405,
    headers: { ...answer.headers, 'content-type': 'application/problem+json' },
    body: '{"type":"/problems/x","title":"X","status":405,"detail":"canary17","requestId":"id"}',
  };

  const logged = (more: object) => {
    const line = { event: 'request', requestId: 'id', route: 'f', method: 'POST', status: 200, durationMs: 1 };
    return JSON.stringify({ ...line, ...more });
  };

  it.each([
    ['an answer as documented', { answers: answer }, 0],
    ['a problem as documented', { answers: { ...problem, body: problem.body.replace('canary17', 'Use GET.') } }, 0],
    ['a member that is not documented', { answers: { ...answer, body: '{"status":"ok","version":"1","more":1}' } }, 1],
    ['a member that is missing', { answers: { ...answer, body: '{"status":"ok"}' } }, 1],
    ['a status that is not documented', { answers: { ...answer, status: 201 } }, 1],
    [
      'a type that is not documented',
      { answers: { ...answer, headers: { ...answer.headers, 'content-type': 'text/html' } } },
      1,
    ],
    ['a method that is served and not documented', { answers: { ...answer, method: 'DELETE' } }, 1],
    ['a path that is not documented', { answers: { ...answer, path: '/api/heath' } }, 1],
    [
      'an answer that a cache may keep',
      { answers: { ...answer, headers: { ...answer.headers, 'cache-control': 'public' } } },
      1,
    ],
    [
      'an answer without request id',
      { answers: { ...answer, headers: { ...answer.headers, 'x-request-id': undefined } } },
      1,
    ],
    ['a canary in a problem', { answers: problem }, 1],
    ['a canary in a log', { logs: `information f ${logged({ route: 'canary17' })}` }, 1],
    ['a field in a log that is not described', { logs: `information f ${logged({ sub: 'somebody' })}` }, 1],
    ['a field of a read that is not described', { logs: logged({ sources: [{ url: 'a' }] }) }, 1],
    ['an event that is not described', { logs: '{"event":"surprise"}' }, 1],
    ['a claim of the sandbox in a log', { logs: 'information f {"jti":"inventedUti0000000000A"}' }, 1],
    ['part of a signature in a log', { logs: `x ${'s'.repeat(24)} y`, signatures: 's'.repeat(24) }, 1],
    ['a payload in a log', { logs: `x ${Buffer.from('{"sub":"somebody"}').toString('base64url')} y` }, 1],
    ['a log without any of it', { logs: `information f ${logged({})}`, signatures: 's'.repeat(24) }, 0],
  ])('%s: %o gives %i faults', async (_name, record, faults) => {
    const folder = temporaryFolder();
    for (const [file, content] of Object.entries(record))
      writeFileSync(join(folder, file), `${typeof content === 'string' ? content : JSON.stringify(content)}\n`);
    const { code, lines } = await closing(folder, 'canary17');
    expect(code).toBe(faults === 0 ? 0 : 1);
    expect(lines).toContain(`0 passed, ${faults} failed, 0 skipped`);
  });
});
