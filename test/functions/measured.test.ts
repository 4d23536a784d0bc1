import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LogLine, type RequestLine, SourceRead } from '../../src/contract/log-line.ts';
import { measured, SourceReads } from '../../src/functions/measured.ts';
import { noAzure } from '../azure.ts';
import { startServer } from '../local/server.ts';

const outcome = (word: SourceRead['outcome']) => () => word;

describe('what a request read', () => {
  it('is told with who was asked, what for, what came of it and how long it took', async () => {
    const reads = new SourceReads();
    await reads.time('arm', 'clusters', () => wait(40), outcome('forbidden'));
    await reads.time('issuer', 'keys', async () => {}, outcome('stale'));
    const [clusters, keys] = reads.told().map((read) => SourceRead.parse(read));
    expect(clusters).toMatchObject({ source: 'arm', what: 'clusters', outcome: 'forbidden' });
    expect(clusters!.durationMs).toBeGreaterThanOrEqual(39);
    expect(keys).toMatchObject({ source: 'issuer', what: 'keys', outcome: 'stale' });
    expect(keys!.durationMs).toBeLessThan(30);
  });

  it('takes no longer because the request goes on after it', async () => {
    const reads = new SourceReads();
    await reads.time('arm', 'clusters', async () => {}, outcome('present'));
    await wait(60);
    expect(reads.told()[0]!.durationMs).toBeLessThan(40);
  });

  it('is unfinished, and as long as it took so far, where nobody waits any more', async () => {
    const reads = new SourceReads();
    void reads.time('graph', 'applications', () => new Promise(() => {}), outcome('present'));
    await wait(40);
    const [read] = reads.told();
    expect(read).toMatchObject({ outcome: 'unfinished' });
    expect(read!.durationMs).toBeGreaterThanOrEqual(39);
  });

  it('hands on what was read, and what was thrown', async () => {
    const reads = new SourceReads();
    expect(await reads.time('arm', 'clusters', async () => 'read', outcome('present'))).toBe('read');
    await expect(
      reads.time('arm', 'clusters', () => Promise.reject(new Error('a bug')), outcome('present')),
    ).rejects.toThrow('a bug');
    expect(reads.told().map((read) => read.outcome)).toEqual(['present', 'unfinished']);
  });

  it('is told one by one up to twenty reads, and beyond them together, so that a line stays short', async () => {
    const reads = new SourceReads();
    const read = (word: SourceRead['outcome'], ms = 0) =>
      reads.time('arm', 'identities', () => wait(ms), outcome(word));
    await Promise.all(Array.from({ length: 20 }, () => read('present')));
    expect(reads.told()).toHaveLength(20);
    expect(reads.told().every((one) => one.reads === undefined)).toBe(true);
    await Promise.all([
      read('present', 60),
      read('forbidden', 30),
      ...Array.from({ length: 480 }, () => read('present')),
      reads.time('arm', 'clusters', async () => {}, outcome('present')),
    ]);
    const told = reads.told().map((one) => SourceRead.parse(one));
    expect(told.map(({ what, outcome: word, reads: many }) => [what, word, many])).toEqual([
      ['identities', 'present', 501],
      ['identities', 'forbidden', 1],
      ['clusters', 'present', 1],
    ]);
    expect(told[0]!.durationMs).toBeGreaterThanOrEqual(59);
    expect(told[1]!.durationMs).toBeLessThan(told[0]!.durationMs);
  });
});

describe('measured sources', () => {
  const now = () => new Date();
  const of = (part: object) => {
    const reads = new SourceReads();
    return { reads, sources: measured(part as never, reads) };
  };
  const azureMethods = {
    cluster: ['arm', 'clusters'],
    clusters: ['arm', 'clusters'],
    identityBindings: ['arm', 'identityBindings'],
    identity: ['arm', 'identities'],
    identities: ['arm', 'identities'],
    federatedCredentials: ['arm', 'federatedCredentials'],
    subscriptions: ['arm', 'subscriptions'],
    application: ['graph', 'applications'],
    applicationCredentials: ['graph', 'applications'],
    servicePrincipal: ['graph', 'applications'],
  } as const;

  it('know every read that the reader of Azure knows', () => {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(noAzure(now)));
    expect(Object.keys(azureMethods).toSorted()).toEqual(methods.filter((name) => name !== 'constructor').toSorted());
  });

  it.each(Object.entries(azureMethods))('put down %s, and change nothing about it', async (name, [source, what]) => {
    const asked: unknown[][] = [];
    const brought = [{ ok: true }, { ok: false, reason: 'not-found' }];
    const azure = { [name]: async (...by: unknown[]) => brought[asked.push(by) - 1] };
    const { reads, sources } = of({ azure });
    const read = (sources.azure as unknown as typeof azure)[name]!;
    expect([await read('a', 'b', 'c'), await read('d')]).toEqual(brought);
    expect(asked).toEqual([['a', 'b', 'c'], ['d']]);
    expect(reads.told()).toMatchObject([
      { source, what, outcome: 'present' },
      { source, what, outcome: 'not-found' },
    ]);
  });

  it.each([
    ['their state', { state: 'present', value: { cache: { state: 'stale' } } }, 'stale'],
    [
      'why they are not new',
      { state: 'present', value: { cache: { state: 'fresh', refreshFailed: { reason: 'unreachable' } } } },
      'unreachable',
    ],
    ['why there are none', { state: 'absent', reason: 'malformed' }, 'malformed'],
  ])('put down keys with %s, and change nothing about them', async (_case, signingKeys, word) => {
    const asked: unknown[][] = [];
    const get = async (...by: unknown[]) => ({ signingKeys, asked: asked.push(by) });
    const { reads, sources } = of({ keys: { get } });
    const wanted = { purpose: 'deciding', oldestSeconds: 7 } as const;
    expect(await sources.keys.get('place' as never, wanted)).toEqual({ signingKeys, asked: 1 });
    expect(asked).toEqual([['place', wanted]]);
    expect(reads.told()).toMatchObject([{ source: 'issuer', what: 'keys', outcome: word }]);
  });

  it('put down no look at what was seen, which asks nobody', () => {
    const { reads, sources } = of({ keys: { lastSeen: () => 'reachable' } });
    expect([sources.keys.lastSeen({} as never), reads.told()]).toEqual(['reachable', []]);
  });
});

describe('the log of a server', () => {
  const GROUP = '/subscriptions/0a1b2c3d-aaaa-4222-8333-444455556666/resourceGroups';
  const cluster = (group: string) => `${GROUP}/${group}/providers/Microsoft.ContainerService/managedClusters/aks-shop`;
  const identity = `${GROUP}/rg-shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-no-slash`;
  const workload = { namespace: 'shop', serviceAccount: 'checkout' };
  const json = { 'content-type': 'application/json' };

  it('tells of each route that gathers what it waited for', async () => {
    const server = await startServer({ env: { REGION_NAME: 'Sweden Central' } });
    const token = async (recipe: string) => await (await fetch(`${server.url}/sandbox/tokens/${recipe}`)).text();
    const send = async (path: string, body: object) => {
      const response = await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify(body),
      });
      await response.text();
      const id = response.headers.get('x-request-id')!;
      await expect.poll(() => server.output()).toContain(`"requestId":"${id}"`);
      return lineWith(id) as RequestLine;
    };
    const lineWith = (word: string) => {
      const line = server
        .output()
        .split('\n')
        .find((text) => text.includes(word))!;
      return LogLine.parse(JSON.parse(line.slice(line.indexOf('{'))));
    };
    const whats = ({ sources = [] }: RequestLine) =>
      sources.map(({ source, what, outcome: word }) => `${source} ${what} ${word}`);
    try {
      const good = await token('entra-v2');
      expect(whats(await send('/api/introspect', { token: good }))).toEqual(['issuer keys refreshed']);
      const decided = await send('/api/introspect', { token: good });
      expect(whats(decided)).toEqual(['issuer keys fresh']);
      expect(decided.policyHash).toMatch(/^[0-9a-f]{16}$/);
      expect(lineWith('"event":"start"')).toMatchObject({
        region: 'Sweden Central',
        policies: { default: decided.policyHash },
      });
      const forArm = await token('entra-v1?aud=arm');
      const analyzed = await send('/api/tokens/analyze', { token: forArm, target: 'arm' });
      expect(whats(analyzed)).toEqual([expect.stringMatching(/^issuer keys (?:fresh|refreshed)$/)]);
      expect(analyzed).toMatchObject({
        target: 'arm',
        kind: 'entra-access-token',
        verdict: 'pass',
        failed: [],
        unknown: [],
        token: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
      const read = await send('/api/keys/validate', {
        kid: 'no-such-key',
        cluster: { resourceId: cluster('rg-shop') },
      });
      expect(whats(read)).toEqual(expect.arrayContaining(['arm clusters present', 'issuer keys refreshed']));
      expect(read.documents).toBeGreaterThan(0);
      const refused = await send('/api/keys/validate', { kid: 'a', cluster: { resourceId: cluster('rg-forbidden') } });
      expect(whats(refused)).toEqual(['arm clusters forbidden']);
      const verified = await send('/api/federation/verify', {
        cluster: { resourceId: cluster('rg-shop') },
        identity: { resourceId: identity },
        workload,
      });
      expect(whats(verified)).toEqual(
        expect.arrayContaining(['arm clusters present', 'arm identities present', 'arm federatedCredentials present']),
      );
      expect(verified.gatheredMs).toBeLessThanOrEqual(verified.durationMs);
      const none = await send('/api/federation/verify', { workload: {} });
      expect(none).not.toHaveProperty('sources');
    } finally {
      await server.stop();
    }
  });
});
