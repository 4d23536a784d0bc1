import { JwksClient } from 'jwks-rsa';
import * as z from 'zod';
import type { Absence, Gathered, IssuerMetadata, KeyPlace } from '../contract/evidence.ts';
import { isJsonObject } from '../contract/json.ts';
import { mayPublishAt } from '../trust/families.ts';
import type { Fetched, Port } from '../trust/guarded-port.ts';
import { canVerify, JwkSet, MAX_KEYS, readKeys, type VerifyingKey } from './jwk-set.ts';

type Absent = Extract<Gathered<never>, { state: 'absent' }>;

/** What one attempt to read the keys of a place brought. */
export interface Retrieval {
  metadata: Gathered<IssuerMetadata>;
  set: KeySet | NoKeySet;
  /** When it was over. */
  at: Date;
}

export interface KeySet {
  ok: true;
  jwksUri: string;
  keys: readonly VerifyingKey[];
  /** How many more keys the document has than are read. */
  leftOut: number;
}

interface NoKeySet {
  ok: false;
  absent: Absent;
  /** What the address serves instead, where that can be told. */
  served?: 'html' | 'metadata';
  /** The address of keys in such metadata. */
  jwksUri?: string;
  /** What the other side asks for before the next attempt. */
  retryAfterSeconds?: number;
}

/** OpenID Connect Discovery 1.0 §3: the two members that trust rests on, and one of Entra's. */
const MetadataDocument = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.string(),
  cloud_instance_name: z.string().optional().catch(undefined),
});

/** Reads the metadata of a place and the keys that it names; what fails is told, nothing rejects but our own bugs. */
export async function retrieveKeys(place: KeyPlace, port: Port, now: () => Date): Promise<Retrieval> {
  const { metadata, failed } = await readMetadata(place, port, now);
  if (metadata.state === 'absent') return { metadata, at: now(), set: { ...failed, ok: false, absent: metadata } };
  const set = await readKeySet(metadata.value.jwksUri, port, now);
  return { metadata, set, at: now() };
}

type Failure = Omit<NoKeySet, 'ok' | 'absent'>;

async function readMetadata(
  place: KeyPlace,
  port: Port,
  now: () => Date,
): Promise<{ metadata: Gathered<IssuerMetadata>; failed?: Failure }> {
  const { issuer, metadataUrl: url, jwksUri } = place;
  if (jwksUri !== undefined) {
    const value = { url: jwksUri, issuer, jwksUri };
    return { metadata: { state: 'present', source: 'issuer', observedAt: now(), value } };
  }
  const fetched = await port.getJson(url);
  const absent = (reason: Absence, detail: string): Absent => ({
    state: 'absent',
    reason,
    detail,
    source: 'issuer',
    observedAt: now(),
  });
  if (!fetched.ok) return { metadata: absent(reasonOf(fetched), fetched.detail), failed: failureOf(fetched) };
  const document = MetadataDocument.safeParse(fetched.body);
  if (!document.success)
    return { metadata: absent('malformed', `The document at ${url} is not OpenID Connect metadata.`) };
  const { issuer: named, jwks_uri: found, cloud_instance_name: cloudInstance } = document.data;
  if (!mayPublishAt(place, found)) {
    const detail = `The metadata at ${url} names a jwks_uri outside its own family; it was not asked.`;
    return { metadata: absent('untrusted', detail) };
  }
  const value = { url, issuer: named, jwksUri: found, ...(cloudInstance !== undefined && { cloudInstance }) };
  return { metadata: { state: 'present', source: 'issuer', observedAt: now(), value } };
}

/** jwks-rsa retrieves, through our own port; its own cache, limiter and key selection drop what diagnosis needs. */
async function readKeySet(jwksUri: string, port: Port, now: () => Date): Promise<Retrieval['set']> {
  const got: { fetched?: Fetched } = {};
  const client = new JwksClient({
    jwksUri,
    cache: false,
    rateLimit: false,
    fetcher: async (uri) => {
      got.fetched = await port.getJson(uri);
      const set = JwkSet.safeParse(got.fetched.ok ? got.fetched.body : undefined);
      return { keys: set.success ? set.data.keys : [] };
    },
  });
  const published = z.array(z.unknown()).parse(await client.getKeys());
  const { fetched } = got;
  const none = (reason: Absence, detail: string, more?: Failure): NoKeySet => ({
    ok: false,
    absent: { state: 'absent', reason, detail, source: 'keys', observedAt: now() },
    ...more,
  });
  if (fetched?.ok === false) return none(reasonOf(fetched), fetched.detail, failureOf(fetched));
  const keys = readKeys(published);
  if (keys.some(canVerify)) return { ok: true, jwksUri, keys, leftOut: Math.max(0, published.length - MAX_KEYS) };
  const body = fetched?.body;
  if (isJsonObject(body) && typeof body.jwks_uri === 'string') {
    const detail = `The document at ${jwksUri} is OpenID Connect metadata, not a JWK set.`;
    return none('malformed', detail, { served: 'metadata', jwksUri: body.jwks_uri });
  }
  return none('malformed', `The document at ${jwksUri} is not a JWK set with signing keys.`);
}

type FailedFetch = Extract<Fetched, { ok: false }>;

const reasonOf = ({ reason }: FailedFetch): Absence => (reason === 'refused' ? 'untrusted' : reason);

const failureOf = ({ served, retryAfterSeconds }: FailedFetch): Failure => ({
  ...(served && { served }),
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});
