import type { SigningKeys, TrustedIssuer } from '../../src/contract/evidence.ts';
import { trustedIssuer } from '../../src/trust/families.ts';
import type { Fetched, Port } from '../../src/trust/guarded-port.ts';
import type { IssuerKeys } from '../../src/verify/kept-keys.ts';
import { KeyCache, type KeyCacheParts, type Wanted } from '../../src/verify/key-cache.ts';
import type { SnapshotStore } from '../../src/verify/snapshot-store.ts';
import { TENANT } from '../tokens.ts';

export const FRESH = 600;
/** When the clock of a {@link farSide} stands at 0 s. */
export const START = 1_800_000_000_000;
export const issuer = trustedIssuer(`https://sts.windows.net/${TENANT}/`, 'public', [])!;
export const keysUrl = `https://login.microsoftonline.com/${TENANT}/discovery/keys`;
/** Long enough to be used. */
const MODULUS = Buffer.alloc(256, 0xa5).toString('base64url');
export const rsa = (kid: string) => ({ kty: 'RSA', kid, use: 'sig', n: MODULUS, e: 'AQAB' });
export const down = { ok: false, reason: 'unreachable', detail: 'down' } as const satisfies Fetched;
export const at = (seconds: number) => new Date(START + seconds * 1000);

/** An issuer and a clock as the test sets them; each fetch is counted. */
export function farSide(...kids: string[]) {
  const far = {
    seconds: 0,
    kids: kids.length === 0 ? ['a'] : kids,
    /** In place of the keys. */
    answer: undefined as Fetched | undefined,
    /** The issuer in its metadata, in place of its own. */
    named: undefined as string | undefined,
    fetches: 0,
    /** Answers are made at once and held back until then. */
    held: undefined as Promise<void> | undefined,
    now: () => at(far.seconds),
  };
  return far;
}
export type FarSide = ReturnType<typeof farSide>;

/** Holds answers back from now on, until what it returns is called. */
export function hold(far: FarSide): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  far.held = promise;
  return () => {
    far.held = undefined;
    resolve();
  };
}

/** One instance of the product. */
export function instance(far: FarSide, parts: Partial<KeyCacheParts> = {}) {
  const port: Port = {
    getJson: async (url) => {
      if (url.endsWith('openid-configuration'))
        return { ok: true, body: { issuer: far.named ?? issuer.issuer, jwks_uri: keysUrl } };
      far.fetches += 1;
      const answer = far.answer ?? { ok: true, body: { keys: far.kids.map(rsa) } };
      await far.held;
      return answer;
    },
  };
  const cache = new KeyCache({ port, now: far.now, freshSeconds: FRESH, random: () => 0, ...parts });
  const get = async (kid?: string, wanted: Partial<Wanted> = {}, of: TrustedIssuer = issuer) =>
    await cache.get(of, { kid, purpose: 'diagnosing', ...wanted });
  return {
    cache,
    get,
    /** What is told of the keys, which must be there. */
    keys: async (...args: Parameters<typeof get>) => present(await get(...args)),
    /** How the keys were had. */
    state: async (...args: Parameters<typeof get>) => present(await get(...args)).cache.state,
  };
}

export function present({ signingKeys }: IssuerKeys): SigningKeys {
  if (signingKeys.state === 'absent') throw new Error(`No keys: ${signingKeys.detail}`);
  return signingKeys.value;
}

/** Keeps snapshots as text, as a real store does. */
export function memoryStore() {
  const texts = new Map<string, string>();
  const counts = { reads: 0, writes: 0 };
  const parsed = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));
  const store: SnapshotStore = {
    read: async (name) => {
      counts.reads += 1;
      return parsed(texts.get(name));
    },
    update: async (name, change) => {
      const made = change(parsed(texts.get(name)));
      if (made === undefined) return;
      counts.writes += 1;
      texts.set(name, JSON.stringify(made));
    },
    state: () => 'reachable',
  };
  return {
    store,
    counts,
    texts,
    /** The only snapshot there is. */
    only: () => {
      const [text] = texts.values();
      return parsed(text) as { fetchedAt: string; keys: { jwk: { kid: string } }[]; seen: object[] } | undefined;
    },
    /** Replaces the only snapshot there is. */
    replace: (snapshot: unknown) => {
      for (const name of texts.keys()) texts.set(name, JSON.stringify(snapshot));
    },
  };
}
