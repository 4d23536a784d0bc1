import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import {
  brotliCompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  deflateSync,
  gzipSync,
} from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { guardedPort, MAX_RETRY_AFTER_SECONDS, UPSTREAM_MAX_BYTES } from '../../src/trust/guarded-port.ts';
import { type FarSide, playHttp, playHttps } from '../far-side.ts';

const open: FarSide[] = [];
const far = async (playing: Promise<FarSide>) => {
  const side = await playing;
  open.push(side);
  return side;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((side) => side.close()));
});

const json = (body: unknown) => (_request: unknown, response: { end(text: string): unknown }) =>
  void response.end(JSON.stringify(body));

const playing = (...play: Parameters<typeof playHttps>) => far(playHttps(...play));

const answer =
  (status: number, headers: Record<string, string>, body: string | Buffer = ''): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

const packed = { gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync, br: brotliCompressSync };

async function failure(host: string) {
  const outcome = await guardedPort([]).getJson(`https://${host}/`);
  if (outcome.ok) expect.fail(`${host} was taken`);
  return outcome;
}

describe('guardedPort', () => {
  it('gets JSON over https under the real name', async () => {
    const side = await far(playHttps('good.test', json({ a: 1 })));
    expect(await guardedPort([]).getJson('https://good.test/x?y=1')).toEqual({ ok: true, body: { a: 1 } });
    expect(side.seen).toEqual(['GET good.test/x?y=1']);
  });

  it.each([
    ['http', 'http://good.test/', 'https'],
    ['user information', 'https://a:b@good.test/', 'user'],
    ['no URL', 'good.test', 'URL'],
    ['another scheme', 'file:///etc/passwd', 'https'],
  ])('asks no %s', async (_name, address, word) => {
    const fetched = await guardedPort([]).getJson(address);
    expect(fetched).toMatchObject({ ok: false, reason: 'refused' });
    expect(fetched.ok ? '' : fetched.detail).toContain(word);
  });

  it('lets an opened origin through as it is, and only that one', async () => {
    const side = await far(playHttp(json({ open: true })));
    const origin = `http://127.0.0.1:${side.port}`;
    expect(await guardedPort([origin]).getJson(`${origin}/a`)).toEqual({ ok: true, body: { open: true } });
    expect(await guardedPort([origin]).getJson(`http://127.0.0.1:${side.port + 1}/a`)).toMatchObject({
      ok: false,
      reason: 'refused',
    });
    expect(await guardedPort([origin]).getJson(`${origin.replace('//', '//a@')}/a`)).toMatchObject({
      ok: false,
      reason: 'refused',
    });
  });

  it.each([
    ['404', 404, 'not-found'],
    ['401', 401, 'forbidden'],
    ['403', 403, 'forbidden'],
    ['500', 500, 'unreachable'],
    ['204', 204, 'unreachable'],
  ])('tells %s', async (_name, status, reason) => {
    await far(playHttps(`status-${status}.test`, (_request, response) => void response.writeHead(status).end()));
    expect(await guardedPort([]).getJson(`https://status-${status}.test/`)).toMatchObject({ ok: false, reason });
  });

  it.each([
    ['duplicate members', '{"keys":[],"keys":[]}'],
    ['nesting without end', '['.repeat(1000)],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('calls %s malformed', async (name, body) => {
    const host = `${name.replaceAll(' ', '-').toLowerCase()}.test`;
    await far(playHttps(host, (_request, response) => void response.end(body)));
    expect(await guardedPort([]).getJson(`https://${host}/`)).toMatchObject({ ok: false, reason: 'malformed' });
  });

  it('takes the largest document and not one byte more', async () => {
    const sized = (bytes: number) => `"${'a'.repeat(bytes - 2)}"`;
    await far(
      playHttps(
        'size.test',
        (request, response) => void response.end(sized(UPSTREAM_MAX_BYTES + (request.url === '/more' ? 1 : 0))),
      ),
    );
    expect(await guardedPort([]).getJson('https://size.test/')).toMatchObject({ ok: true });
    expect(await guardedPort([]).getJson('https://size.test/more')).toMatchObject({ ok: false, reason: 'malformed' });
  });

  it('takes JSON by whatever type it is served', async () => {
    await playing('typed.test', answer(200, { 'content-type': 'text/html' }, '{"keys":[]}'));
    expect(await guardedPort([]).getJson('https://typed.test/')).toEqual({ ok: true, body: { keys: [] } });
  });

  it('says HTML of an answer that counts only', async () => {
    await playing('lost.test', answer(404, { 'content-type': 'text/html' }, '<html></html>'));
    expect((await failure('lost.test')).served).toBeUndefined();
  });

  it('tells what it has no words for by its code', async () => {
    await (await playHttps('closed.test', json({}))).close();
    expect(await failure('closed.test')).toMatchObject({
      reason: 'unreachable',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('ends when the other side changes the protocol', async () => {
    await far(
      playHttps('upgrade.test', (request) => {
        request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
      }),
    );
    expect(await guardedPort([]).getJson('https://upgrade.test/')).toMatchObject({ ok: false, reason: 'unreachable' });
  });

  it('sends nothing of ours along', async () => {
    let headers: Record<string, unknown> = {};
    await far(
      playHttps('headers.test', (request, response) => {
        headers = request.headers;
        response.end('{}');
      }),
    );
    await guardedPort([]).getJson('https://headers.test/');
    expect(Object.keys(headers).toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host']);
  });
});

describe('an answer compressed though not asked for', () => {
  it.each(Object.entries(packed))('is read: %s', async (encoding, pack) => {
    const host = `packed-${encoding}.test`;
    let asked: unknown;
    await playing(host, (request, response) => {
      asked = request.headers['accept-encoding'];
      answer(200, { 'content-encoding': encoding.toUpperCase() }, pack('{"keys":[]}'))(request, response);
    });
    expect(await guardedPort([]).getJson(`https://${host}/`)).toEqual({ ok: true, body: { keys: [] } });
    expect(asked).toBe('identity');
  });

  it('is read up to the last byte of the limit, as it decompresses, and not beyond', async () => {
    await playing('edge.test', (request, response) => {
      const text = `"${'a'.repeat(UPSTREAM_MAX_BYTES - 2 + (request.url === '/more' ? 1 : 0))}"`;
      answer(200, { 'content-encoding': 'gzip' }, gzipSync(text))(request, response);
    });
    expect(await guardedPort([]).getJson('https://edge.test/')).toMatchObject({ ok: true });
    expect(await guardedPort([]).getJson('https://edge.test/more')).toMatchObject({
      reason: 'malformed',
      detail: expect.stringContaining('decompresses'),
    });
  });

  it('counts on the wire too, where it decompresses to nothing', async () => {
    const nothing = gzipSync('');
    await playing('nothing.test', (_request, response) => {
      const members = function* () {
        for (let sent = 0; sent < 4_000_000; sent += 3_000 * nothing.length)
          yield Buffer.concat(Array<Buffer>(3_000).fill(nothing));
      };
      response.on('error', () => {});
      Readable.from(members()).pipe(response.writeHead(200, { 'content-encoding': 'gzip' }));
    });
    expect(await failure('nothing.test')).toMatchObject({
      reason: 'malformed',
      detail: expect.stringContaining('is larger than 256 KiB'),
    });
  });

  it.each([
    ['gzip', createGunzip],
    ['deflate', createInflate],
    ['br', createBrotliDecompress],
  ] as const)('is decompressed no further than the limit: %s', async (encoding, unpack) => {
    const bomb = packed[encoding](Buffer.alloc(50_000_000));
    await playing(`far-${encoding}.test`, answer(200, { 'content-encoding': encoding }, bomb));
    const pushed = vi.spyOn(Object.getPrototypeOf(unpack()), 'push');
    await failure(`far-${encoding}.test`);
    await setTimeout(100);
    const bytes = pushed.mock.calls.reduce((sum, [chunk]) => sum + (Buffer.isBuffer(chunk) ? chunk.length : 0), 0);
    pushed.mockRestore();
    expect(bytes).toBeGreaterThan(UPSTREAM_MAX_BYTES);
    expect(bytes).toBeLessThan(2 * UPSTREAM_MAX_BYTES);
  });
});

describe('an answer that says when to come back', () => {
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);
  const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  /** The obsolete forms of RFC 9110 §5.6.7, made of the present one: `Sun, 06 Nov 1994 08:49:37 GMT`. */
  const rfc850 = (date: Date) => {
    const [, day, month, year, time] = date.toUTCString().split(' ');
    return `${days[date.getUTCDay()]}, ${day}-${month}-${year!.slice(2)} ${time} GMT`;
  };
  const asctime = (date: Date) => {
    const [weekday, day, month, year, time] = date.toUTCString().split(' ');
    return `${weekday!.slice(0, 3)} ${month} ${day!.replace(/^0/, ' ')} ${time} ${year}`;
  };

  it.each<[string, () => string, number | undefined]>([
    ['seconds', () => '120', 120],
    ['no seconds', () => '0', 0],
    ['more than a day', () => '86401', MAX_RETRY_AFTER_SECONDS],
    ['more than a number holds', () => '9'.repeat(400), MAX_RETRY_AFTER_SECONDS],
    ['a date', () => inSeconds(600).toUTCString(), 600],
    ['a date in the form of RFC 850', () => rfc850(inSeconds(600)), 600],
    ['a date in the form of asctime', () => asctime(inSeconds(600)), 600],
    ['a date beyond a day', () => inSeconds(40 * 86_400).toUTCString(), MAX_RETRY_AFTER_SECONDS],
    ['a date that is over', () => inSeconds(-600).toUTCString(), 0],
    ['nothing', () => '', undefined],
    ['a negative number', () => '-5', undefined],
    ['a fraction', () => '1.5', undefined],
    ['a hexadecimal number', () => '0x10', undefined],
    ['a word', () => 'soon', undefined],
    ['a date as in JSON', () => inSeconds(600).toISOString(), undefined],
    ['a date that is none', () => 'Sun, 06 Foo 2094 08:49:37 GMT', undefined],
    ['a year', () => '2094 GMT', undefined],
  ])('in %s', async (name, value, expected) => {
    for (const status of [429, 503]) {
      const host = `again-${status}-${name.replaceAll(' ', '-').toLowerCase()}.test`;
      await playing(host, (request, response) => answer(status, { 'retry-after': value() })(request, response));
      const outcome = await failure(host);
      expect(outcome).toMatchObject({ reason: 'unreachable', detail: expect.stringContaining(`${status}`) });
      if (expected === 600) {
        expect(outcome.retryAfterSeconds).toBeGreaterThan(590);
        expect(outcome.retryAfterSeconds).toBeLessThanOrEqual(600);
      } else expect(outcome.retryAfterSeconds).toBe(expected);
    }
  });

  it('is one of these alone', async () => {
    await playing('again-500.test', answer(500, { 'retry-after': '120' }));
    const outcome = await failure('again-500.test');
    expect(outcome.retryAfterSeconds).toBeUndefined();
    await playing('again-html.test', answer(200, { 'retry-after': '120' }, '<p>'));
    expect((await failure('again-html.test')).retryAfterSeconds).toBeUndefined();
  });
});
