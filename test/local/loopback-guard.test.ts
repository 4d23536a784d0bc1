import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect, createServer, type ListenOptions, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { GUARD_RECORD } from '../../local/loopback-guard.ts';
import { finished, temporaryFolder } from './child.ts';
import { type Attempted, connections, lookups } from './fixtures/attempts.ts';

/** Runs a fixture whose refusals go to a record of its own: in the record of this run they would fail it. */
async function apart(script: string, args: readonly string[], record: string): Promise<unknown> {
  const { code, output } = await finished(process.execPath, [`test/local/fixtures/${script}`, ...args], {
    env: { [GUARD_RECORD]: record },
  });
  expect({ code, output }).toMatchObject({ code: 0 });
  return JSON.parse(output);
}

describe.each([
  ['a host name', 'outside.example', 'connections', connections],
  ['an address', '192.0.2.1', 'connections', connections],
  ['a look-up', 'outside.example', 'lookups', lookups],
  ['a look-up of an address', '192.0.2.1', 'lookups', lookups],
])('outside this machine, by %s', (_kind, host, which, attempts) => {
  const record = join(temporaryFolder(afterAll), 'refused');
  let results: Attempted[];
  beforeAll(async () => {
    results = (await apart('attempts.ts', [host, which], record)) as Attempted[];
  });

  it.each(Object.keys(attempts))('refuses %s and records it once', (name) => {
    const { outcome, recorded } = results.find((result) => result.name === name)!;
    expect(outcome).toBe('ELOOPBACKONLY');
    expect(recorded).toEqual([expect.stringContaining(host)]);
  });
});

describe('a played host', () => {
  it('is reached under its name, with the played address for whoever looks it up', async () => {
    const record = join(temporaryFolder(), 'refused');
    expect(await apart('played-hosts.ts', [], record)).toEqual({
      net: 'played without TLS',
      lookup: { address: expect.stringMatching(/^20\./), family: 4 },
      lookupOfGivenAddress: [{ address: '203.0.113.7', family: 4 }],
      https: 'played secure.example/keys',
      httpsWithoutAgent: 'played secure.example/keys',
      httpsAgain: 'played secure.example/keys',
      fetch: 'played secure.example/fetched',
      ownLookup: 'played secure.example/keys',
      judged: [{ address: '203.0.113.7', family: 4 }],
      refusingLookup: 'refused by its own look-up',
      refusals: [],
    });
    expect(existsSync(record)).toBe(false);
  });
});

describe('on this machine', () => {
  const listening = async (options: ListenOptions): Promise<Server | undefined> => {
    const server = createServer((socket) => socket.end('reached'));
    onTestFinished(() => void server.close());
    return await new Promise((resolve) => {
      server.once('error', () => resolve(undefined)).listen(options, () => resolve(server));
    });
  };
  const portOf = (server: Server) => (server.address() as AddressInfo).port;

  it.for(['127.0.0.1', 'localhost', '127.5.5.5', '::1'])('reaches %s', async (host, { skip }) => {
    const server = await listening({ host, port: 0 });
    if (!server) return skip(`this machine has no ${host}`);
    expect(await text(connect({ host, port: portOf(server) }))).toBe('reached');
    expect(await text(connect(portOf(server), host))).toBe('reached');
  });

  it('reaches a port without a host', async () => {
    const server = await listening({ host: 'localhost', port: 0 });
    expect(await text(connect(portOf(server!)))).toBe('reached');
  });

  it('reaches a local socket', async () => {
    const path = join(temporaryFolder(), 'socket');
    await listening({ path });
    expect(await text(connect(path))).toBe('reached');
    expect(await text(connect({ path }))).toBe('reached');
  });

  it.each([
    ['an address', ['127.0.0.1']],
    ['localhost', ['localhost']],
    ['no address', []],
  ])('sends datagrams to %s', async (_case, address) => {
    const receiver = createSocket('udp4').bind(0, '127.0.0.1');
    const sender = createSocket('udp4');
    onTestFinished(() => {
      receiver.close();
      sender.close();
    });
    await once(receiver, 'listening');
    const arrives = once(receiver, 'message');
    sender.send('a datagram', receiver.address().port, ...address);
    expect(String((await arrives)[0])).toBe('a datagram');
  });

  it('looks up localhost', async () => {
    expect((await lookup('localhost')).address).toMatch(/^(?:127\.|::1$)/);
  });

  it('reaches an HTTP server on a local socket', async () => {
    const socketPath = join(temporaryFolder(), 'socket');
    const server = http.createServer((_request, response) => response.end('reached'));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => void server.close());
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http.get({ socketPath, path: '/' }, resolve).on('error', reject);
    });
    expect(await text(answer)).toBe('reached');
  });
});
