import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { constants, createBrotliCompress, createDeflate, createGzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { playHost } from '../../local/loopback-guard.ts';
import { type Fetched, guardedPort, UPSTREAM_DEADLINE_MS, UPSTREAM_MAX_BYTES } from '../../src/trust/guarded-port.ts';
import { type FarSide, playHttps, playLookups } from '../far-side.ts';

type Failure = Extract<Fetched, { ok: false }>;

const MIB = 1024 * 1024;
const BOMB_BYTES = 210 * MIB;
/** Beyond the deadline, for a busy machine. */
const SLACK_MS = 1_500;

const open: FarSide[] = [];
afterAll(async () => {
  await Promise.all(open.splice(0).map((side) => side.close()));
});
const far = async (...playing: Parameters<typeof playHttps>) => {
  const side = await playHttps(...playing);
  open.push(side);
  return side;
};

/** Fetches from `host`, and is sure that it did not take longer than it may. */
async function fetched(host: string, path = '/'): Promise<Failure> {
  const before = performance.now();
  const outcome = await guardedPort([]).getJson(`https://${host}${path}`);
  expect(performance.now() - before).toBeLessThan(UPSTREAM_DEADLINE_MS + SLACK_MS);
  if (outcome.ok) expect.fail(`${host} was taken`);
  // Its name tells what it does, and is no word of the answer.
  return { ...outcome, detail: outcome.detail.replace(host, 'HOST') };
}

/** Every case leaves its words here, under its name; those of one name may be the same. */
const told = new Map<string, Set<string>>();
function tell(name: string, { detail }: Failure): void {
  told.set(name, (told.get(name) ?? new Set()).add(detail));
}

const answer =
  (status: number, headers: Record<string, string>, body: string | Buffer = ''): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

/** As much of `bytes` as is taken, in one buffer that is sent again and again. */
const flood =
  (bytes: number, headers: Record<string, string> = {}, status = 200): RequestListener =>
  (_request, response) => {
    const block = Buffer.alloc(65_536, ' ');
    const blocks = function* () {
      for (let sent = 0; sent < bytes; sent += block.length) yield block;
    };
    response.on('error', () => {});
    Readable.from(blocks()).pipe(response.writeHead(status, headers));
  };

describe('an answer in the wrong words', () => {
  const html = '<!doctype html><title>Sign in</title>';
  it.each<[string, string, RequestListener, Failure['reason'], string]>([
    ['HTML', 'html.test', answer(200, { 'content-type': 'text/html; charset=utf-8' }, 'Sign in'), 'malformed', 'HTML'],
    ['HTML', 'mark.test', answer(200, {}, `\u{feff} \r\n\t${html}`), 'malformed', 'HTML'],
    ['HTML', 'latin.test', answer(200, {}, Buffer.from('<p>caf\u{e9}</p>', 'latin1')), 'malformed', 'HTML'],
    ['HTML', 'packed-html.test', answer(200, { 'content-encoding': 'gzip' }, gzipSync(html)), 'malformed', 'HTML'],
    ['PNG', 'png.test', answer(200, {}, Buffer.from('89504e470d0a1a0a0000', 'hex')), 'malformed', 'UTF-8'],
    ['empty', 'empty.test', answer(200, {}), 'malformed', 'empty'],
    ['truncated JSON', 'truncated.test', answer(200, {}, '{"keys":['), 'malformed', 'JSON'],
    [
      'another encoding',
      'zstd.test',
      answer(200, { 'content-encoding': 'zstd' }, '{}'),
      'unreachable',
      'not asked for',
    ],
    [
      'another encoding',
      'stacked.test',
      answer(200, { 'content-encoding': 'gzip, gzip' }, gzipSync(gzipSync('{}'))),
      'unreachable',
      'not asked for',
    ],
    [
      'broken compression',
      'no-gzip.test',
      answer(200, { 'content-encoding': 'gzip' }, '{}'),
      'malformed',
      'compression',
    ],
    [
      'broken compression',
      'half-gzip.test',
      answer(200, { 'content-encoding': 'gzip' }, gzipSync('{"keys":[]}').subarray(0, -4)),
      'malformed',
      'compression',
    ],
    ['broken compression', 'no-br.test', answer(200, { 'content-encoding': 'br' }, '{}'), 'malformed', 'compression'],
  ])('%s (%s)', async (name, host, listener, reason, word) => {
    await far(host, listener);
    const outcome = await fetched(host);
    tell(name, outcome);
    expect(outcome).toMatchObject({ reason, detail: expect.stringContaining(word) });
    expect(outcome.served).toBe(name === 'HTML' ? 'html' : undefined);
  });
});

describe('a redirect', () => {
  const elsewhere = ['https://elsewhere.test/', 'https://127.0.0.1/', 'http://localhost/'];
  it.each([301, 302, 307, 308].flatMap((status) => elsewhere.map((location, index) => [status, location, index])))(
    '%s to %s is not followed',
    async (status, location, index) => {
      const host = `redirect-${status}-${index}.test`;
      const side = await far(host, answer(Number(status), { location: `${location}keys` }));
      const outcome = await fetched(host);
      tell(`redirect ${status}`, outcome);
      expect(outcome.reason).toBe('unreachable');
      expect(outcome.detail).toContain(`${status}; redirects are not followed`);
      expect(side.seen).toHaveLength(1);
    },
  );
});

describe('an answer that says when to come back', () => {
  it.each([
    ['seconds', 429, () => '120'],
    ['date', 429, () => new Date(Date.now() + 120_000).toUTCString()],
    ['seconds', 503, () => '120'],
  ])('in %s, %i', async (form, status, value) => {
    const host = `again-${status}-${form}.test`;
    await far(host, (request, response) => answer(status, { 'retry-after': value() })(request, response));
    const outcome = await fetched(host);
    tell(`${status}`, outcome);
    expect(outcome).toMatchObject({ reason: 'unreachable', detail: expect.stringContaining(`${status}`) });
    expect(outcome.detail.includes('too often')).toBe(status === 429);
    expect(outcome.retryAfterSeconds).toBeGreaterThan(110);
    expect(outcome.retryAfterSeconds).toBeLessThanOrEqual(120);
  });
});

describe('no answer', () => {
  it.each<[string, string, Parameters<typeof playHttps>[2], string]>([
    ['untrusted', 'untrusted.test', { trusted: false }, 'not trusted'],
    ['expired', 'expired.test', { certificate: { expired: new Date('2020-02-02') } }, 'expired'],
    ['wrong name', 'misnamed.test', { certificate: { host: 'other.test' } }, 'another name'],
  ])('over TLS: %s', async (name, host, options, word) => {
    const side = await far(host, answer(200, {}, '{}'), options);
    const outcome = await fetched(host);
    tell(name, outcome);
    expect(outcome).toMatchObject({ reason: 'unreachable', detail: expect.stringContaining(word) });
    expect(side.seen).toEqual([]);
  });

  it.each<[string, string, RequestListener, string]>([
    ['reset before', 'reset.test', ({ socket }) => void socket.destroy(), 'reset'],
    [
      'reset amidst',
      'cut.test',
      ({ socket }, response) =>
        void response.writeHead(200, { 'content-length': '100' }).write('{"a":', () => socket.destroy()),
      'broke off',
    ],
    [
      'reset amidst',
      'cut-gzip.test',
      ({ socket }, response) =>
        void response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .write(gzipSync('{"a":1}').subarray(0, 15), () => socket.destroy()),
      'broke off',
    ],
  ])('%s the answer (%s)', async (name, host, listener, word) => {
    await far(host, listener);
    const outcome = await fetched(host);
    tell(name, outcome);
    expect(outcome).toMatchObject({ reason: 'unreachable', detail: expect.stringContaining(word) });
  });

  it('under a name that is not known', async () => {
    playHost('unknown.test', { port: 1 });
    playLookups('unknown.test', 'ENOTFOUND');
    const outcome = await fetched('unknown.test');
    tell('unknown name', outcome);
    expect(outcome).toMatchObject({ reason: 'unreachable', detail: expect.stringContaining('not known') });
  });

  it('in time: no first byte, no last one, no handshake', { timeout: 3 * UPSTREAM_DEADLINE_MS }, async () => {
    const timers: NodeJS.Timeout[] = [];
    await far('slow.test', (request, response) => {
      if (request.url === '/silent') return;
      const gzip = request.url === '/gzip';
      if (gzip) response.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync('{"a":1}').subarray(0, 12));
      else timers.push(setInterval(() => response.write(' '), 20));
    });
    const mute = createServer((socket) => void socket.resume());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    playHost('mute.test', { port: (mute.address() as AddressInfo).port });
    const cases = [
      ['mute.test', '/', 'answer'],
      ['slow.test', '/silent', 'answer'],
      ['slow.test', '/drip', 'finish'],
      ['slow.test', '/gzip', 'finish'],
    ] as const;
    const outcomes = await Promise.all(cases.map(([host, path]) => fetched(host, path)));
    for (const timer of timers) clearInterval(timer);
    mute.close();
    for (const [index, [, , word]] of cases.entries()) {
      const outcome = outcomes[index]!;
      tell(`late: ${word}`, outcome);
      expect(outcome).toMatchObject({ reason: 'unreachable', detail: expect.stringContaining(`did not ${word}`) });
    }
  });
});

describe('an answer without measure', () => {
  const bombs = new Map<string, Buffer>();
  beforeAll(async () => {
    const block = Buffer.alloc(MIB);
    const blocks = function* () {
      for (let made = 0; made < BOMB_BYTES; made += MIB) yield block;
    };
    const quickBrotli = () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
    const packers = { gzip: createGzip, deflate: createDeflate, br: quickBrotli };
    const made = Object.entries(packers).map(async ([name, pack]) => {
      bombs.set(name, await buffer(Readable.from(blocks()).pipe(pack())));
    });
    await Promise.all(made);
  });

  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const measured = () => {
    collect();
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    return { rss, held: heapUsed + arrayBuffers };
  };

  const bomb =
    (encoding: string): RequestListener =>
    (request, response) =>
      answer(200, { 'content-encoding': encoding }, bombs.get(encoding)!)(request, response);

  it.each<[string, string, RequestListener, string]>([
    ['endless', 'endless.test', flood(Number.POSITIVE_INFINITY), 'is larger than 256 KiB'],
    ['endless', 'large.test', flood(64 * MIB), 'is larger than 256 KiB'],
    ['announced', 'announced.test', flood(64 * MIB, { 'content-length': `${64 * MIB}` }), 'announced'],
    ['bomb', 'bomb-gzip.test', bomb('gzip'), 'decompresses to more than 256 KiB'],
    ['bomb', 'bomb-deflate.test', bomb('deflate'), 'decompresses to more than 256 KiB'],
    ['bomb', 'bomb-br.test', bomb('br'), 'decompresses to more than 256 KiB'],
  ])('%s (%s) is left at the limit, and leaves nothing behind', async (name, host, listener, word) => {
    let connected = 0;
    await far(host, (request, response) => {
      connected += 1;
      request.socket.once('close', () => {
        connected -= 1;
      });
      listener(request, response);
    });
    for (let warming = 0; warming < 3; warming += 1) await fetched(host);
    const before = measured();
    let highest = before.rss;
    for (let round = 0; round < 20; round += 1) {
      const outcome = await fetched(host);
      tell(name, outcome);
      expect(outcome).toMatchObject({ reason: 'malformed', detail: expect.stringContaining(word) });
      highest = Math.max(highest, process.memoryUsage().rss);
    }
    await vi.waitFor(() => expect(connected).toBe(0));
    expect(highest - before.rss).toBeLessThan(96 * MIB);
    expect(measured().held - before.held).toBeLessThan(32 * MIB);
  });

  it('is a bomb: small on the wire', () => {
    for (const wire of bombs.values()) expect(wire.length).toBeLessThan(UPSTREAM_MAX_BYTES);
  });

  it('is told by its announcement before a byte of it', async () => {
    await far('headers-only.test', (_request, response) => {
      response.writeHead(200, { 'content-length': `${UPSTREAM_MAX_BYTES + 1}` }).flushHeaders();
    });
    const outcome = await fetched('headers-only.test');
    expect(outcome).toMatchObject({ reason: 'malformed', detail: expect.stringContaining('announced') });
  });
});

it('has words of its own for each of these', () => {
  const kinds = [...told].flatMap(([name, details]) => [...details].map((detail) => [detail, name] as const));
  expect(told.size).toBeGreaterThan(20);
  expect(new Map(kinds).size, JSON.stringify(kinds, null, 1)).toBe(kinds.length);
});
