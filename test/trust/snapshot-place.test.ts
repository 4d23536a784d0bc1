import { describe, expect, it } from 'vitest';
import { SnapshotPlace } from '../../src/trust/snapshot-place.ts';

const SECRET = 'c2VjcmV0';

describe('where snapshots are kept', () => {
  it.each([
    ['public cloud', 'https://acct.blob.core.windows.net/keys'],
    ['US Government', 'https://acct.blob.core.usgovcloudapi.net/keys'],
    ['China', 'https://acct.blob.core.chinacloudapi.cn/token-doctor-keys'],
    ['Azurite, with the account in the path', 'https://127.0.0.1:10000/devstoreaccount1/keys'],
  ])('is a container by its address: %s', (_name, address) => {
    expect(SnapshotPlace.parse(address)).toEqual({ kind: 'container', address });
  });

  it.each([
    [
      'an account and its key',
      `DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=${SECRET}==;EndpointSuffix=core.windows.net`,
    ],
    ['with its own address', `AccountName=acct;AccountKey=${SECRET};BlobEndpoint=http://127.0.0.1:1/acct;`],
    ['Azurite', 'UseDevelopmentStorage=true'],
    [
      'an address with a signature',
      `BlobEndpoint=https://acct.blob.core.windows.net;SharedAccessSignature=sv=1&sig=${SECRET}`,
    ],
  ])('is an account by a connection string: %s', (_name, connectionString) => {
    expect(SnapshotPlace.parse(connectionString)).toEqual({ kind: 'connection-string', connectionString });
  });

  it.each([
    ['http', `http://acct.blob.core.windows.net/keys`],
    ['a signature', `https://acct.blob.core.windows.net/keys?sig=${SECRET}`],
    ['user information', `https://a:${SECRET}@acct.blob.core.windows.net/keys`],
    ['a fragment', `https://acct.blob.core.windows.net/keys#${SECRET}`],
    ['no container', 'https://acct.blob.core.windows.net/'],
    ['a blob', 'https://acct.blob.core.windows.net/keys/a/b.json'],
    ['a container with capitals', 'https://acct.blob.core.windows.net/Keys'],
    ['a container of two letters', 'https://acct.blob.core.windows.net/ab'],
    ['a container with two hyphens', 'https://acct.blob.core.windows.net/a--b'],
    ['an account without its key', 'AccountName=acct;EndpointSuffix=core.windows.net'],
    ['a key without its account', `AccountKey=${SECRET}`],
    ['Azurite that is not meant', 'UseDevelopmentStorage=false'],
    ['words', SECRET],
    ['no address', 'https://'],
  ])('is no place: %s, and nothing of it is repeated', (_name, text) => {
    const parsed = SnapshotPlace.safeParse(text);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues).toHaveLength(1);
    expect(JSON.stringify(parsed.error?.issues)).not.toContain(SECRET);
  });
});
