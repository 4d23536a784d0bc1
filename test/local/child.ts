import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface ChildOptions {
  cwd?: string;
  /** Laid over this process's own; undefined takes a variable away. */
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
}

export interface Child {
  process: ChildProcess;
  /** What it printed so far, both streams. */
  output(): string;
  /** Its exit code, or the signal that ended it, once it is gone and all its output is here. */
  ended: Promise<number | NodeJS.Signals>;
}

/** Starts a program whose output is collected. It never outlives this process. */
export function child(command: string, args: readonly string[], { env, ...rest }: ChildOptions = {}): Child {
  const started = spawn(command, args, {
    cwd: ROOT,
    ...rest,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const kill = () => started.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    started.once('error', reject);
    started.once('close', (code, signal) => {
      process.off('exit', kill);
      resolve(code ?? signal ?? 0);
    });
  });
  ended.catch(() => {});
  return { process: started, output: () => output, ended };
}

export interface Finished {
  code: number | NodeJS.Signals;
  output: string;
  /** The output without empty lines. */
  lines: string[];
}

/** Runs a program to its end. */
export async function finished(command: string, args: readonly string[], options?: ChildOptions): Promise<Finished> {
  const running = child(command, args, options);
  const code = await running.ended;
  const output = running.output();
  return { code, output, lines: output.split('\n').filter((line) => line !== '') };
}

/** A folder of its own for one test, or for all of a file when `remove` is given to its afterAll. */
export function temporaryFolder(whenDone: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'token-doctor-test-'));
  whenDone(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
