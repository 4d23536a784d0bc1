import type { SnapshotStore } from '../../src/verify/snapshot-store.ts';
import { below, type Chance } from './chance.ts';
import type { PlayedTime } from './played-time.ts';

/** One request to Blob Storage in the same region, as it is played. */
const REQUEST_MS = 10;
/** As `src/verify/blob-snapshots.ts` has them. */
const MOST_ATTEMPTS = 5;
const LONGEST_PAUSE_MS = 50;

interface Blob {
  text: string;
  etag: number;
}

/** Blobs in memory that all instances share, written as `BlobSnapshots` writes them: a read, and a write on condition of its etag. */
export function playedBlobs(time: PlayedTime, random: Chance) {
  const blobs = new Map<string, Blob>();
  const counts = { reads: 0, writes: 0, conflicts: 0, givenUp: 0 };

  const get = async (name: string): Promise<Blob | undefined> => {
    counts.reads += 1;
    await time.sleep(REQUEST_MS);
    return blobs.get(name);
  };
  const put = async (name: string, text: string, etag: number | undefined): Promise<boolean> => {
    counts.writes += 1;
    await time.sleep(REQUEST_MS);
    const there = blobs.get(name);
    if (there?.etag !== etag) return false;
    blobs.set(name, { text, etag: (etag ?? 0) + 1 });
    return true;
  };
  const content = (blob: Blob | undefined): unknown => (blob ? JSON.parse(blob.text) : undefined);

  const store: SnapshotStore = {
    read: async (name) => content(await get(name)),
    update: async (name, change) => {
      for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
        const blob = await get(name);
        const made = change(content(blob));
        if (made === undefined || (await put(name, JSON.stringify(made), blob?.etag))) return;
        counts.conflicts += 1;
        await time.sleep(below(LONGEST_PAUSE_MS, random));
      }
      counts.givenUp += 1;
    },
    state: () => 'reachable',
  };
  return { store, counts };
}
