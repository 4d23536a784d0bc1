import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BlobSnapshots,
  SNAPSHOT_CONTAINER,
  SNAPSHOT_DEADLINE_MS,
  SNAPSHOT_MAX_BYTES,
  SNAPSHOT_PAUSE_SECONDS,
} from '../../src/verify/blob-snapshots.ts';
import { type Azurite, connectionStringTo, startAzurite } from '../azurite.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

/** A store with a clock of its own, and what it told of failures. */
function storeAt(connectionString: string) {
  const failures: string[] = [];
  const clock = { seconds: 1_800_000_000 };
  const store = new BlobSnapshots({
    place: { kind: 'connection-string', connectionString },
    now: () => new Date(clock.seconds * 1000),
    environment: {},
    onFailure: (what) => failures.push(what),
  });
  return { store, failures, clock };
}

const added = (item: string) => (stored: unknown) => ({
  items: [...((stored as { items?: string[] } | undefined)?.items ?? []), item],
});

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const started = performance.now();
  return { value: await work, ms: performance.now() - started };
}

describe('BlobSnapshots, with Azurite', () => {
  it('makes the container where it is missing, keeps what is written, and has nothing under other names', async () => {
    const { store, failures } = storeAt(azurite.connectionString);
    expect(store.state()).toBe('not-used');
    expect(await store.read('a')).toBeUndefined();
    await store.update('a', added('one'));
    expect(await store.read('a')).toEqual({ items: ['one'] });
    expect(await storeAt(azurite.connectionString).store.read('a')).toEqual({ items: ['one'] });
    expect(await store.read('b')).toBeUndefined();
    await store.update('a', () => undefined);
    expect(await store.read('a')).toEqual({ items: ['one'] });
    expect([store.state(), failures]).toEqual(['reachable', []]);
  });

  it('loses nothing where two instances write at once', async () => {
    const stores = [storeAt(azurite.connectionString).store, storeAt(azurite.connectionString).store];
    const names = Array.from({ length: 8 }, (_, round) => stores.map((_store, index) => `${round}-${index}`));
    for (const round of names) {
      await Promise.all(round.map((item, index) => stores[index]!.update('both', added(item))));
    }
    const { items } = (await stores[0]!.read('both')) as { items: string[] };
    expect(items.toSorted()).toEqual(names.flat().toSorted());
  });

  it('loses nothing where both are the first to write', async () => {
    const stores = [storeAt(azurite.connectionString).store, storeAt(azurite.connectionString).store];
    await Promise.all(stores.map((store, index) => store.update('first', added(String(index)))));
    expect(((await stores[0]!.read('first')) as { items: string[] }).items.toSorted()).toEqual(['0', '1']);
  });

  it.each([
    ['longer than is read', `"${'a'.repeat(SNAPSHOT_MAX_BYTES)}"`],
    ['no JSON', '{'],
    ['empty', ''],
  ])('takes a blob that is %s for none, and writes over it', async (_name, content) => {
    const { store, failures } = storeAt(azurite.connectionString);
    await store.update('odd', added('x'));
    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
      SNAPSHOT_CONTAINER,
    );
    for await (const { name } of container.listBlobsFlat()) {
      expect(name).toMatch(/^keys\/[0-9a-f]{64}\.json$/);
      await container.getBlockBlobClient(name).upload(content, Buffer.byteLength(content));
    }
    expect(await store.read('odd')).toBeUndefined();
    await store.update('odd', added('y'));
    expect(await store.read('odd')).toEqual({ items: ['y'] });
    expect([store.state(), failures]).toEqual(['reachable', []]);
  });

  it('tells of a wrong account key by its code, and fails no caller', async () => {
    const { store, failures } = storeAt(connectionStringTo(azurite.port, Buffer.from('wrong').toString('base64')));
    expect(await store.read('a')).toBeUndefined();
    await store.update('a', added('never'));
    expect([store.state(), failures]).toEqual(['failing', [expect.stringMatching(/^\w+$/)]]);
  });

  it('leaves a store alone that is down, and comes back to it', async () => {
    const own = await startAzurite();
    const { store, failures, clock } = storeAt(own.connectionString);
    await store.update('a', added('one'));
    await own.stop();
    const failed = await timed(store.read('a'));
    expect([failed.value, store.state(), failures.length]).toEqual([undefined, 'failing', 1]);
    expect(failed.ms).toBeLessThan(2 * SNAPSHOT_DEADLINE_MS);
    const again = await startAzurite({ port: own.port });
    clock.seconds += SNAPSHOT_PAUSE_SECONDS - 1;
    await store.update('a', added('two'));
    expect(store.state()).toBe('failing');
    clock.seconds += 1;
    await store.update('a', added('three'));
    expect(await store.read('a')).toEqual({ items: ['three'] });
    expect([store.state(), failures.length]).toEqual(['reachable', 1]);
    await again.stop();
  });
});

describe('BlobSnapshots, with a store that hangs', () => {
  let silent: Server;
  beforeAll(async () => {
    silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    silent.closeAllConnections();
    silent.close();
  });

  it('gives up at the deadline, and lets others not wait at all', async () => {
    const { store, failures } = storeAt(connectionStringTo((silent.address() as AddressInfo).port));
    const first = await timed(store.update('a', added('one')));
    expect(first.ms).toBeLessThan(2 * SNAPSHOT_DEADLINE_MS);
    const second = await timed(store.read('a'));
    expect(second.ms).toBeLessThan(SNAPSHOT_DEADLINE_MS / 2);
    expect([store.state(), failures]).toEqual(['failing', ['DeadlineExceeded']]);
  });
});
