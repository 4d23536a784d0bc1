import { describe, expect, it } from 'vitest';
import { keyNotFound } from '../../src/checks/key-not-found.ts';
import type { SignatureVerification, SigningKeys, TrustedIssuer } from '../../src/contract/evidence.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, type Target, targetOf } from '../../src/contract/target.ts';
import { cluster, configured, entra, keysWith, NOW, secondsFromNow, signature, tokenWith } from './builders.ts';

const published = ['k1', 'k2'];

interface Case {
  issuer?: TrustedIssuer;
  kid?: unknown;
  kids?: readonly (string | undefined)[];
  result?: SignatureVerification['result'];
  cache?: SigningKeys['cache']['state'];
  exp?: unknown;
  aud?: unknown;
  leftOut?: number;
  target?: Target;
}

function run({
  issuer = entra(),
  kid,
  kids = published,
  result = 'no-usable-key',
  cache = 'fresh',
  exp = secondsFromNow(3_600),
  aud,
  leftOut = 0,
  target = targetOf('arm', 'public'),
}: Case) {
  return keyNotFound.run({
    token: tokenWith({ exp, aud }, { alg: 'RS256', kid }),
    trustedIssuer: issuer,
    signingKeys: { ...keysWith(kids, typeof kid === 'string' ? kid : undefined, cache), keysLeftOut: leftOut },
    signature: signature(result),
    now: NOW,
    target,
  });
}

describe('key-not-found', () => {
  it.each<[string, Case, string]>([
    ['published, and it verifies', { kid: 'k1', result: 'verified' }, 'pass'],
    ['published, and the token was altered', { kid: 'k2', result: 'invalid' }, 'pass'],
    ['published, keys of long ago', { kid: 'k1', result: 'verified', cache: 'stale' }, 'pass'],
    ['published, token expired', { kid: 'k1', result: 'verified', exp: secondsFromNow(-1) }, 'pass'],
    ['published for another issuer or use', { kid: 'k1' }, 'fail'],
    ['not published', { kid: 'k9' }, 'fail'],
    ['not published, asked again just now', { kid: 'k9', cache: 'refreshed' }, 'fail'],
    ['not published, and the issuer cannot be asked', { kid: 'k9', cache: 'stale' }, 'unknown'],
    ['not published, and asked too often to be asked again', { kid: 'k9', cache: 'throttled' }, 'unknown'],
    ['not among the keys read, and there are more', { kid: 'k9', leftOut: 1 }, 'unknown'],
    ['among the keys read, and there are more', { kid: 'k1', leftOut: 1, result: 'verified' }, 'pass'],
    ['not published, for an application that may publish its own', { kid: 'k9', aud: 'api://own' }, 'unknown'],
    ['not published, for a resource of Microsoft', { kid: 'k9', aud: 'https://management.azure.com/' }, 'fail'],
    ['not published, for both', { kid: 'k9', aud: ['api://own', 'https://graph.microsoft.com'] }, 'fail'],
    ['not published by a cluster', { kid: 'k9', aud: 'api://own', issuer: cluster }, 'fail'],
    ['other letter case', { kid: 'K1' }, 'fail'],
    ['white space', { kid: 'k1 ' }, 'fail'],
    ['no key published at all', { kid: 'k1', kids: [] }, 'fail'],
    ['only keys without a name published', { kid: 'k1', kids: [undefined] }, 'fail'],
    ['a kid of zero length', { kid: '' }, 'fail'],
    ['a kid that is a number', { kid: 1 }, 'fail'],
    ['a kid that is null', { kid: null }, 'fail'],
    ['a kid in a list', { kid: ['k1'] }, 'fail'],
  ])('%s', (_name, given, outcome) => {
    expect(run(given).outcome).toBe(outcome);
  });

  it.each<[string, TrustedIssuer]>([
    ['Entra, v1', entra('1.0')],
    ['Entra, v2', entra('2.0')],
    ['a cluster', cluster],
  ])('fails without a kid, which every token of this issuer has: %s', (_name, issuer) => {
    for (const result of ['verified', 'invalid', 'no-usable-key'] as const) {
      for (const kid of [undefined, '']) {
        expect(run({ issuer, kid, result }).outcome).toBe('fail');
        expect(run({ issuer, kid, result, kids: [undefined] }).outcome).toBe('fail');
      }
    }
  });

  it.each<[string, Case, string]>([
    ['no kid, and a published key verifies', { result: 'verified' }, 'pass'],
    ['no kid, and a key without a name verifies', { result: 'verified', kids: [undefined] }, 'pass'],
    // Then the signature is at fault, and its own check says so.
    ['no kid, and no published key made the signature', { result: 'invalid' }, 'pass'],
    ['no kid, and no key is usable', { result: 'no-usable-key' }, 'fail'],
    ['no kid, and no key is published', { result: 'no-usable-key', kids: [] }, 'fail'],
    ['a kid of zero length, and no key is usable', { kid: '', result: 'no-usable-key' }, 'fail'],
    ['published', { kid: 'k1', result: 'verified' }, 'pass'],
    ['published for another use', { kid: 'k1', result: 'no-usable-key' }, 'fail'],
    ['not published', { kid: 'k9', result: 'no-usable-key' }, 'fail'],
  ])('an issuer that settings trust need not name its keys: %s', (_name, given, outcome) => {
    expect(run({ ...given, issuer: configured }).outcome).toBe(outcome);
  });

  it.each<[string, unknown, string]>([
    ['valid for another second', secondsFromNow(1), 'fail'],
    ['expired right now', secondsFromNow(0), 'unknown'],
    ['expired a second ago', secondsFromNow(-1), 'unknown'],
    ['expired years ago', 0, 'unknown'],
    ['no `exp`', undefined, 'fail'],
    ['`exp` is text', String(secondsFromNow(-1)), 'unknown'],
    ['`exp` is null', null, 'unknown'],
  ])('an unpublished key may have been retired since: %s', (_name, exp, outcome) => {
    expect(run({ kid: 'k9', exp }).outcome).toBe(outcome);
  });

  it.each<[string, Case, { expected?: string; actual: string }]>([
    ['fail', { kid: 'k9' }, { expected: 'k1, k2', actual: 'k9' }],
    ['unknown', { kid: 'k9', cache: 'stale' }, { expected: 'k1, k2', actual: 'k9' }],
    ['unnamed keys left out', { kid: 'k9', kids: [undefined, 'k2'] }, { expected: 'k2', actual: 'k9' }],
    ['published for others', { kid: 'k1' }, { actual: 'k1' }],
    ['absent', {}, { actual: 'absent' }],
    ['null', { kid: null }, { actual: 'null' }],
    ['number', { kid: 7 }, { actual: '7' }],
  ])('shows what is published and what is named: %s', (_name, given, values) => {
    expect(run(given)).toMatchObject(values);
  });

  it('lists a dozen kids and cuts long ones', () => {
    const kids = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    const { expected, actual } = run({ kid: 'x'.repeat(5_000), kids });
    expect(expected!.split(', ')).toEqual(kids.slice(0, 12));
    expect(actual!.length).toBeLessThan(300);
  });
});

describe('key-not-found for a policy, which decides by what it has', () => {
  const rules = AcceptanceRules.parse({ issuers: ['https://a/'], audiences: ['a'] });
  const policy = ruledTarget('policy', 'the policy', rules, 'public');
  const receiver = ruledTarget('custom', 'the receiver', rules, 'public');

  it.each<[string, SigningKeys['cache']['state'], string, string]>([
    ['a key that may stand at `?appid=`', 'refreshed', 'fail', 'unknown'],
    ['a key that cannot be asked for again yet', 'throttled', 'fail', 'unknown'],
    ['keys that may be too old', 'stale', 'unknown', 'unknown'],
  ])('%s', (_name, cache, ofPolicy, ofReceiver) => {
    const aud = 'b1b2b3b4-1111-4222-8333-444455556666';
    expect(run({ kid: 'k9', cache, aud, target: policy }).outcome).toBe(ofPolicy);
    expect(run({ kid: 'k9', cache, aud, target: receiver }).outcome).toBe(ofReceiver);
  });
});
