import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { JWK } from 'jose';
import { generate } from 'selfsigned';
import { playHost } from '../../local/loopback-guard.ts';

const KEY_HOST = 'keys.bench.example';
export const ISSUER = `https://${KEY_HOST}/`;
export const JWKS_URI = `https://${KEY_HOST}/jwks`;

/** What the key server does, set by a probe. */
export interface KeyServer {
  keys: readonly JWK[];
  status: number;
  /** Takes requests and says nothing. */
  silent: boolean;
  /** White space behind the key set. */
  padBytes: number;
  /** Requests since a probe last looked. */
  fetches: number;
  close(): void;
}

/** An issuer’s key server on the loopback, over TLS and under a name, so that no contender need be loosened for it. */
export async function startKeyServer(): Promise<KeyServer> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: KEY_HOST }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: KEY_HOST }] }],
  });
  setDefaultCACertificates([...getCACertificates('default'), cert]);
  const padding = Buffer.alloc(64 * 1024, ' ');
  const state: KeyServer = { keys: [], status: 200, silent: false, padBytes: 0, fetches: 0, close: () => {} };
  const server = createServer({ key, cert }, (_request, response) => {
    state.fetches += 1;
    if (state.silent) return;
    response.writeHead(state.status, { 'content-type': 'application/json' });
    if (state.status !== 200) return void response.end('{}');
    response.write(JSON.stringify({ keys: state.keys }));
    let left = state.padBytes;
    const more = (): void => {
      while (left > 0) {
        left -= padding.length;
        if (!response.write(padding)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  playHost(KEY_HOST, { port: (server.address() as AddressInfo).port });
  state.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return state;
}
