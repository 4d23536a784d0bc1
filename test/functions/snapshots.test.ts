import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TrustedIssuer } from '../../src/contract/evidence.ts';
import { Readiness } from '../../src/contract/health.ts';
import { Report } from '../../src/contract/report.ts';
import { trustedIssuer } from '../../src/trust/families.ts';
import { guardedPort } from '../../src/trust/guarded-port.ts';
import { BlobSnapshots } from '../../src/verify/blob-snapshots.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import { type Azurite, startAzurite } from '../azurite.ts';
import { type FarSide, playHttp } from '../far-side.ts';
import { startServer } from '../local/server.ts';
import { type TestKey, testKey } from '../tokens.ts';

let azurite: Azurite;
let old: TestKey;
let fresh: TestKey;
/** What the issuer publishes; `undefined`: it is down. */
let published: TestKey[] | undefined;
let far: FarSide;
let jwksUri: string;

beforeAll(async () => {
  [azurite, old, fresh] = await Promise.all([startAzurite(), testKey('old'), testKey('fresh')]);
  far = await playHttp((_request, response) => {
    response.writeHead(published ? 200 : 503).end(JSON.stringify({ keys: published?.map(({ jwk }) => jwk) }));
  });
});
afterAll(async () => {
  await far.close();
  await azurite.stop();
});
/** A document of its own for each test, so that none finds the snapshot of another. */
let test = 0;
beforeEach(() => {
  test += 1;
  jwksUri = `http://127.0.0.1:${far.port}/keys/${test}`;
  published = [old];
});

const ISSUER = 'https://idp.example/';
const AUDIENCE = 'api://snapshots';
const later = pathToFileURL(new URL('../local/fixtures/later.ts', import.meta.url).pathname).href;

/** A process of its own, which believes that it is so much later. */
const start = async (laterSeconds = 0, snapshots = azurite.connectionString) =>
  await startServer({
    env: {
      TOKEN_DOCTOR_ISSUERS: JSON.stringify([{ issuer: ISSUER, jwksUri }]),
      TOKEN_DOCTOR_OPEN_ORIGINS: `http://127.0.0.1:${far.port}`,
      TOKEN_DOCTOR_POLICIES: JSON.stringify({ default: { issuers: [ISSUER], audiences: [AUDIENCE] } }),
      TOKEN_DOCTOR_KEYS_FRESH_SECONDS: '60',
      TOKEN_DOCTOR_SNAPSHOTS: snapshots,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${later}`,
      TEST_LATER_MS: String(laterSeconds * 1000),
    },
  });

const tokenBy = async (key: TestKey) => {
  const now = Math.floor(Date.now() / 1000);
  return await key.sign({ iss: ISSUER, aud: AUDIENCE, sub: 'caller', iat: now - 60, exp: now + 86_400 });
};

type Server = Awaited<ReturnType<typeof start>>;

async function introspect({ url }: Server, token: string): Promise<[number, unknown]> {
  const response = await fetch(`${url}/api/introspect`, { method: 'POST', body: new URLSearchParams({ token }) });
  const { active }: { active?: boolean } = JSON.parse(await response.text());
  return [response.status, active];
}

async function analyze({ url }: Server, token: string): Promise<Report> {
  const response = await fetch(`${url}/api/tokens/analyze`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, target: { policy: 'default' } }),
  });
  return Report.parse(await response.json());
}

const keysOf = async ({ url }: Server) => Readiness.parse(await (await fetch(`${url}/api/health/ready`)).json()).keys;

describe('a process that starts while the issuer is down', () => {
  it('accepts by a snapshot and flags it stale, until the policy takes it no more', async () => {
    const token = await tokenBy(old);
    const first = await start();
    expect(await introspect(first, token)).toEqual([200, true]);
    expect((await keysOf(first)).snapshots).toBe('reachable');
    await first.stop();

    published = undefined;
    const second = await start(120);
    expect(await introspect(second, token)).toEqual([200, true]);
    const report = await analyze(second, token);
    expect(report.verdict).toBe('pass');
    expect(report.evidence.signingKeys?.value).toMatchObject({
      cache: { state: 'stale', ageSeconds: expect.any(Number), refreshFailed: { reason: 'unreachable' } },
    });
    await second.stop();
    expect(second.output()).toMatch(/"route":"introspectToken".*"keys":"stale","refreshFailed":"unreachable"/);

    const third = await start(7200);
    expect(await introspect(third, token)).toEqual([503, undefined]);
    await third.stop();
    expect(third.output()).toMatch(/"status":503.*"issuer":"\/default\/issuers\/0","because":"too-old"/);
  });

  it('has nothing to accept by without a store', async () => {
    published = undefined;
    const server = await start(0, '');
    expect(await introspect(server, await tokenBy(old))).toEqual([503, undefined]);
    expect((await keysOf(server)).snapshots).toBe('off');
    await server.stop();
  });
});

describe('a store that stops in the midst', () => {
  it('changes no answer, and is told', async () => {
    const own = await startAzurite();
    const server = await start(0, own.connectionString);
    const [known, rotated] = await Promise.all([tokenBy(old), tokenBy(fresh)]);
    expect(await introspect(server, known)).toEqual([200, true]);
    await own.stop();
    expect(await introspect(server, known)).toEqual([200, true]);
    published = [old, fresh];
    expect(await introspect(server, rotated)).toEqual([200, true]);
    expect((await analyze(server, rotated)).verdict).toBe('pass');
    expect((await keysOf(server)).snapshots).toBe('failing');
    await server.stop();
    expect(server.output().match(/"event":"snapshots-failing"/g)).toHaveLength(1);
  });
});

describe('two instances that write at once', () => {
  it('lose nothing of what either has seen, and keep the newer keys', async () => {
    const clock = { ms: 1_800_000_000_000 };
    const configured = [{ issuer: ISSUER, jwksUri }];
    const issuer: TrustedIssuer = trustedIssuer(ISSUER, 'public', configured)!;
    const instance = () => {
      const now = () => new Date(clock.ms);
      const place = { kind: 'connection-string', connectionString: azurite.connectionString } as const;
      const snapshots = new BlobSnapshots({
        place,
        now,
        environment: {},
        onFailure: (what) => expect.unreachable(what),
      });
      return new KeyCache({ port: guardedPort([`http://127.0.0.1:${far.port}`]), now, freshSeconds: 60, snapshots });
    };
    const force = { refresh: 'force', purpose: 'diagnosing' } as const;
    const [one, other] = [instance(), instance()];
    // Each sees a key that the other does not.
    published = [old];
    await one.get(issuer, force);
    published = [fresh];
    clock.ms += 1000;
    await Promise.all([one.get(issuer, force), other.get(issuer, force)]);
    const third = instance();
    const { seen, keys } = await third.get(issuer, { purpose: 'diagnosing', refresh: 'never' });
    expect([...seen.keys()].toSorted()).toEqual(['fresh', 'old']);
    expect(keys.map(({ jwk }) => jwk.kid)).toEqual(['fresh']);
  });
});
