import { afterEach, describe, expect, it } from 'vitest';
import { guardedPort, UPSTREAM_MAX_BYTES } from '../../src/trust/guarded-port.ts';
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
