import { setTimeout as wait } from 'node:timers/promises';
import { JwksClient } from 'jwks-rsa';
import * as z from 'zod';
import type { Gathered, IssuerMetadata, PublishedKey, SigningKeys, TrustedIssuer } from '../contract/evidence.ts';
import { mayPublishAt } from '../trust/families.ts';
import type { Fetched, Port } from '../trust/guarded-port.ts';
import { type Bucket, take, waitFor } from '../trust/token-bucket.ts';

/** Issuers remembered at once; the least recently used goes first, so that offered issuers cannot grow the memory. */
export const MAX_ISSUERS = 500;
/** Keys read of one document. Entra publishes about ten; more would only buy work for whoever publishes them. */
export const MAX_KEYS = 100;
/** After a failed fetch, and between two fetches for unknown kids once {@link UNKNOWN_KID_BURST} of them are spent. */
export const REFETCH_COOLDOWN_SECONDS = 10;
/** Fetches that unknown kids may cause at once: a rotation right after a fetch is seen at once, a flood is not followed. */
export const UNKNOWN_KID_BURST = 2;
/** Fetches under way for all issuers together, so that offered issuers cannot open connections without end. */
export const MAX_FETCHES_AT_ONCE = 32;
/** A fetch longer ago tells nothing of today: the longest that keys may be fresh. */
const RECENT_SECONDS = 3600;
const UNKNOWN_KID_ALLOWANCE = { burst: UNKNOWN_KID_BURST, everyMs: REFETCH_COOLDOWN_SECONDS * 1000 };
/** How long a caller with an old key waits for a refresh, before that key must do. */
const STALE_AFTER_MS = 500;
/** How long the last good set may still explain a token while its issuer cannot be reached. Diagnosis only. */
export const STALE_LIMIT_SECONDS = 24 * 3600;

/** OpenID Connect Discovery 1.0 §3: the two members that trust rests on. */
const MetadataDocument = z.looseObject({ issuer: z.string(), jwks_uri: z.string() });
/** RFC 7517 §5: unknown members are ignored, and a key that cannot be used is skipped singly. */
const JwkSet = z.looseObject({ keys: z.array(z.unknown()) });
const Jwk = z.looseObject({
  kty: z.string(),
  kid: z.string().optional(),
  use: z.string().optional(),
  alg: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  issuer: z.string().optional(),
});
export type Jwk = z.infer<typeof Jwk>;

/** What is known of an issuer's keys. `jwks` are the keys as published, for the verifier alone. */
export interface IssuerKeys {
  metadata: Gathered<IssuerMetadata>;
  signingKeys: Gathered<SigningKeys>;
  jwks: readonly Jwk[];
}

interface Fetch {
  metadata: Gathered<IssuerMetadata>;
  set:
    | { ok: true; jwksUri: string; jwks: readonly Jwk[]; leftOut: number }
    | { ok: false; absent: Extract<Gathered<never>, { state: 'absent' }> };
  at: Date;
}

interface Entry {
  /** The last fetch that brought keys. */
  good?: Fetch;
  /** The last fetch, whatever it brought. */
  last?: Fetch;
  running?: Promise<Fetch>;
  /** Fetches that unknown kids may still cause. */
  budget: Bucket;
}

/**
 * The keys of trusted issuers, kept whole sets at a time. Fetched again when older than `freshSeconds`, or when the `kid`
 * asked for is not among them (key rotation: OpenID Connect Core 1.0 §10.1.1), within a budget; a failed fetch is repeated
 * after {@link REFETCH_COOLDOWN_SECONDS}. Concurrent callers share one fetch; who finds a fresh key waits for none. A set
 * that brings no usable key never replaces one that does. Losing the memory costs a fetch, never an answer.
 */
export class KeyCache {
  readonly #port: Port;
  readonly #now: () => Date;
  readonly #freshSeconds: number;
  readonly #entries = new Map<string, Entry>();
  readonly #neverForgotten: ReadonlySet<string>;
  #fetching = 0;

  /** `neverForgotten`: issuers that decisions rest on; whoever else is offered can neither push them out nor crowd them out. */
  constructor(port: Port, now: () => Date, freshSeconds: number, neverForgotten: readonly TrustedIssuer[] = []) {
    this.#port = port;
    this.#now = now;
    this.#freshSeconds = freshSeconds;
    this.#neverForgotten = new Set(neverForgotten.map(entryKey));
  }

  /** `refetchUnknown`: whether a `kid` that is not published may cost a fetch; only for tokens that could pass otherwise. */
  async get(issuer: TrustedIssuer, kid: string | undefined, refetchUnknown: boolean): Promise<IssuerKeys> {
    const entry = this.#entryOf(issuer);
    const now = this.#now();
    const fresh = ageSeconds(entry.good, now) < this.#freshSeconds;
    const found = kid === undefined || publishes(entry.good, kid);
    if (fresh && (found || !refetchUnknown)) return this.#told(entry, kid, 'fresh');

    const failed = entry.last !== entry.good && ageSeconds(entry.last, now) < REFETCH_COOLDOWN_SECONDS;
    const crowded = this.#fetching >= MAX_FETCHES_AT_ONCE && !this.#neverForgotten.has(entryKey(issuer));
    const mayStart = !entry.running && !failed && !crowded;
    if (mayStart && (!fresh || take(entry.budget, UNKNOWN_KID_ALLOWANCE, now.getTime()) === 0))
      entry.running = this.#start(issuer, entry);
    if (!entry.running) return entry.last ? this.#told(entry, kid, 'throttled') : this.#crowded();

    // An old key that would do is better soon than a new one late.
    await (found && usableAt(entry.good, now)
      ? Promise.race([entry.running, wait(STALE_AFTER_MS, undefined, { ref: false })])
      : entry.running);
    return this.#told(entry, kid, entry.last === entry.good ? 'refreshed' : found ? 'fresh' : 'throttled');
  }

  /** What the last fetch for an issuer brought, within {@link RECENT_SECONDS}; asks nobody. */
  lastSeen(issuer: TrustedIssuer): 'reachable' | 'unreachable' | 'not-asked' {
    const last = this.#entries.get(entryKey(issuer))?.last;
    if (!last || ageSeconds(last, this.#now()) > RECENT_SECONDS) return 'not-asked';
    return last.set.ok ? 'reachable' : 'unreachable';
  }

  #start(issuer: TrustedIssuer, entry: Entry): Promise<Fetch> {
    this.#fetching += 1;
    return this.#fetch(issuer)
      .then((fetched) => {
        entry.last = fetched;
        if (fetched.set.ok) entry.good = fetched;
        return fetched;
      })
      .finally(() => {
        this.#fetching -= 1;
        delete entry.running;
      });
  }

  /** An issuer that was never asked, because too many others are being asked. */
  #crowded(): IssuerKeys {
    const absent = absence(
      this.#now(),
      'unreachable',
      'Too many issuers are being asked at once; this one was not. Try again.',
    );
    return { metadata: { ...absent, source: 'issuer' }, signingKeys: absent, jwks: [] };
  }

  #entryOf(issuer: TrustedIssuer): Entry {
    const key = entryKey(issuer);
    const entry = this.#entries.get(key) ?? { budget: { left: UNKNOWN_KID_BURST, atMs: this.#now().getTime() } };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > MAX_ISSUERS) this.#forgetOne(key);
    return entry;
  }

  /** The least recently used one without keys, so that offered issuers cannot push out those that matter in an outage. */
  #forgetOne(kept: string): void {
    const idle = [...this.#entries].filter(
      ([key, { running }]) => key !== kept && !running && !this.#neverForgotten.has(key),
    );
    const [forgotten] = idle.find(([, { good }]) => !good) ?? idle[0] ?? [];
    if (forgotten !== undefined) this.#entries.delete(forgotten);
  }

  #told(entry: Entry, kid: string | undefined, how: SigningKeys['cache']['state']): IssuerKeys {
    const now = this.#now();
    const { last, good } = entry;
    if (!last) throw new Error('keys are told before they were fetched');
    const usable = usableAt(good, now);
    if (!usable?.set.ok) {
      const absent = last.set.ok
        ? absence(last.at, 'unreachable', 'The last good key set is too old to use.')
        : last.set.absent;
      return { metadata: last.metadata, signingKeys: absent, jwks: [] };
    }
    const { jwksUri, jwks, leftOut } = usable.set;
    const found = kid === undefined || publishes(usable, kid);
    const age = ageSeconds(usable, now);
    const next =
      how === 'throttled'
        ? Math.max(
            last.at.getTime() + (last === good ? 0 : REFETCH_COOLDOWN_SECONDS * 1000),
            now.getTime() + waitFor(entry.budget, UNKNOWN_KID_ALLOWANCE, now.getTime()),
          )
        : usable.at.getTime() + this.#freshSeconds * 1000;
    return {
      metadata: usable.metadata,
      jwks,
      signingKeys: {
        state: 'present',
        source: 'keys',
        observedAt: usable.at,
        value: {
          jwksUri,
          keys: jwks.map(publicMembers),
          keysLeftOut: leftOut,
          ...(kid !== undefined && { kidPublished: found }),
          cache: {
            state: age >= this.#freshSeconds ? 'stale' : how,
            fetchedAt: usable.at,
            ageSeconds: Math.round(age),
            nextRefreshAt: new Date(Math.max(now.getTime(), next)),
          },
        },
      },
    };
  }

  async #fetch(issuer: TrustedIssuer): Promise<Fetch> {
    const metadata = await this.#metadata(issuer);
    const at = this.#now();
    if (metadata.state === 'absent') return { metadata, at, set: { ok: false, absent: metadata } };
    const keys = await this.#keys(metadata.value.jwksUri);
    return { metadata, at: this.#now(), set: keys };
  }

  async #metadata(issuer: TrustedIssuer): Promise<Gathered<IssuerMetadata>> {
    const { metadataUrl: url, jwksUri } = issuer;
    if (jwksUri !== undefined) {
      const value = { url: jwksUri, issuer: issuer.issuer, jwksUri };
      return { state: 'present', source: 'issuer', observedAt: this.#now(), value };
    }
    const fetched = await this.#port.getJson(url);
    const at = this.#now();
    if (!fetched.ok) return { ...absence(at, reasonOf(fetched.reason), fetched.detail), source: 'issuer' };
    const document = MetadataDocument.safeParse(fetched.body);
    if (!document.success) {
      return {
        ...absence(at, 'malformed', `The document at ${url} is not OpenID Connect metadata.`),
        source: 'issuer',
      };
    }
    const value = { url, issuer: document.data.issuer, jwksUri: document.data.jwks_uri };
    if (!mayPublishAt(issuer, value.jwksUri)) {
      return {
        ...absence(
          at,
          'untrusted',
          `The metadata at ${url} names a jwks_uri outside its own family; it was not asked.`,
        ),
        source: 'issuer',
      };
    }
    return { state: 'present', source: 'issuer', observedAt: at, value };
  }

  /** jwks-rsa retrieves, through our own port; its own cache, limiter and key selection drop what diagnosis needs. */
  async #keys(jwksUri: string): Promise<Fetch['set']> {
    const got: { fetched?: Fetched } = {};
    const client = new JwksClient({
      jwksUri,
      cache: false,
      rateLimit: false,
      fetcher: async (uri) => {
        got.fetched = await this.#port.getJson(uri);
        const set = JwkSet.safeParse(got.fetched.ok ? got.fetched.body : undefined);
        return { keys: set.success ? set.data.keys : [] };
      },
    });
    const published = z.array(z.unknown()).parse(await client.getKeys());
    if (got.fetched?.ok === false) {
      return { ok: false, absent: absence(this.#now(), reasonOf(got.fetched.reason), got.fetched.detail) };
    }
    const jwks = published.slice(0, MAX_KEYS).flatMap((key) => Jwk.safeParse(key).data ?? []);
    if (jwks.some(canVerify)) {
      return { ok: true, jwksUri, jwks, leftOut: Math.max(0, published.length - MAX_KEYS) };
    }
    return {
      ok: false,
      absent: absence(this.#now(), 'malformed', `The document at ${jwksUri} is not a JWK set with signing keys.`),
    };
  }
}

/** By issuer too: two that differ in a slash at the end name one document, which is the one's or the other's. */
const entryKey = ({ issuer, metadataUrl, jwksUri }: TrustedIssuer): string =>
  `${issuer} ${metadataUrl} ${jwksUri ?? ''}`;

/** Whether a key verifies signatures at all (RFC 7517 §4, RFC 7518 §6); an `oct` key is a secret and never does. */
function canVerify({ kty, use, key_ops: operations, n, e, crv, x, y }: Jwk): boolean {
  const members = kty === 'RSA' ? [n, e] : kty === 'EC' ? [crv, x, y] : [undefined];
  const forSignatures =
    (use === undefined || use === 'sig') && (operations === undefined || operations.includes('verify'));
  return forSignatures && members.every((member) => typeof member === 'string');
}

const usableAt = (good: Fetch | undefined, now: Date) =>
  ageSeconds(good, now) <= STALE_LIMIT_SECONDS ? good : undefined;

const publicMembers = ({ kid, kty, use, alg, issuer }: Jwk): PublishedKey => ({
  ...(kid !== undefined && { kid }),
  kty,
  ...(use !== undefined && { use }),
  ...(alg !== undefined && { alg }),
  ...(issuer !== undefined && { issuer }),
});

const publishes = (fetch: Fetch | undefined, kid: string) =>
  fetch?.set.ok === true && fetch.set.jwks.some((jwk) => jwk.kid === kid);

const ageSeconds = (fetch: Fetch | undefined, now: Date) =>
  fetch ? (now.getTime() - fetch.at.getTime()) / 1000 : Number.POSITIVE_INFINITY;

const reasonOf = (reason: Extract<Fetched, { ok: false }>['reason']) => (reason === 'refused' ? 'untrusted' : reason);

const absence = (observedAt: Date, reason: Extract<Gathered<never>, { state: 'absent' }>['reason'], detail: string) =>
  ({ state: 'absent', reason, detail, source: 'keys', observedAt }) as const;
