import { type JSONWebKey, JwksClient } from 'jwks-rsa';
import * as z from 'zod';
import type { Gathered, IssuerMetadata, SigningKeys, TrustedIssuer } from '../contract/evidence.ts';
import { mayPublishAt } from '../trust/families.ts';
import type { Fetched, Port } from '../trust/guarded-port.ts';

/** Issuers remembered at once; the least recently used goes first, so that offered issuers cannot grow the memory. */
export const MAX_ISSUERS = 500;
/** Keys read of one document. Entra publishes about ten; more would only buy work for whoever publishes them. */
export const MAX_KEYS = 100;
/** Between two fetches for one issuer, whoever asks and however the last one ended: bounds what a flood can cause. */
export const REFETCH_COOLDOWN_SECONDS = 10;
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
    | { ok: true; jwksUri: string; jwks: readonly Jwk[] }
    | { ok: false; absent: Extract<Gathered<never>, { state: 'absent' }> };
  at: Date;
}

interface Entry {
  /** The last fetch that brought keys. */
  good?: Fetch;
  /** The last fetch, whatever it brought. */
  last?: Fetch;
  running?: Promise<Fetch>;
}

/**
 * The keys of trusted issuers, kept whole sets at a time. Fetched again when older than `freshSeconds`, or when the `kid`
 * asked for is not among them (key rotation: OpenID Connect Core 1.0 §10.1.1); never sooner than
 * {@link REFETCH_COOLDOWN_SECONDS} after the last fetch. Concurrent callers share one fetch. Losing the memory costs a
 * fetch, never an answer.
 */
export class KeyCache {
  readonly #port: Port;
  readonly #now: () => Date;
  readonly #freshSeconds: number;
  readonly #entries = new Map<string, Entry>();

  constructor(port: Port, now: () => Date, freshSeconds: number) {
    this.#port = port;
    this.#now = now;
    this.#freshSeconds = freshSeconds;
  }

  /** `refetchUnknown`: whether a `kid` that is not published may cost a fetch; only for tokens that could pass otherwise. */
  async get(issuer: TrustedIssuer, kid: string | undefined, refetchUnknown: boolean): Promise<IssuerKeys> {
    const entry = this.#entryOf(issuer);
    const before = entry.last;
    const age = ageSeconds(before, this.#now());
    const stale = age >= (entry.good === before ? this.#freshSeconds : 0);
    const unknown = refetchUnknown && kid !== undefined && !publishes(entry.good, kid);
    if (entry.running || ((stale || unknown) && age >= REFETCH_COOLDOWN_SECONDS)) {
      entry.running ??= this.#fetch(issuer).finally(() => {
        delete entry.running;
      });
      entry.last = await entry.running;
      if (entry.last.set.ok) entry.good = entry.last;
    }
    return this.#told(entry, kid, entry.last !== before);
  }

  #entryOf(issuer: TrustedIssuer): Entry {
    const key = `${issuer.metadataUrl} ${issuer.jwksUri ?? ''}`;
    const entry = this.#entries.get(key) ?? {};
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ISSUERS && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  #told(entry: Entry, kid: string | undefined, refreshed: boolean): IssuerKeys {
    const now = this.#now();
    const { last, good } = entry;
    if (!last) throw new Error('keys are told before they were fetched');
    const usable = good && ageSeconds(good, now) <= STALE_LIMIT_SECONDS ? good : undefined;
    if (!usable?.set.ok) {
      const absent = last.set.ok
        ? absence(last.at, 'unreachable', 'The last good key set is too old to use.')
        : last.set.absent;
      return { metadata: last.metadata, signingKeys: absent, jwks: [] };
    }
    const { jwksUri, jwks } = usable.set;
    const nextRefresh =
      usable === last && kid !== undefined && publishes(usable, kid) ? this.#freshSeconds : REFETCH_COOLDOWN_SECONDS;
    return {
      metadata: usable.metadata,
      jwks,
      signingKeys: {
        state: 'present',
        source: 'keys',
        observedAt: usable.at,
        value: {
          jwksUri,
          keys: jwks.map(({ kid: id, kty, use, alg, issuer }) => ({
            ...(id !== undefined && { kid: id }),
            kty,
            ...(use !== undefined && { use }),
            ...(alg !== undefined && { alg }),
            ...(issuer !== undefined && { issuer }),
          })),
          ...(kid !== undefined && { kidPublished: publishes(usable, kid) }),
          cache: {
            state:
              usable !== last || ageSeconds(usable, now) >= this.#freshSeconds
                ? 'stale'
                : refreshed
                  ? 'refreshed'
                  : 'fresh',
            fetchedAt: usable.at,
            ageSeconds: Math.round(ageSeconds(usable, now)),
            nextRefreshAt: new Date(last.at.getTime() + nextRefresh * 1000),
          },
        },
      },
    };
  }

  async #fetch(issuer: TrustedIssuer): Promise<Fetch> {
    const metadata = await this.#metadata(issuer);
    const at = this.#now();
    if (metadata.state === 'absent') return { metadata, at, set: { ok: false, absent: metadata } };
    const { jwksUri } = metadata.value;
    const keys = await this.#keys(jwksUri);
    return {
      metadata,
      at: this.#now(),
      set: keys.ok
        ? { ok: true, jwksUri, jwks: keys.jwks }
        : { ok: false, absent: absence(this.#now(), keys.reason, keys.detail) },
    };
  }

  async #metadata(issuer: TrustedIssuer): Promise<Gathered<IssuerMetadata>> {
    const { metadataUrl: url, jwksUri } = issuer;
    if (jwksUri !== undefined) {
      const value = { url: jwksUri, issuer: issuer.issuer, jwksUri };
      return { state: 'present', source: 'issuer', observedAt: this.#now(), value };
    }
    const fetched = await this.#port.getJson(url);
    const at = this.#now();
    if (!fetched.ok) return { ...absence(at, reasonOf(fetched), fetched.detail), source: 'issuer' };
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

  /** jwks-rsa retrieves through our own port; its own cache, limiter and key selection drop what diagnosis needs. */
  async #keys(
    jwksUri: string,
  ): Promise<
    | { ok: true; jwks: readonly Jwk[] }
    | { ok: false; reason: 'unreachable' | 'malformed' | 'not-found' | 'forbidden' | 'untrusted'; detail: string }
  > {
    let fetched: Fetched | undefined;
    const client = new JwksClient({
      jwksUri,
      cache: false,
      rateLimit: false,
      fetcher: async (uri) => {
        fetched = await this.#port.getJson(uri);
        const set = JwkSet.safeParse(fetched.ok ? fetched.body : undefined);
        return { keys: set.success ? set.data.keys : [] };
      },
    });
    const published: JSONWebKey[] | unknown = await client.getKeys();
    if (!fetched?.ok)
      return { ok: false, reason: reasonOf(fetched), detail: fetched?.detail ?? 'The key document could not be had.' };
    const jwks = (Array.isArray(published) ? published : [])
      .slice(0, MAX_KEYS)
      .flatMap((key) => Jwk.safeParse(key).data ?? []);
    return jwks.length > 0
      ? { ok: true, jwks }
      : { ok: false, reason: 'malformed', detail: `The document at ${jwksUri} is not a JWK set with keys.` };
  }
}

const publishes = (fetch: Fetch | undefined, kid: string) =>
  fetch?.set.ok === true && fetch.set.jwks.some((jwk) => jwk.kid === kid);

const ageSeconds = (fetch: Fetch | undefined, now: Date) =>
  fetch ? (now.getTime() - fetch.at.getTime()) / 1000 : Number.POSITIVE_INFINITY;

const reasonOf = (fetched: Fetched | undefined) =>
  fetched === undefined || fetched.ok ? 'unreachable' : fetched.reason === 'refused' ? 'untrusted' : fetched.reason;

const absence = (observedAt: Date, reason: Extract<Gathered<never>, { state: 'absent' }>['reason'], detail: string) =>
  ({ state: 'absent', reason, detail, source: 'keys', observedAt }) as const;
