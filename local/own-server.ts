import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface OwnServer {
  base: string;
  stop(): void;
}

/** Starts `local/start.ts` on a free port, in a process of its own whose output is not shown. */
export async function ownServer(
  args: readonly string[] = [],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<OwnServer> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./start.ts', import.meta.url)), ...args], {
    ...options,
    env: { ...process.env, ...options.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const ready = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      const [, url] = /ready: (\S+)/.exec(line) ?? [];
      if (url) resolve(url);
    });
  });
  const ended = once(child, 'exit').then(() => undefined);
  const base = await Promise.race([ready, ended]);
  if (base === undefined) throw new Error('The server did not start; it says why above.');
  return { base, stop: () => void child.kill('SIGTERM') };
}
