import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { finished, ROOT, temporaryFolder } from './child.ts';
import { NO_SETTINGS, type ServerOptions, START, type StartedServer, startServer } from './server.ts';

const SANDBOX_HEADER = 'x-token-doctor-sandbox';
const AKS_SERVER_APP_ID = '6dae42f8-4368-4678-94ff-3960e28e3630';

const noShell = spawnSync('bash', ['-c', 'command -v curl']).status !== 0;

/** A server for one test. */
async function server(options?: ServerOptions): Promise<StartedServer> {
  const started = await startServer(options);
  onTestFinished(async () => {
    await started.stop('SIGKILL');
  });
  return started;
}

/** The lines to copy, once all that is said at the start is printed. */
async function curlLines({ output }: StartedServer): Promise<string[]> {
  await expect.poll(output, { timeout: 10_000 }).toContain('Stop:');
  return output()
    .split('\n')
    .filter((line) => line.startsWith('  curl '));
}

/** Runs a line as it stands. A proxy of this machine's user is none of its business. */
async function answerOf(line: string): Promise<Record<string, unknown>> {
  const { code, output } = await finished('bash', ['-c', line], { env: { no_proxy: '127.0.0.1' } });
  expect({ code, output }).toMatchObject({ code: 0 });
  return JSON.parse(output);
}

const analyze = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/tokens/analyze`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ target: 'aks-api-server', token: 'no token' }),
  });

describe('with the sandbox', () => {
  let running: StartedServer;
  beforeAll(async () => {
    running = await startServer();
  });
  afterAll(() => running.stop());

  it('says where it is and gives five lines to copy', async () => {
    expect(running.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const lines = await curlLines(running);
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).toContain(running.url);
  });

  it('says nothing else that looks like a fault', async () => {
    await curlLines(running);
    expect(running.output()).not.toMatch(/warn|error|invalid/i);
  });

  it.skipIf(noShell)('the first line finds why AKS refuses the token, and the command that helps', async () => {
    const report = await answerOf((await curlLines(running))[0]!);
    expect(report).toMatchObject({ verdict: 'fail', rootCause: 'audience-not-accepted' });
    expect(JSON.stringify(report)).toContain(`resource=${AKS_SERVER_APP_ID}`);
  });

  it.skipIf(noShell)('the second line passes', async () => {
    expect(await answerOf((await curlLines(running))[1]!)).toMatchObject({ verdict: 'pass', rootCause: null });
  });

  it.skipIf(noShell)('the third line finds why Entra refuses the token of a pod', async () => {
    expect(await answerOf((await curlLines(running))[2]!)).toMatchObject({
      verdict: 'fail',
      rootCause: 'federated-issuer-mismatch',
      predictedError: { code: 'AADSTS700211' },
    });
  });

  it.skipIf(noShell)('the fourth line introspects a token that is active', async () => {
    expect(await answerOf((await curlLines(running))[3]!)).toMatchObject({ active: true });
  });

  it.skipIf(noShell)('the fifth line lists the checks', async () => {
    const { checks } = await answerOf((await curlLines(running))[4]!);
    expect(checks).toEqual(expect.arrayContaining([expect.objectContaining({ id: 'audience-not-accepted' })]));
  });

  it.each([
    ['/api/health', {}, 200],
    ['/api/checks', {}, 200],
    ['/api/tokens/analyze', {}, 405],
    ['/sandbox/scenarios', {}, 200],
    ['/sandbox/tokens/nothing', {}, 404],
    ['/elsewhere', {}, 404],
    ['/api/health', { origin: 'https://elsewhere.example' }, 403],
  ])('marks its answer: %s %j %i', async (path, headers, status) => {
    const response = await fetch(running.url + path, { headers: headers as Record<string, string> });
    expect(response.status).toBe(status);
    expect(response.headers.get(SANDBOX_HEADER)).toBe('true');
  });
});

describe('a function key', () => {
  const key = 'k-1234';
  let running: StartedServer;
  beforeAll(async () => {
    running = await startServer({ args: ['--function-key', key] });
  });
  afterAll(() => running.stop());

  it('is asked for', async () => {
    expect((await analyze(running.url)).status).toBe(401);
    expect((await analyze(running.url, { 'x-functions-key': 'another' })).status).toBe(401);
    expect((await analyze(running.url, { 'x-functions-key': key })).status).toBe(200);
    expect((await fetch(`${running.url}/api/checks?code=${key}`)).status).toBe(200);
    expect((await fetch(`${running.url}/api/health`)).status).toBe(200);
  });

  it.skipIf(noShell)('is in the lines to copy', async () => {
    const answers = await Promise.all((await curlLines(running)).map(answerOf));
    expect(answers).toMatchObject([
      { verdict: 'fail' },
      { verdict: 'pass' },
      { verdict: 'fail' },
      { active: true },
      { checks: expect.any(Array) },
    ]);
  });
});

describe('the port', () => {
  it('in use is told in one line with another one', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const { code, lines } = await finished(process.execPath, START, { env: { ...NO_SETTINGS, PORT: String(port) } });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining('"event":"start"'),
      expect.stringMatching(new RegExp(`\\b${port}\\b.* PORT=\\d+`)),
    ]);
  });

  it.each(['abc', '65536', '-1', '7071.5'])('%s is told in one line', async (port) => {
    const { code, lines } = await finished(process.execPath, START, { env: { ...NO_SETTINGS, PORT: port } });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/PORT.*65535/)]);
  });
});

describe('with another cloud in the settings', () => {
  it('the printed lines still work', async () => {
    const running = await server({ env: { TOKEN_DOCTOR_CLOUD: 'china' } });
    const answers = await Promise.all((await curlLines(running)).map(answerOf));
    expect(answers).toMatchObject([
      { rootCause: 'audience-not-accepted' },
      { verdict: 'pass' },
      { rootCause: 'federated-issuer-mismatch' },
      { active: true },
      {},
    ]);
  });
});

describe('flags', () => {
  it.each([
    ['unknown', ['--sandbox']],
    ['without its value', ['--function-key']],
    ['with characters a shell reads', ['--function-key', "a'; echo b"]],
    ['with a name that is none', ['--function-key', 'a b=c']],
    ['beside words', ['live']],
  ])('%s are told in one line', async (_case, args) => {
    const { code, lines } = await finished(process.execPath, [...START, ...args], {
      env: { ...NO_SETTINGS, PORT: '0' },
    });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/--function-key/)]);
  });
});

describe('the end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('comes with %s', async (signal) => {
    const running = await server();
    expect((await fetch(`${running.url}/api/health`)).status).toBe(200);
    expect(await running.stop(signal)).toBe(0);
    await expect(fetch(running.url)).rejects.toThrow();
  });

  it('comes once, whatever is sent again', async () => {
    const running = await server();
    const ended = Promise.all([running.stop('SIGINT'), running.stop('SIGTERM'), running.stop('SIGINT')]);
    expect(await ended).toEqual([0, 0, 0]);
  });
});

describe('settings', () => {
  it('that are wrong are named, and only what needs them is out of order', async () => {
    const running = await server({ env: { TOKEN_DOCTOR_CLOUD: 'mars-or-a-secret' } });
    await expect.poll(running.output).toContain('TOKEN_DOCTOR_CLOUD');
    const response = await analyze(running.url);
    expect(response.status).toBe(503);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = JSON.stringify(await response.json());
    expect(problem).toContain('TOKEN_DOCTOR_CLOUD');
    expect((await fetch(`${running.url}/api/health`)).status).toBe(200);
    expect((await fetch(`${running.url}/api/checks`)).status).toBe(200);
    expect(problem + running.output()).not.toContain('mars-or-a-secret');
  });

  const folderWith = (settings: string) => {
    const folder = temporaryFolder();
    symlinkSync(join(ROOT, 'dist'), join(folder, 'dist'));
    writeFileSync(join(folder, 'local.settings.json'), settings);
    return folder;
  };

  it('are taken from local.settings.json', async () => {
    const cwd = folderWith(JSON.stringify({ Values: { TOKEN_DOCTOR_CLOUD: 'mars' } }));
    const running = await server({ cwd, env: { TOKEN_DOCTOR_CLOUD: undefined } });
    const response = await analyze(running.url);
    expect(response.status).toBe(503);
    expect(JSON.stringify(await response.json())).toContain('TOKEN_DOCTOR_CLOUD');
  });

  it('in a file that is broken are told in one line, and the start goes on', async () => {
    const running = await server({ cwd: folderWith('{ "Values": "a-secret" ') });
    expect((await analyze(running.url)).status).toBe(200);
    expect(running.output().match(/^Warning: .*local\.settings\.json.*$/gm)).toHaveLength(1);
    expect(running.output()).not.toContain('a-secret');
  });
});

describe('--live', () => {
  /** A folder to put first on the PATH, with an `az` that does what the script says. */
  const azFolder = (script: string) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'az'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return folder;
  };
  const signedInLine = async (running: StartedServer) => {
    const lines = await curlLines(running);
    expect(lines).toHaveLength(4);
    return running.output().match(/^Signed in: .*$/gm);
  };

  it('says who is signed in, and has no sandbox', async () => {
    const account = {
      name: 'Invented subscription',
      id: '11111111-1111-4111-8111-111111111111',
      tenantId: '22222222-2222-4222-8222-222222222222',
      user: { name: 'someone@sandbox.invalid', type: 'user' },
    };
    const az = azFolder(`[ "$*" = "account show --output json" ] || exit 64\necho '${JSON.stringify(account)}'`);
    const running = await server({ args: ['--live'], env: { PATH: `${az}${delimiter}${process.env.PATH}` } });
    const line = (await signedInLine(running))?.join() ?? '';
    for (const word of [account.name, account.id, account.tenantId, account.user.name]) expect(line).toContain(word);
    expect(running.output()).not.toContain('/sandbox/');

    const health = await fetch(`${running.url}/api/health`);
    expect(health.status).toBe(200);
    expect(health.headers.has(SANDBOX_HEADER)).toBe(false);
    expect((await fetch(`${running.url}/sandbox/scenarios`)).status).toBe(404);
    expect(await running.stop()).toBe(0);
  });

  it.each([
    ['fails', 'echo "Please run az login to setup account." >&2; exit 1', /az login/],
    ['prints no account', 'echo "[]"', /az login/],
    ['prints no JSON', 'echo "an update is available"', /az login/],
  ])('says in one line that an az that %s names nobody', async (_case, script, reason) => {
    const az = azFolder(script);
    const running = await server({ args: ['--live'], env: { PATH: `${az}${delimiter}${process.env.PATH}` } });
    expect(await signedInLine(running)).toEqual([expect.stringMatching(reason)]);
  });

  it('says in one line that there is no az', async () => {
    const empty = join(temporaryFolder(), 'empty');
    mkdirSync(empty);
    const running = await server({ args: ['--live'], env: { PATH: empty } });
    expect(await signedInLine(running)).toEqual([expect.stringMatching(/PATH/)]);
  });
});
