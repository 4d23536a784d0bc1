import { join } from 'node:path';
import { settingNames } from '../../src/settings.ts';
import { recordLog } from '../suite-record.ts';
import { type Child, child, ROOT } from './child.ts';

/** The arguments of Node that start a server. */
export const START = [join(ROOT, 'local/start.ts'), '--no-build'];

/** Empty counts as not set, and keeps out what a local.settings.json says. */
export const NO_SETTINGS = Object.fromEntries(settingNames.map((name) => [name, '']));

/** A loaded machine takes a while for keys and certificates; one that takes longer than this hangs. */
const READY_WITHIN_MS = 20_000;
const STOPPED_WITHIN_MS = 5_000;

export interface ServerOptions {
  env?: NodeJS.ProcessEnv;
  args?: readonly string[];
  /** Where dist/ and local.settings.json are looked for; the repository when left out. */
  cwd?: string;
}

export interface StartedServer {
  url: string;
  /** What it printed so far, both streams. */
  output(): string;
  /** Ends it with the signal, by force when that takes too long; gives its exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/**
 * Starts `local/start.ts` on a free port with the dist/ that is there, as `npm start` does after building. Settings of this
 * process and of a local.settings.json are left out. Rejects with the output when it ends before it is ready.
 */
export async function startServer({ env, args = [], cwd = ROOT }: ServerOptions = {}): Promise<StartedServer> {
  const server = child(process.execPath, [...START, ...args], { cwd, env: { ...NO_SETTINGS, PORT: '0', ...env } });
  void server.ended.then(() => recordLog(server.output()));
  const url = await readyUrl(server);
  return {
    url,
    output: server.output,
    stop: async (signal = 'SIGTERM') => {
      server.process.kill(signal);
      const timer = setTimeout(() => server.process.kill('SIGKILL'), STOPPED_WITHIN_MS);
      const ended = await server.ended;
      clearTimeout(timer);
      return ended;
    },
  };
}

/** The address in the line `… ready: URL`. */
export async function readyUrl(server: Child): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}, having printed:\n${server.output()}`));
      server.process.stdout?.on('data', () => {
        const [, url] = /ready: (\S+)\n/.exec(server.output()) ?? [];
        if (url) resolve(url);
      });
      server.ended.then((code) => fail(`The server ended with ${code}`), reject);
      timer = setTimeout(() => {
        server.process.kill('SIGKILL');
        fail(`The server was not ready within ${READY_WITHIN_MS} ms`);
      }, READY_WITHIN_MS);
    });
  } finally {
    clearTimeout(timer);
  }
}
