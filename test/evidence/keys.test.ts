import { generateKeyPairSync } from 'node:crypto';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KeyDocument } from '../../src/contract/evidence.ts';
import { ValidateKeyRequest } from '../../src/contract/validate-key.ts';
import { gatherKeyEvidence } from '../../src/evidence/keys.ts';
import type { Fetched } from '../../src/trust/guarded-port.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import { noAzure } from '../azure.ts';
import { TENANT, v2 } from '../checks/builders.ts';
import { type TestKey, testKey } from '../tokens.ts';

const NOW = 1_800_000_000;
const MS = 'https://login.microsoftonline.com';
const KEYS = `${MS}/${TENANT}/discovery/v2.0/keys`;
const METADATA = `${MS}/${TENANT}/v2.0/.well-known/openid-configuration`;
const APP = 'a1a2a3a4-1111-4222-8333-444455556666';

let a: TestKey;
let b: TestKey;
beforeAll(async () => {
  [a, b] = await Promise.all([testKey('a'), testKey('b')]);
});

const html: Fetched = { ok: false, reason: 'malformed', detail: 'HTML', served: 'html' };

/** The tenant publishes `a`; what else is published is by address. Whatever is asked is recorded. */
function world(more: Record<string, Fetched> = {}) {
  const asked: string[] = [];
  const clock = { seconds: NOW };
  const documents: Record<string, Fetched> = {
    [METADATA]: { ok: true, body: { issuer: v2(TENANT), jwks_uri: KEYS } },
    [KEYS]: { ok: true, body: { keys: [a.jwk] } },
    ...more,
  };
  const port = {
    getJson: async (url: string): Promise<Fetched> => {
      asked.push(url);
      return documents[url] ?? { ok: false, reason: 'unreachable', detail: '400' };
    },
  };
  const now = () => new Date(clock.seconds * 1000);
  const keys = new KeyCache({ port, now, freshSeconds: 600 });
  const sources = {
    keys,
    now,
    cloud: 'public',
    issuers: [],
    openOrigins: [],
    tenants: [],
    azure: noAzure(now),
  } as const;
  const gather = async (request: object) =>
    await gatherKeyEvidence(ValidateKeyRequest.parse(request), sources, { requestId: 'request' });
  return { asked, clock, documents, gather };
}

const documentsOf = async (
  gathered: ReturnType<ReturnType<typeof world>['gather']>,
): Promise<readonly KeyDocument[]> => {
  const { keyDocuments } = await gathered;
  return keyDocuments.state === 'present' ? keyDocuments.value : [];
};
const claims = { iss: v2(TENANT), tid: TENANT, aud: APP, iat: NOW, exp: NOW + 3600 };

describe('where a key is looked for', () => {
  it('is one place, where it is there', async () => {
    const { asked, gather } = world();
    const { soughtKey, signingKey, trustedIssuer } = await gather({ token: await a.sign(claims) });
    expect(asked).toEqual([METADATA, KEYS]);
    expect(soughtKey).toMatchObject({ value: { kid: 'a', algorithm: 'RS256' } });
    expect(signingKey).toMatchObject({
      value: { kid: 'a', bits: 2048, algorithms: expect.arrayContaining(['RS256']) },
    });
    expect(trustedIssuer.state).toBe('present');
  });

  it('is everywhere else that trust allows, where it is not, at once', async () => {
    const own = `${KEYS}?appid=${APP}`;
    const { asked, gather } = world({ [own]: { ok: true, body: { keys: [b.jwk] } } });
    const documents = await documentsOf(gather({ token: await b.sign(claims) }));
    expect(
      documents.filter(({ kidPublished }) => kidPublished).map(({ role, address }) => [role, address.url]),
    ).toEqual([['application', own]]);
    expect(documents[0]).toMatchObject({ role: 'asked', kidPublished: false, address: { url: KEYS } });
    expect(asked.every((url) => new URL(url).hostname.startsWith('login.'))).toBe(true);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('is one place, where a token names none', async () => {
    const { asked, gather } = world();
    const { soughtKey } = await gather({ token: await a.sign(claims, { kid: undefined }) });
    expect([asked, soughtKey]).toMatchObject([[METADATA, KEYS], { state: 'present', value: { algorithm: 'RS256' } }]);
  });

  it('is never a stranger’s place', async () => {
    const { asked, gather } = world();
    const strange = { iss: 'https://evil.example/', aud: 'https://evil.example', jku: 'https://evil.example' };
    await gather({ token: await a.sign(strange, { jku: 'https://evil.example', x5u: 'https://evil.example' }) });
    await gather({ kid: 'a', jwksUri: 'https://evil.example/keys' });
    await gather({ kid: 'a', issuer: 'https://evil.example/' });
    expect(asked).toEqual([]);
    await gather({ kid: 'a', tenant: TENANT, consumer: { jwksUri: 'https://evil.example/keys' } });
    expect(asked).toEqual([METADATA, KEYS]);
  });
});

describe('what a key costs', () => {
  it('is nothing with `never`, and a fetch with `force`', async () => {
    const { asked, gather } = world();
    const never = await gather({ kid: 'a', tenant: TENANT, refresh: 'never' });
    expect([asked, never.signingKeys.state]).toEqual([[], 'absent']);
    await gather({ kid: 'a', tenant: TENANT });
    await gather({ kid: 'a', tenant: TENANT, refresh: 'never' });
    expect(asked).toHaveLength(2);
    const forced = await gather({ kid: 'a', tenant: TENANT, refresh: 'force' });
    expect(asked).toHaveLength(4);
    expect(forced.signingKeys).toMatchObject({ value: { cache: { state: 'refreshed' } } });
  });

  it('is no fetch for a token that has expired', async () => {
    const { asked, gather } = world();
    await gather({ kid: 'a', tenant: TENANT });
    asked.length = 0;
    await gather({ token: await b.sign({ ...claims, exp: NOW - 1 }) });
    expect(asked.filter((url) => url === METADATA || url === KEYS)).toEqual([]);
    await gather({ token: await b.sign(claims) });
    expect(asked).toContain(KEYS);
  });
});

describe('what the receiver has', () => {
  const receiver = async (consumer: object, more: Record<string, Fetched> = {}) => {
    const { gather } = world(more);
    const evidence = await gather({ token: await a.sign(claims), consumer });
    const documents = evidence.keyDocuments.state === 'present' ? evidence.keyDocuments.value : [];
    return {
      document: documents.find(({ role }) => role === 'receiver'),
      held: evidence.receiver.state === 'present' ? evidence.receiver.value.keys : undefined,
      evidence,
    };
  };

  it.each<[string, object, Partial<KeyDocument>]>([
    ['keys', { jwksUri: KEYS }, { served: 'key-set', kidPublished: true }],
    ['metadata in place of them', { jwksUri: METADATA }, { served: 'metadata', jwksUri: KEYS }],
    [
      'metadata, which are asked for',
      { product: 'servicenow-oidc', jwksUri: METADATA },
      { served: 'metadata', kidPublished: true },
    ],
    ['a page for people', { jwksUri: `${MS}/page/discovery/v2.0/keys` }, { served: 'html' }],
    ['nothing', { jwksUri: `${MS}/gone/discovery/v2.0/keys` }, { served: 'nothing' }],
    [
      'what is not asked',
      { jwksUri: 'https://evil.example/keys' },
      { served: 'nothing', unread: expect.objectContaining({ reason: 'untrusted' }) },
    ],
  ])('is read at its address: %s', async (_name, consumer, expected) => {
    const { document } = await receiver(consumer, { [`${MS}/page/discovery/v2.0/keys`]: html });
    expect(document).toMatchObject({ role: 'receiver', given: true, ...expected });
  });

  it('is compared by thumbprint: keys of a set, certificates and public keys', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { cert } = await generate([{ name: 'commonName', value: 'x' }], { keySize: 2048, algorithm: 'sha256' });
    const { held, evidence } = await receiver({
      jwks: { keys: [a.jwk, { ...b.jwk, kid: undefined }, 'no key'] },
      certificates: [
        { kid: 'cert', pem: cert },
        { kid: 'public', pem: String(pair.publicKey.export({ type: 'spki', format: 'pem' })) },
        { kid: 'private', pem: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })) },
        { pem: 'rubbish' },
      ],
    });
    expect(held?.map(({ kid, thumbprint, uploaded }) => [kid, thumbprint !== undefined, uploaded])).toEqual([
      ['a', true, false],
      [undefined, true, false],
      ['cert', true, true],
      ['public', true, true],
      ['private', false, true],
      [undefined, false, true],
    ]);
    const { signingKey } = evidence;
    expect(signingKey).toMatchObject({ value: { thumbprint: held?.[0]?.thumbprint } });
  });

  it('and what is published there are told without any private member, and without the token', async () => {
    const leaky = { ...a.jwk, d: 'PRIVATE-D', p: 'PRIVATE-P', oth: [{ r: 'PRIVATE-R' }] };
    const token = await a.sign(claims);
    const { gather } = world({
      [KEYS]: { ok: true, body: { keys: [leaky, { kty: 'oct', kid: 'o', k: 'PRIVATE-K' }] } },
    });
    const evidence = await gather({ token, consumer: { jwks: { keys: [leaky, { kty: 'oct', k: 'PRIVATE-K' }] } } });
    const text = JSON.stringify(evidence);
    expect(text).not.toContain('PRIVATE');
    expect(text).not.toContain(token.split('.')[2]);
    expect(evidence.receiver).toMatchObject({
      value: { keys: [{ fault: 'secret-published' }, { fault: 'secret-published' }] },
    });
  });
});
