import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { parseJson } from '../contract/json.ts';
import { ownIdentity } from '../trust/own-identity.ts';
import type { SnapshotPlace } from '../trust/snapshot-place.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** The container of a storage account that is named by its keys. */
export const SNAPSHOT_CONTAINER = 'token-doctor-keys';
/** One read or update as a whole, signing in included: a snapshot spares a fetch and must not take longer than one. */
export const SNAPSHOT_DEADLINE_MS = 1_000;
/** A key document is at most half as large. */
export const SNAPSHOT_MAX_BYTES = 512 * 1024;
/** After a failure the store is left alone for so long, so that an outage of it slows nobody down twice. */
export const SNAPSHOT_PAUSE_SECONDS = 30;
/** Writers of one blob at once: one an instance, so few. */
const MOST_ATTEMPTS = 5;
const LONGEST_PAUSE_MS = 50;

interface Parts {
  place: SnapshotPlace;
  now: () => Date;
  environment: Readonly<NodeJS.ProcessEnv>;
  /** Told of a failure, once in each pause, in words of ours: neither an address nor what the other side said. */
  onFailure(what: string): void;
}

/** Snapshots as blobs, `keys/` and the SHA-256 of the name; concurrent writers are told apart by etag. Loads nothing before it is used. */
export class BlobSnapshots implements SnapshotStore {
  readonly #parts: Parts;
  #container: Promise<ContainerClient> | undefined;
  #state: 'not-used' | 'reachable' | 'failing' = 'not-used';
  #pausedUntilMs = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  state(): 'not-used' | 'reachable' | 'failing' {
    return this.#state;
  }

  async read(name: string): Promise<unknown> {
    const read = await this.#inTime(
      async (abortSignal) => (await readBlob(await this.#blob(name), abortSignal)).content,
    );
    return read?.value;
  }

  async update(name: string, change: (stored: unknown) => object | undefined): Promise<void> {
    await this.#inTime(async (abortSignal) => {
      const blob = await this.#blob(name);
      for (let attempt = 1; ; attempt += 1) {
        const { content, etag } = await readBlob(blob, abortSignal);
        const changed = change(content);
        if (changed === undefined || (await this.#written(blob, changed, etag, abortSignal))) return;
        if (attempt === MOST_ATTEMPTS) throw new Error('ConditionNotMet');
        await wait(Math.random() * LONGEST_PAUSE_MS, undefined, { signal: abortSignal });
      }
    });
  }

  /** False where somebody else wrote since `etag`, or since there was nothing. */
  async #written(blob: BlockBlobClient, content: object, etag: string | undefined, abortSignal: AbortSignal) {
    const body = JSON.stringify(content);
    try {
      await blob.upload(body, Buffer.byteLength(body), {
        abortSignal,
        conditions: etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag },
        blobHTTPHeaders: { blobContentType: 'application/json' },
      });
      return true;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ContainerNotFound') {
        await (await this.#client()).createIfNotExists({ abortSignal });
        return false;
      }
      if (code === 'ConditionNotMet' || code === 'BlobAlreadyExists') return false;
      throw error;
    }
  }

  async #blob(name: string): Promise<BlockBlobClient> {
    return (await this.#client()).getBlockBlobClient(`keys/${hash('sha256', name)}.json`);
  }

  async #client(): Promise<ContainerClient> {
    this.#container ??= containerClient(this.#parts).catch((error: unknown) => {
      this.#container = undefined;
      throw error;
    });
    return await this.#container;
  }

  /** What `work` gives, in time; undefined where it fails, takes too long, or the store is left alone. */
  async #inTime<T>(work: (abortSignal: AbortSignal) => Promise<T>): Promise<{ value: T } | undefined> {
    const { now, onFailure } = this.#parts;
    if (now().getTime() < this.#pausedUntilMs) return undefined;
    const abort = new AbortController();
    const done = work(abort.signal);
    // Credentials do not heed the signal, so what loses the race goes on, and may fail, unheard.
    done.catch(() => {});
    try {
      const value = await Promise.race([done, late(abort.signal)]);
      this.#state = 'reachable';
      return { value };
    } catch (error) {
      this.#state = 'failing';
      const already = now().getTime() < this.#pausedUntilMs;
      this.#pausedUntilMs = now().getTime() + SNAPSHOT_PAUSE_SECONDS * 1000;
      if (!already) onFailure(codeOf(error));
      return undefined;
    } finally {
      abort.abort();
    }
  }
}

async function containerClient({ place, environment }: Parts): Promise<ContainerClient> {
  const { BlobServiceClient, ContainerClient: Container } = await import('@azure/storage-blob');
  // The deadline is shorter than a second try would take.
  const options = { retryOptions: { maxTries: 1 } };
  return place.kind === 'container'
    ? new Container(place.address, await ownIdentity(environment), options)
    : BlobServiceClient.fromConnectionString(place.connectionString, options).getContainerClient(SNAPSHOT_CONTAINER);
}

/** What is stored, parsed; undefined where nothing is, or nothing that can be read. */
async function readBlob(
  blob: BlockBlobClient,
  abortSignal: AbortSignal,
): Promise<{ content?: unknown; etag?: string | undefined }> {
  try {
    const { etag, readableStreamBody } = await blob.download(0, undefined, { abortSignal });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of readableStreamBody ?? []) {
      bytes += chunk.length;
      if (bytes > SNAPSHOT_MAX_BYTES) return { etag };
      chunks.push(Buffer.from(chunk));
    }
    const json = parseJson(Buffer.concat(chunks).toString());
    return { etag, ...(json.ok && { content: json.value }) };
  } catch (error) {
    if (['BlobNotFound', 'ContainerNotFound'].includes(codeOf(error))) return {};
    throw error;
  }
}

/** A code of the storage service or of the network, or the name of the error. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code: unknown = Reflect.get(error, 'code') ?? Reflect.get(error, 'statusCode');
  const named = typeof code === 'string' || typeof code === 'number' ? String(code) : error.name;
  return /^[\w-]{1,64}$/.test(named) ? named : 'unknown';
}

async function late(signal: AbortSignal): Promise<never> {
  await wait(SNAPSHOT_DEADLINE_MS, undefined, { signal, ref: false }).catch(() => {});
  throw Object.assign(new Error('too slow'), { code: 'DeadlineExceeded' });
}
