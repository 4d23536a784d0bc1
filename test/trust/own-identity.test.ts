import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ownIdentity } from '../../src/trust/own-identity.ts';
import { BlobSnapshots } from '../../src/verify/blob-snapshots.ts';
import { ACCOUNT, type Azurite, startAzurite } from '../azurite.ts';

const SECRET = 'invented-identity-header';
const STORAGE = 'https://storage.azure.com';

/** The identity endpoint of App Service and Functions (learn.microsoft.com, "REST endpoint reference"). */
let endpoint: Server;
/** The identity library keeps what it got for the whole process, so this is never emptied. */
const asked: IncomingMessage[] = [];
let url: string;
beforeAll(async () => {
  endpoint = createServer((request, response) => {
    asked.push(request);
    if (request.headers['x-identity-header'] !== SECRET) return void response.writeHead(401).end();
    const resource = new URL(request.url ?? '', 'http://localhost').searchParams.get('resource') ?? '';
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    // Azurite looks at issuer, audience and times, and cannot know who signed.
    const claims = {
      aud: resource,
      iss: 'https://sts.windows.net/0a1b2c3d-1111-4222-8333-444455556666/',
      iat: now - 60,
      nbf: now - 60,
      exp: now + 3600,
      oid: '0a1b2c3d-3333-4222-8333-444455556666',
    };
    const token = [part({ alg: 'RS256', typ: 'JWT', kid: 'a' }), part(claims), 'AAAA'].join('.');
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: token, expires_on: String(now + 3600), resource, token_type: 'Bearer' }));
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/msi/token`;
});
afterAll(() => {
  endpoint.closeAllConnections();
  endpoint.close();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const inAzure = () => {
  vi.stubEnv('IDENTITY_ENDPOINT', url);
  vi.stubEnv('IDENTITY_HEADER', SECRET);
};

describe('ownIdentity', () => {
  it('in Azure is the system-assigned identity: the endpoint is asked for no other', async () => {
    inAzure();
    const credential = await ownIdentity(process.env);
    const token = await credential.getToken(`${STORAGE}/.default`);
    expect(token?.token).toMatch(/^eyJ/);
    expect(asked).toHaveLength(1);
    const { searchParams } = new URL(asked[0]?.url ?? '', url);
    expect(Object.fromEntries(searchParams)).toEqual({ resource: STORAGE, 'api-version': '2019-08-01' });
    expect(asked[0]?.method).toBe('GET');
  });

  it.each([
    [
      'in Azure',
      { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/', AZURE_FEDERATED_TOKEN_FILE: '/x' },
      'ManagedIdentityCredential',
    ],
    ['on a workstation', {}, 'AzureCliCredential'],
  ])('%s', async (_name, environment, kind) => {
    expect((await ownIdentity(environment)).constructor.name).toBe(kind);
  });

  it('in a cluster is the service account', async () => {
    vi.stubEnv('AZURE_FEDERATED_TOKEN_FILE', '/var/run/secrets/azure/tokens/azure-identity-token');
    vi.stubEnv('AZURE_TENANT_ID', '0a1b2c3d-1111-4222-8333-444455556666');
    vi.stubEnv('AZURE_CLIENT_ID', '0a1b2c3d-3333-4222-8333-444455556666');
    vi.stubEnv('IDENTITY_ENDPOINT', '');
    expect((await ownIdentity(process.env)).constructor.name).toBe('WorkloadIdentityCredential');
  });
});

describe('a container by its address', () => {
  let azurite: Azurite;
  let folder: string;
  beforeAll(async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    folder = mkdtempSync(join(tmpdir(), 'token-doctor-tls-'));
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    setDefaultCACertificates([...getCACertificates('default'), cert]);
    azurite = await startAzurite({ options: ['--oauth', 'basic', '--cert', certFile, '--key', keyFile] });
  });
  afterAll(async () => {
    await azurite.stop();
    rmSync(folder, { recursive: true });
  });

  it('is read and written with the identity, over https alone', async () => {
    inAzure();
    const failures: string[] = [];
    const store = () =>
      new BlobSnapshots({
        place: { kind: 'container', address: `https://127.0.0.1:${azurite.port}/${ACCOUNT}/snapshots` },
        now: () => new Date(),
        environment: process.env,
        onFailure: (what) => failures.push(what),
      });
    await store().update('a', () => ({ kept: true }));
    expect([failures, await store().read('a')]).toEqual([[], { kept: true }]);
    expect(asked.map((request) => request.headers['x-identity-header'])).toContain(SECRET);
  });
});
