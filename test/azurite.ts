import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { child, ROOT } from './local/child.ts';

/** The account that Azurite has by default, and its published key (learn.microsoft.com, Azurite). */
export const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
/** A loaded machine takes a while to load it. */
const READY_WITHIN_MS = 25_000;

export interface Azurite {
  port: number;
  connectionString: string;
  stop(): Promise<void>;
}

/** Starts Azurite's blob service, real and on the loopback. `options`: further arguments; `port` 0 takes a free one. */
export async function startAzurite({
  port = 0,
  location = '',
  options = [] as readonly string[],
} = {}): Promise<Azurite> {
  const folder = location || mkdtempSync(join(tmpdir(), 'token-doctor-azurite-'));
  const service = child(process.execPath, [
    join(ROOT, 'node_modules/azurite/dist/src/blob/main.js'),
    ...['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder],
    ...['--disableTelemetry', '--skipApiVersionCheck', '--silent', ...options],
  ]);
  const listening = await listeningPort(service);
  return {
    port: listening,
    connectionString: connectionStringTo(listening),
    stop: async () => {
      service.process.kill('SIGKILL');
      await service.ended;
      if (location === '') rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of the account that Azurite has by default, wherever it listens. */
export const connectionStringTo = (port: number, key = ACCOUNT_KEY) =>
  `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/${ACCOUNT};`;

async function listeningPort(service: ReturnType<typeof child>): Promise<number> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    const [, port] =
      /successfully listen(?:ing|s) (?:on|at) https?:\/\/127\.0\.0\.1:(\d+)/.exec(service.output()) ?? [];
    if (port !== undefined) return Number(port);
    if (service.process.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  service.process.kill('SIGKILL');
  throw new Error(`Azurite did not start: ${service.output()}`);
}
