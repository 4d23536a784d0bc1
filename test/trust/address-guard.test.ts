import { afterEach, describe, expect, it } from 'vitest';
import { playHost } from '../../local/loopback-guard.ts';
import { guardedPort } from '../../src/trust/guarded-port.ts';
import { isPublic, publicLookup } from '../../src/trust/public-address.ts';
import { type FarSide, playHttps, playLookups } from '../far-side.ts';

const open: FarSide[] = [];
const far = async (host: string, address?: string) => {
  const side = await playHttps(host, (_request, response) => void response.end('{"inside":true}'), {
    ...(address !== undefined && { address }),
  });
  open.push(side);
  return side;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((side) => side.close()));
});

/** By the range that each is in, its last address where there is one worth trying. */
const NOT_PUBLIC = {
  'this network': ['0.0.0.0', '0.255.255.255'],
  'private networks': ['10.0.0.0', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.255.255'],
  'shared by a carrier': ['100.64.0.1', '100.127.255.255', '100.100.100.200'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  'link-local and metadata': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1'],
  "Azure's wire server": ['168.63.129.16'],
  'protocol assignments': ['192.0.0.1', '192.0.0.192', '2001:1::1', '2001:20::1', '2001:1ff:ffff::1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.9', '2001:db8::1', '3fff::1', '3fff:fff:ffff::1'],
  'AS112 and AMT': ['192.31.196.1', '192.175.48.1', '192.52.193.1', '2620:4f:8000::1'],
  benchmarking: ['198.18.0.1', '198.19.255.255', '2001:2::1'],
  'multicast, reserved, broadcast': ['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', 'ff02::1'],
  unspecified: ['::'],
  'unique local and site-local': ['fc00::1', 'fd00::1', 'fd00:ec2::254', 'fec0::1'],
  'IPv4, mapped': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:1.1.1.1'],
  'IPv4, compatible or translated': ['::127.0.0.1', '::7f00:1', '::ffff:0:127.0.0.1'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::101:101', '64:ff9b:1::7f00:1', '64:ff9b:1:ffff::1'],
  '6to4 and its relays': ['2002:7f00:1::', '2002:101:101::1', '192.88.99.1'],
  Teredo: ['2001::1', '2001:0:7f00:1::'],
  'discard, dummy, segment routing': ['100::1', '100:0:0:1::1', '5f00::1'],
};
const notPublic = Object.entries(NOT_PUBLIC).flatMap(([range, addresses]) =>
  addresses.map((address) => [address, range] as const),
);
const spelled = (address: string) => `https://${address.includes(':') ? `[${address}]` : address}/keys`;

describe('isPublic', () => {
  it.each([
    '20.0.0.1',
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.1',
    '126.255.255.255',
    '168.63.129.15',
    '168.63.129.17',
    '172.15.255.255',
    '172.32.0.1',
    '192.0.1.1',
    '198.17.255.255',
    '198.20.0.1',
    '223.255.255.255',
    '2001:200::1',
    '2603:1030::1',
    '2620:4f:8001::1',
    '2a01:111::1',
  ])('%s is', (address) => {
    expect(isPublic(address)).toBe(true);
  });
  it.each(notPublic)('%s is not (%s)', (address) => {
    expect(isPublic(address)).toBe(false);
  });
  it.each(['localhost', '', 'fe80::1%eth0', '2a01:111::1%1', '127.0.0.1.', '0x7f.1'])('%j is not', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

describe('guardedPort, without opened origins', () => {
  const port = guardedPort([]);

  it.each([
    ...notPublic.map(([address]) => spelled(address)),
    'https://2130706433/',
    'https://2130706433./',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://0x7f.1/',
    'https://0x7f000001/',
    'https://0X7F.0.0.0x1/',
    'https://127.1/',
    'https://127.0.1/',
    'https://0/',
    'https://0x/',
    'https://127.0.0.1./',
    'https://127.0.0.1../',
    'https://127.0.0.1:8443/',
    'https://%31%32%37.0.0.1/',
    'https://127。0。0。1/',
    'https://１２７.０.０.１/',
    'https://①②⑦.0.0.1/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://[::ffff:7f00:1]/',
    'https://[0:0:0:0:0:ffff:7f00:0001]/',
    'https://[0000::0001]/',
    'https://localhost/',
    'https://localhost./',
    'https://localhost../',
    'https://LOCALHOST/',
    'https://ⓛocalhost/',
    'https://keys.localhost/',
    'https://keys.localhost./',
    'https://./',
  ])('asks not for %s', async (address) => {
    expect(await port.getJson(address)).toEqual({
      ok: false,
      reason: 'refused',
      detail: 'Not asked: the address is not a public one.',
    });
  });

  it.each(['https://[fe80::1%25eth0]/', 'https://[fe80::1%eth0]/', 'https://[::1%lo]/', 'https://256.0.0.1/'])(
    'takes %s for no URL',
    async (address) => {
      expect(await port.getJson(address)).toMatchObject({ ok: false, reason: 'refused' });
    },
  );

  it.each(['127.0.0.1', '10.0.0.7', '169.254.169.254', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', 'fe80::1%eth0'])(
    'asks no name that resolves to %s',
    async (address) => {
      const side = await far('inside.test', address);
      expect(await port.getJson('https://inside.test/')).toEqual({
        ok: false,
        reason: 'refused',
        detail: 'Not asked: inside.test resolves to an address that is not public.',
      });
      expect(side.seen).toEqual([]);
    },
  );

  it.each([
    ['an address inside behind a public one', 'mixed-a.test', ['20.0.0.1', '127.0.0.1']],
    ['a public address behind one inside', 'mixed-b.test', ['::1', '2603:1030::1']],
    ['no address at all', 'none.test', []],
  ])('asks no name that resolves to %s', async (_name, host, addresses) => {
    const side = await far(host);
    playLookups(host, addresses);
    expect(await port.getJson(`https://${host}/`)).toMatchObject({ ok: false, reason: 'refused' });
    expect(side.seen).toEqual([]);
  });

  it('looks a name up once a call, so that what was looked at is what is connected to', async () => {
    const side = await far('rebinding.test');
    const lookups = playLookups('rebinding.test', ['20.0.0.1'], ['127.0.0.1']);
    expect(await port.getJson('https://rebinding.test/')).toMatchObject({ ok: true });
    expect(lookups.asked).toBe(1);
    expect(side.seen).toHaveLength(1);
    // The next call has a connection of its own, and so looks again.
    expect(await port.getJson('https://rebinding.test/')).toMatchObject({ ok: false, reason: 'refused' });
    expect(lookups.asked).toBe(2);
    expect(side.seen).toHaveLength(1);
  });

  it('hands on the addresses that it looked at, and no others', async () => {
    playHost('handed.test', { port: 1 });
    const lookups = playLookups('handed.test', ['20.0.0.1', '2603:1030::1'], ['20.0.0.2'], ['127.0.0.1']);
    const looked = (options: { all?: boolean }) =>
      new Promise((resolve) => publicLookup('handed.test', options, (...answer) => resolve(answer)));
    expect(await looked({ all: true })).toEqual([
      null,
      [
        { address: '20.0.0.1', family: 4 },
        { address: '2603:1030::1', family: 6 },
      ],
    ]);
    expect(await looked({})).toEqual([null, '20.0.0.2', 4]);
    expect(await looked({})).toEqual([expect.any(Error), '', 0]);
    expect(lookups.asked).toBe(3);
  });
});
