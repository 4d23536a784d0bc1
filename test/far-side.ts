import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
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
  options: { address?: string; trusted?: boolean } = {},
): Promise<FarSide> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  if (options.trusted !== false) setDefaultCACertificates([...getCACertificates('default'), cert]);
  const seen: string[] = [];
  const far = await opened(createServer({ key, cert }, recorded(seen, listener)), seen);
  playHost(host, { port: far.port, ...(options.address !== undefined && { address: options.address }) });
  return far;
}

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
