import { createPublicKey, X509Certificate } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Asker } from '../azure/reads.ts';
import { stringClaim, timeClaim } from '../contract/claims.ts';
import type {
  DecodedToken,
  Gathered,
  HeldKey,
  KeyAddress,
  KeyDocument,
  KeyEvidence,
  KeyNames,
  KeyReceiver,
  SoughtKey,
} from '../contract/evidence.ts';
import type { ValidateKeyRequest } from '../contract/validate-key.ts';
import { type KnownPlaces, keyAddress, placeAt } from '../trust/key-addresses.ts';
import { readKeys, type VerifyingKey } from '../verify/jwk-set.ts';
import type { IssuerKeys } from '../verify/kept-keys.ts';
import type { Wanted } from '../verify/key-cache.ts';
import { describeKey, thumbprintOf } from '../verify/signing-key.ts';
import { gatherCluster } from './clusters.ts';
import type { Sources } from './gather.ts';
import { witnessAt } from './gathered.ts';
import { furtherPlaces, type Located, locate } from './key-places.ts';
import { type Decoded, decodeToken, unwrapToken } from './token.ts';

/** For further places together, so that the whole stays within the deadline of any answer. */
const FURTHER_PLACES_MS = 3_000;

/** Everything the question about a key looks at: where it should be, where else it may be, what the receiver has. */
export async function gatherKeyEvidence(
  request: ValidateKeyRequest,
  sources: Sources,
  asker: Asker,
): Promise<KeyEvidence> {
  const clock = sources.now();
  const { present, absent } = witnessAt(clock);
  const decoded: Partial<Decoded> = request.token === undefined ? {} : decodeToken(unwrapToken(request.token));
  const { form, token } = decoded;
  const noToken = absent('request', 'not-provided', 'No token was handed in.');
  const unread = absent('token', 'malformed', 'The token could not be read.');
  const ofToken = <T>(value: T | undefined): Gathered<T> =>
    request.token === undefined ? noToken : value === undefined ? unread : present('token', value);

  const known = { cloud: request.cloud ?? sources.cloud, issuers: sources.issuers, openOrigins: sources.openOrigins };
  const sought = soughtKey(request, token);
  const located: Located =
    token === undefined && needsToken(request)
      ? UNREADABLE
      : request.cluster
        ? await ofCluster(request.cluster, request, sources, asker, known)
        : locate(request, token, known);
  const wanted: Wanted = { kid: sought.kid, refresh: refreshFor(request, token, clock), purpose: 'diagnosing' };
  const { asked, documents } = await look(request, located, token, wanted, known, sources);
  const where = 'absent' in located ? absent('issuer', located.absent.reason, located.absent.detail) : undefined;
  const found = sought.kid === undefined ? undefined : asked?.keys.find(({ jwk }) => jwk.kid === sought.kid);
  return {
    now: present('clock', clock),
    tokenForm: ofToken(form),
    token: ofToken(token),
    header: ofToken(token?.header),
    soughtKey:
      request.kid === undefined && token === undefined
        ? unread
        : present(request.kid === undefined ? 'token' : 'request', sought),
    trustedIssuer:
      where ??
      ('issuer' in located && located.issuer
        ? present('request', located.issuer)
        : absent('request', 'not-provided', 'The place that was asked about names no single issuer.')),
    issuerMetadata: asked?.metadata ?? where ?? noToken,
    signingKeys: asked?.signingKeys ?? where ?? noToken,
    signingKey: found
      ? { ...present('keys', await describeKey(found)), observedAt: asked?.signingKeys.observedAt ?? clock }
      : absent('keys', 'not-found', 'The key is not published there.'),
    keyDocuments: documents.length > 0 ? present('keys', documents) : (where ?? noToken),
    keyNames:
      asked && asked.keys.length > 0
        ? present('keys', await namesOf(asked.keys))
        : (where ?? absent('keys', 'not-found', 'There are no keys to compare with.')),
    receiver: present('request', await receiverOf(request.consumer ?? { product: 'other' })),
  };
}

/** Half of the time of an answer: the keys are to be read yet. */
const CLUSTER_MS = 4_000;

/** The place of a cluster's keys: its OIDC issuer, as Azure tells it. */
async function ofCluster(
  name: NonNullable<ValidateKeyRequest['cluster']>,
  request: ValidateKeyRequest,
  sources: Sources,
  asker: Asker,
  known: KnownPlaces,
): Promise<Located> {
  if (known.cloud !== sources.cloud)
    return {
      absent: {
        reason: 'forbidden',
        detail: 'Clusters of another cloud than that of this deployment are not read: send the issuer.',
      },
    };
  const { cluster } = await gatherCluster(name, undefined, {
    reader: sources.azure,
    reading: {
      ...asker,
      refresh: request.refresh === 'force' ? 'force' : 'auto',
      signal: AbortSignal.timeout(CLUSTER_MS),
    },
    tenants: sources.tenants,
    witness: witnessAt(sources.now()),
  });
  if (cluster.state === 'absent') return { absent: { reason: cluster.reason, detail: cluster.detail } };
  const { oidcIssuer: issuer } = cluster.value;
  if (issuer !== undefined) return locate({ ...request, issuer }, undefined, known);
  return {
    absent: {
      reason: 'not-found',
      detail:
        'The OIDC issuer of the cluster is off, so it publishes no keys: `az aks update … --enable-oidc-issuer` turns it on.',
    },
  };
}

const GIVEN = { given: true } as const;
const UNREADABLE: Located = { absent: { reason: 'malformed', detail: 'The token could not be read.' } };

/** Whether nothing but the token tells where to look. */
const needsToken = ({ issuer, tenant, jwksUri, cluster }: ValidateKeyRequest): boolean =>
  [issuer, tenant, jwksUri, cluster].every((locator) => locator === undefined);

function soughtKey(request: ValidateKeyRequest, token: DecodedToken | undefined): SoughtKey {
  const { kid: named, alg: algorithm } = token?.header ?? {};
  const kid = request.kid ?? (typeof named === 'string' && named !== '' ? named : undefined);
  const issuer = token && stringClaim(token.claims, 'iss');
  return {
    ...(kid !== undefined && { kid }),
    ...(typeof algorithm === 'string' && { algorithm }),
    ...(issuer !== undefined && { issuer }),
  };
}

/** Looks where the key should be and at what the receiver reads; where it is missing, wherever else it may be. */
async function look(
  request: ValidateKeyRequest,
  located: Located,
  token: DecodedToken | undefined,
  wanted: Wanted,
  known: KnownPlaces,
  sources: Sources,
): Promise<{ asked: IssuerKeys | undefined; documents: KeyDocument[] }> {
  const { consumer, jwksUri, appId } = request;
  const [asked, receiver] = await Promise.all([
    'absent' in located ? undefined : sources.keys.get(located.place, wanted),
    consumer?.jwksUri === undefined ? undefined : receiverDocument(consumer, consumer.jwksUri, wanted, known, sources),
  ]);
  const there = asked?.signingKeys.state === 'present' && asked.signingKeys.value.kidPublished === true;
  // What is forced is the place that was asked about; further ones are asked as far as they need it.
  const further: Wanted = { ...wanted, refresh: wanted.refresh === 'force' ? 'auto' : wanted.refresh };
  const elsewhere =
    wanted.kid === undefined || there ? [] : await lookElsewhere(located, token, appId, further, known, sources);
  const first =
    asked && !('absent' in located)
      ? [{ ...documentOf('asked', located.address, asked), ...(jwksUri !== undefined && GIVEN) }]
      : [];
  return { asked, documents: [...first, ...(receiver ? [receiver] : []), ...elsewhere] };
}

/** A token that has expired could pass nowhere, so no key is fetched for its `kid`. */
function refreshFor({ refresh }: ValidateKeyRequest, token: DecodedToken | undefined, now: Date): Wanted['refresh'] {
  const expires = token ? timeClaim(token.claims, 'exp') : 'absent';
  const over = expires === 'malformed' || (typeof expires === 'number' && expires * 1000 <= now.getTime());
  return refresh === 'auto' && over ? 'when-old' : refresh;
}

/** Read as the receiver reads it: the keys themselves, or metadata and then the keys that they name. */
async function receiverDocument(
  { product }: Consumer,
  url: string,
  wanted: Wanted,
  known: KnownPlaces,
  { keys }: Sources,
): Promise<KeyDocument> {
  const address = keyAddress(url, known);
  const place = placeAt(address);
  if (!place) {
    const detail =
      'The address is of nobody that is trusted here, so it was not asked. Hand in what it serves as `consumer.jwks`.';
    return { role: 'receiver', address, ...GIVEN, served: 'nothing', unread: { reason: 'untrusted', detail } };
  }
  if (product !== 'servicenow-oidc' || address.page !== 'metadata')
    return { ...documentOf('receiver', address, await keys.get(place, wanted)), ...GIVEN };
  const { jwksUri: _, ...ofMetadata } = place;
  const got = await keys.get(ofMetadata, wanted);
  const document = documentOf('receiver', address, got);
  return { ...document, address, ...GIVEN, served: document.served === 'key-set' ? 'metadata' : document.served };
}

async function lookElsewhere(
  located: Located,
  token: DecodedToken | undefined,
  appId: string | undefined,
  wanted: Wanted,
  known: KnownPlaces,
  { keys }: Sources,
): Promise<KeyDocument[]> {
  const late = wait(FURTHER_PLACES_MS, undefined, { ref: false });
  return await Promise.all(
    furtherPlaces(located, token, appId, known).map(async ({ role, address, place }) => {
      const got = await Promise.race([keys.get(place, wanted), late]);
      const unread = { reason: 'unreachable', detail: 'It did not answer in time.' } as const;
      return got ? documentOf(role, address, got) : { role, address, served: 'nothing' as const, unread };
    }),
  );
}

function documentOf(role: KeyDocument['role'], address: KeyAddress, { signingKeys, served }: IssuerKeys): KeyDocument {
  if (signingKeys.state === 'absent') {
    const { reason, detail } = signingKeys;
    const jwksUri = served?.jwksUri;
    return {
      role,
      address,
      served: served?.page ?? 'nothing',
      unread: { reason, detail },
      ...(jwksUri !== undefined && { jwksUri }),
    };
  }
  const { jwksUri, kidPublished } = signingKeys.value;
  // Of an issuer the metadata said where its keys are.
  const at = address.page === 'keys' ? address : { ...address, url: jwksUri, page: 'keys' as const, keysUrl: jwksUri };
  return { role, address: at, served: 'key-set', ...(kidPublished !== undefined && { kidPublished }) };
}

async function namesOf(keys: readonly VerifyingKey[]): Promise<KeyNames[]> {
  return await Promise.all(
    keys.map(async (key) => {
      const { kid, thumbprint, certificate } = await describeKey(key);
      const { x5t, 'x5t#S256': x5tS256 } = key.jwk;
      return {
        ...(kid !== undefined && { kid }),
        ...(thumbprint !== undefined && { thumbprint }),
        x5t: [...new Set([x5t, x5tS256, certificate?.sha1].filter((name) => name !== undefined))],
      };
    }),
  );
}

type Consumer = NonNullable<ValidateKeyRequest['consumer']>;

async function receiverOf(consumer: Consumer): Promise<KeyReceiver> {
  const { product, fetchedAt, cannotFetch = false, jwks, certificates } = consumer;
  return {
    product,
    ...(fetchedAt !== undefined && { fetchedAt: new Date(fetchedAt) }),
    cannotFetch,
    ...((jwks || certificates) && { keys: await heldKeys(consumer) }),
  };
}

async function heldKeys({ jwks, certificates = [] }: Consumer): Promise<HeldKey[]> {
  const ofSet = readKeys(jwks?.keys ?? []).map(async ({ jwk, fault }) => ({
    ...(jwk.kid !== undefined && { kid: jwk.kid }),
    ...thumbprinted(await thumbprintOf(jwk)),
    uploaded: false,
    ...(fault && { fault }),
  }));
  const ofFiles = certificates.map(async ({ kid, pem }) => ({
    ...(kid !== undefined && { kid }),
    ...thumbprinted(await thumbprintOfPem(pem)),
    uploaded: true,
  }));
  return await Promise.all([...ofSet, ...ofFiles]);
}

const thumbprinted = (thumbprint: string | undefined) => (thumbprint === undefined ? {} : { thumbprint });

/** Of a certificate, or of a public key by itself; a private key is not read. */
async function thumbprintOfPem(pem: string): Promise<string | undefined> {
  try {
    const key = pem.includes('CERTIFICATE') ? new X509Certificate(pem).publicKey : publicKeyOf(pem);
    const [read] = key ? readKeys([key.export({ format: 'jwk' })]) : [];
    return read && (await thumbprintOf(read.jwk));
  } catch {
    return undefined;
  }
}

const publicKeyOf = (pem: string) => (pem.includes('PRIVATE') ? undefined : createPublicKey(pem));
