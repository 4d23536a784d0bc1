import { describe, expect, it } from 'vitest';
import { keyUnfit } from '../../src/checks/key-unfit.ts';
import type { SigningKeyDetails } from '../../src/contract/evidence.ts';
import { OTHER_TENANT, TENANT, v1, v2 } from './builders.ts';
import { detailsOf, KID } from './key-builders.ts';

const run = (more: Partial<SigningKeyDetails>, algorithm?: string) =>
  keyUnfit.run({ signingKey: detailsOf(more), soughtKey: { kid: KID, ...(algorithm !== undefined && { algorithm }) } })
    .outcome;

describe('key-unfit', () => {
  it.each<[string, string | undefined, string | undefined, string]>([
    ['of any tenant', 'https://login.microsoftonline.com/{tenantid}/v2.0', v2(TENANT), 'pass'],
    ['of the token’s tenant', v2(TENANT), v2(TENANT), 'pass'],
    ['of the token’s tenant, and the token is of version 1.0', v2(TENANT), v1(TENANT), 'pass'],
    ['of another tenant', v2(OTHER_TENANT), v2(TENANT), 'fail'],
    ['of no tenant', undefined, v2(TENANT), 'pass'],
    ['without a token', v2(TENANT), undefined, 'pass'],
  ])('a key for tokens %s', (_name, keyIssuer, issuer, outcome) => {
    const signingKey = detailsOf(keyIssuer === undefined ? {} : { issuer: keyIssuer });
    const soughtKey = { kid: KID, ...(issuer !== undefined && { issuer }) };
    expect(keyUnfit.run({ signingKey, soughtKey }).outcome).toBe(outcome);
  });

  it.each<[string, Partial<SigningKeyDetails>, string | undefined, string]>([
    ['for signatures', {}, undefined, 'pass'],
    ['for the algorithm of the token', {}, 'RS256', 'pass'],
    ['for another algorithm than the token’s', {}, 'ES256', 'fail'],
    ['for the token’s in other letters', {}, 'rs256', 'fail'],
    ['for none', {}, 'none', 'fail'],
    ['for no algorithm of its type', { algorithms: [], alg: 'ES256' }, undefined, 'fail'],
    ['private', { fault: 'secret-published' }, undefined, 'fail'],
    ['of another type', { fault: 'other-type', kty: 'oct' }, undefined, 'fail'],
    ['for encryption', { fault: 'other-use' }, undefined, 'fail'],
    ['malformed', { fault: 'malformed' }, undefined, 'fail'],
    ['too short', { fault: 'too-short', bits: 1024 }, undefined, 'fail'],
  ])('%s', (_name, more, algorithm, outcome) => {
    expect(run(more, algorithm)).toBe(outcome);
  });
});
