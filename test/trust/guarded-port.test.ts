import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { guardedPort, isPublic, UPSTREAM_DEADLINE_MS, UPSTREAM_MAX_BYTES } from '../../src/trust/guarded-port.ts';
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

describe('isPublic', () => {
  it.each(['20.0.0.1', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.128.0.1', '2603:1030::1', '2a01:111::1'])(
    '%s is',
    (address) => {
      expect(isPublic(address)).toBe(true);
    },
  );
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '168.63.129.16',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:1.1.1.1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('%s is not', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

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
    ['loopback', 'https://127.0.0.1/', 'public'],
    ['loopback in decimal', 'https://2130706433/', 'public'],
    ['loopback in octal', 'https://0177.0.0.1/', 'public'],
    ['loopback in hexadecimal', 'https://0x7f.1/', 'public'],
    ['IPv6 loopback', 'https://[::1]/', 'public'],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/', 'public'],
    ['the metadata address', 'https://169.254.169.254/metadata', 'public'],
  ])('asks no %s', async (_name, address, word) => {
    const fetched = await guardedPort([]).getJson(address);
    expect(fetched).toMatchObject({ ok: false, reason: 'refused' });
    expect(fetched.ok ? '' : fetched.detail).toContain(word);
  });

  it.each(['127.0.0.1', '10.0.0.7', '169.254.169.254', '::1', '::ffff:127.0.0.1'])(
    'asks no name that resolves to %s',
    async (address) => {
      const side = await far(playHttps('inside.test', json({}), { address }));
      expect(await guardedPort([]).getJson('https://inside.test/')).toMatchObject({ ok: false, reason: 'refused' });
      expect(side.seen).toEqual([]);
    },
  );

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
    ['429', 429, 'unreachable'],
    ['204', 204, 'unreachable'],
  ])('tells %s', async (_name, status, reason) => {
    await far(playHttps(`status-${status}.test`, (_request, response) => void response.writeHead(status).end()));
    expect(await guardedPort([]).getJson(`https://status-${status}.test/`)).toMatchObject({ ok: false, reason });
  });

  it('follows no redirect', async () => {
    const side = await far(
      playHttps(
        'away.test',
        (_request, response) => void response.writeHead(302, { location: 'https://away.test/b' }).end(),
      ),
    );
    const fetched = await guardedPort([]).getJson('https://away.test/a');
    expect(fetched).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(side.seen).toHaveLength(1);
  });

  it.each([
    ['HTML', '<html></html>'],
    ['nothing', ''],
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

  it('takes no compressed answer', async () => {
    const bomb = gzipSync(`"${'a'.repeat(5_000_000)}"`);
    await far(
      playHttps(
        'gzip.test',
        (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
      ),
    );
    expect(await guardedPort([]).getJson('https://gzip.test/')).toMatchObject({ ok: false, reason: 'unreachable' });
  });

  it('ends an endless answer at the size limit, and one that drips at the deadline', {
    timeout: 3 * UPSTREAM_DEADLINE_MS,
  }, async () => {
    const timers: NodeJS.Timeout[] = [];
    await far(
      playHttps('endless.test', (request, response) => {
        if (request.url === '/silent') return;
        const chunk = request.url === '/drip' ? ' ' : ' '.repeat(65_536);
        timers.push(setInterval(() => response.write(chunk), 20));
      }),
    );
    const port = guardedPort([]);
    const [fast, drip, silent] = await Promise.all(
      ['fast', 'drip', 'silent'].map((path) => port.getJson(`https://endless.test/${path}`)),
    );
    for (const timer of timers) clearInterval(timer);
    expect(fast).toMatchObject({ ok: false, reason: 'malformed' });
    expect(drip).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(silent).toMatchObject({ ok: false, reason: 'unreachable' });
  });

  it('tells a reset, an unknown certificate and a closed port apart from an answer', async () => {
    await far(playHttps('reset.test', (request) => void request.socket.destroy()));
    await far(playHttps('stranger.test', json({}), { trusted: false }));
    const gone = await playHttps('gone.test', json({}));
    await gone.close();
    for (const host of ['reset.test', 'stranger.test', 'gone.test']) {
      const fetched = await guardedPort([]).getJson(`https://${host}/`);
      expect(fetched).toMatchObject({ ok: false, reason: 'unreachable' });
      expect(fetched.ok ? '' : fetched.detail).toContain(host);
    }
  });

  it('ends when the other side changes the protocol', async () => {
    await far(
      playHttps('upgrade.test', (request) => {
        request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
      }),
    );
    expect(await guardedPort([]).getJson('https://upgrade.test/')).toMatchObject({ ok: false, reason: 'unreachable' });
  });

  it('tells a cut answer', async () => {
    await far(
      playHttps('cut.test', (request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"a":');
        setTimeout(() => request.socket.destroy(), 20);
      }),
    );
    expect(await guardedPort([]).getJson('https://cut.test/')).toMatchObject({
      ok: false,
      reason: 'unreachable',
      detail: expect.stringContaining('broke off'),
    });
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
