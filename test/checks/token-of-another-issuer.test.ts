import { describe, expect, it } from 'vitest';
import { tokenOfAnotherIssuer } from '../../src/checks/token-of-another-issuer.ts';
import type { KeyDocument } from '../../src/contract/evidence.ts';
import { CLIENT, OTHER_TENANT, TENANT, tokenWith, v1, v2 } from './builders.ts';
import { addressOf, cluster, documentOf } from './key-builders.ts';

const pod = cluster(CLIENT);
const other = cluster(OTHER_TENANT);
const github = 'https://token.actions.githubusercontent.com';
const run = (iss: unknown, ...keyDocuments: KeyDocument[]) =>
  tokenOfAnotherIssuer.run({ token: tokenWith({ iss }), keyDocuments });
const at = (address: typeof pod, more: Partial<KeyDocument> = {}) => ({ ...documentOf(more), address });

describe('token-of-another-issuer', () => {
  it.each<[string, unknown, KeyDocument, string]>([
    ['the tenant’s token and keys', v2(TENANT), documentOf(), 'pass'],
    ['a v1 token and v2 keys, which the tenant shares', v1(TENANT), documentOf(), 'pass'],
    // Tenants of Entra share keys: where the key is found tells them apart.
    ['another tenant', v2(OTHER_TENANT), documentOf(), 'pass'],
    ['another cloud', `https://login.microsoftonline.us/${TENANT}/v2.0`, documentOf(), 'pass'],
    ['an issuer of Entra of which no source tells', `https://sts.microsoftonline.us/${TENANT}/`, documentOf(), 'pass'],
    ['a host like Entra’s', `https://login.microsoftonline.com.example/${TENANT}/v2.0`, documentOf(), 'fail'],
    ['a B2C token and the tenant’s keys', `https://x.b2clogin.com/${TENANT}/v2.0/`, documentOf(), 'pass'],
    ['an External ID token', `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`, documentOf(), 'pass'],
    ['a host like B2C’s', `https://x.b2clogin.com.example/${TENANT}/v2.0/`, documentOf(), 'fail'],
    ['the cluster’s token and keys', pod.issuer, at(pod), 'pass'],
    ['another cluster', pod.issuer, at(other), 'fail'],
    ['the cluster’s without its slash', pod.issuer?.replace(/\/$/, ''), at(pod), 'fail'],
    ['a pod’s token and the tenant’s keys', pod.issuer, documentOf(), 'fail'],
    ['the tenant’s token and a cluster’s keys', v2(TENANT), at(pod), 'fail'],
    ['GitHub’s token and the tenant’s keys', github, documentOf(), 'fail'],
    ['ServiceNow’s token and the tenant’s keys', 'https://x.service-now.com', documentOf(), 'fail'],
    [
      'keys of an opened origin, whose issuer is not known',
      'https://idp.example/',
      at({ url: 'http://127.0.0.1:1/keys', page: 'keys', family: 'configured' }),
      'pass',
    ],
    [
      'keys of a configured issuer, and another',
      'https://other.example/',
      at({ url: 'https://idp.example/keys', page: 'keys', family: 'configured', issuer: 'https://idp.example/' }),
      'fail',
    ],
    [
      'keys of nobody that is known',
      v2(TENANT),
      at({ url: 'https://x.example/keys', page: 'keys', family: 'unknown' }),
      'unknown',
    ],
    [
      'a domain of one’s own, and B2C has the key',
      `https://login.own.example/${TENANT}/v2.0/`,
      documentOf({}, { family: 'b2c' }),
      'pass',
    ],
    [
      'a domain of one’s own, and B2C has it not',
      `https://login.own.example/${TENANT}/v2.0/`,
      documentOf({ kidPublished: false }, { family: 'b2c' }),
      'unknown',
    ],
    ['such a domain, and the keys of a tenant', `https://login.own.example/${TENANT}/v2.0/`, documentOf(), 'fail'],
    ['something else, and the keys of B2C', 'https://x.service-now.com', documentOf({}, { family: 'b2c' }), 'fail'],
    ['no issuer', undefined, documentOf(), 'unknown'],
  ])('%s', (_name, iss, document, outcome) => {
    expect(run(iss, document).outcome).toBe(outcome);
  });

  it('goes by what the receiver reads, where that is known', () => {
    expect(run(pod.issuer, at(pod), { ...documentOf({ role: 'receiver' }) }).outcome).toBe('fail');
    expect(run(v2(TENANT), at(pod), documentOf({ role: 'receiver' })).outcome).toBe('pass');
  });

  it('shows both issuers and where they part', () => {
    expect(run(pod.issuer, at(other))).toMatchObject({
      expected: other.issuer,
      actual: pod.issuer,
      difference: { kind: 'other-cluster' },
    });
    expect(run('x'.repeat(5_000), documentOf()).actual?.length).toBeLessThan(300);
    expect(run(pod.issuer, { ...documentOf(), address: addressOf({ tenant: 'common' }) }).outcome).toBe('fail');
  });
});
