import dns from 'node:dns';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, isIP, type Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { playHost } from '../local/loopback-guard.ts';

export interface FarSide {
  port: number;
  /** Method and address of every request, in order. */
  seen: string[];
  close(): Promise<void>;
}

/**
 * An https server that this process reaches under `host`, at port 443, through its own name, address and TLS checks. One name
 * is played once in a test file: two trusted certificates of one name cannot be told apart.
 */
export async function playHttps(
  host: string,
  listener: RequestListener,
  options: { address?: string; trusted?: boolean; certificate?: { host?: string; expired?: Date } } = {},
): Promise<FarSide> {
  const { host: named = host, expired } = options.certificate ?? {};
  const { private: key, cert } = await generate([{ name: 'commonName', value: named }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: named }] }],
    ...(expired && { notBeforeDate: new Date(expired.getTime() - 1000), notAfterDate: expired }),
  });
  if (options.trusted !== false) setDefaultCACertificates([...getCACertificates('default'), cert]);
  const seen: string[] = [];
  const far = await opened(createServer({ key, cert }, recorded(seen, listener)), seen);
  playHost(host, { port: far.port, ...(options.address !== undefined && { address: options.address }) });
  return far;
}

/**
 * Answers look-ups of a played `host` by these, one after the other and the last for good: addresses, or the code of a failure.
 * `asked` tells how many there were.
 */
export function playLookups(host: string, ...answers: (readonly string[] | string)[]): { asked: number } {
  const lookup = dns.lookup;
  const played = { asked: 0 };
  const answering = (...args: Parameters<typeof lookup>) => {
    const [name, options, callback] = args as unknown as [string, dns.LookupAllOptions, AnyCallback];
    if (name !== host) return Reflect.apply(lookup, dns, args);
    const answer = answers[Math.min(played.asked, answers.length - 1)]!;
    played.asked += 1;
    if (typeof answer === 'string')
      return process.nextTick(callback, Object.assign(new Error(answer), { code: answer }));
    const found = answer.map((address) => ({ address, family: isIP(address) }));
    if (options.all) process.nextTick(callback, null, found);
    else process.nextTick(callback, null, found[0]?.address, found[0]?.family);
  };
  dns.lookup = answering as typeof lookup;
  syncBuiltinESMExports();
  return played;
}

type AnyCallback = (error: Error | null, ...found: unknown[]) => void;

/** The same over plain http, on the loopback. */
export async function playHttp(listener: RequestListener): Promise<FarSide> {
  const seen: string[] = [];
  return await opened(createHttpServer(recorded(seen, listener)), seen);
}

const recorded =
  (seen: string[], listener: RequestListener): RequestListener =>
  (request, response) => {
    seen.push(`${request.method} ${request.headers.host}${request.url}`);
    listener(request, response);
  };

async function opened(server: Server & { closeAllConnections(): void }, seen: string[]): Promise<FarSide> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, seen, close };
}
