import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Result, runScenarios } from '../../local/scenarios.ts';
import { type Finished, finished, ROOT, temporaryFolder } from './child.ts';
import { NO_SETTINGS, type StartedServer, startServer } from './server.ts';

const run = (...args: string[]): Promise<Finished> => finished(process.execPath, ['local/scenarios.ts', ...args]);

describe('against a running server', () => {
  let server: StartedServer;
  let results: Result[];
  beforeAll(async () => {
    server = await startServer({ env: { TOKEN_DOCTOR_RATE_LIMIT: '0' } });
    results = await runScenarios(server.url);
  });
  afterAll(() => server.stop());

  it('each scenario is answered as expected', () => {
    expect(results.filter(({ agrees }) => !agrees)).toEqual([]);
  });

  it('there are many, each under its own name and with an expectation', () => {
    expect(results.length).toBeGreaterThanOrEqual(12);
    expect(new Set(results.map(({ name }) => name)).size).toBe(results.length);
    for (const { expected } of results) expect(expected).toMatch(/^\d{3}\b/);
  });

  it('none of them made the server try to leave this machine', async () => {
    expect(await (await fetch(`${server.url}/sandbox/refusals`)).json()).toEqual({ refusals: [] });
  });

  it('the command prints each and counts them', async () => {
    const { code, lines } = await run(server.url);
    expect(code).toBe(0);
    for (const { name } of results) expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^ok +${name} `)));
    expect(lines.at(-1)).toContain(`${results.length} of ${results.length}`);
  });

  it('one scenario can be had by its name', async () => {
    const response = await fetch(`${server.url}/sandbox/scenarios/${results[0]!.name}`);
    expect(await response.json()).toMatchObject({ name: results[0]!.name, request: { method: 'POST' } });
  });

  it.each([
    ['a scenario that is not there', '/sandbox/scenarios/nothing', /nothing/],
    ['a token recipe that is not there', '/sandbox/tokens/nothing', /nothing.*entra-v1/],
    ['a recipe without a name', '/sandbox/tokens/', /entra-v1/],
    ['an unknown parameter', '/sandbox/tokens/entra-v1?colour=red', /colour/],
    ['an unknown key', '/sandbox/tokens/entra-v1?key=nobody', /nobody/],
    ['unknown damage', '/sandbox/tokens/entra-v1?damage=rust', /rust/],
    ['another path', '/sandbox/elsewhere', /\/sandbox\/scenarios/],
    ['the sandbox itself', '/sandbox', /\/sandbox\/scenarios/],
  ])('%s is answered 404 with the reason', async (_case, path, reason) => {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ detail: expect.stringMatching(reason) });
  });
});

describe('the command', () => {
  it('starts a server of its own where none runs', async () => {
    // That one builds, which must not happen under the other tests.
    const cwd = temporaryFolder();
    symlinkSync(join(ROOT, 'src'), join(cwd, 'src'));
    const script = join(ROOT, 'local/scenarios.ts');
    const { code, lines } = await finished(process.execPath, [script], { cwd, env: { ...NO_SETTINGS, PORT: '1' } });
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatch(/^(\d+) of \1 /);
  });

  it('says in one line that nothing runs at an address', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const { code, lines } = await run(`http://127.0.0.1:${port}`);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(new RegExp(`:${port}.*npm start`))]);
  });

  it('says in one line that a server has no sandbox', async () => {
    const other = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { code, lines } = await run(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/sandbox.*npm start/)]);
  });

  it('shows a difference and fails', async () => {
    const expectation = { status: 200, verdict: 'pass', rootCause: null };
    const scenario = {
      name: 'differs',
      story: 's',
      request: { method: 'POST', path: '/x', body: {} },
      expect: expectation,
    };
    const lying = createServer((request, response) => {
      const answers: Record<string, object> = {
        '/sandbox/scenarios': { scenarios: [scenario] },
        '/sandbox/refusals': { refusals: [] },
        '/x': { verdict: 'fail', rootCause: 'token-expired' },
      };
      response.setHeader('x-token-doctor-sandbox', 'true').end(JSON.stringify(answers[request.url ?? ''] ?? {}));
    }).listen(0, '127.0.0.1');
    await once(lying, 'listening');
    onTestFinished(() => void lying.close());
    const { code, lines } = await run(`http://127.0.0.1:${(lying.address() as AddressInfo).port}`);
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^DIFF differs .*pass.*fail.*token-expired/));
    expect(lines.at(-1)).toContain('0 of 1');
  });
});
