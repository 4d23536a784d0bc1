import { describe, expect, it } from 'vitest';
import { assertionNotExchangeable } from '../../src/checks/assertion-not-exchangeable.ts';
import type { Assertion } from '../../src/contract/federation.ts';
import { IDENTITY_BINDING_AUDIENCE } from '../../src/contract/resources.ts';
import { TENANT, v1, v2 } from './builders.ts';
import { assertionOf } from './federation-builders.ts';

const run = (more: { [K in keyof Assertion]?: Assertion[K] | undefined }) =>
  assertionNotExchangeable.run({ assertion: assertionOf(more) }).outcome;

describe('assertion-not-exchangeable', () => {
  it.each<[string, Parameters<typeof run>[0], string]>([
    ['the token of a pod', {}, 'pass'],
    ['the issuer of Entra', { issuer: v2(TENANT) }, 'pass'],
    ['its v1 issuer', { issuer: v1(TENANT) }, 'fail'],
    ['the cluster itself', { issuer: 'https://kubernetes.default.svc.cluster.local' }, 'fail'],
    ['the API server', { issuer: 'https://shop-abcd.hcp.westeurope.azmk8s.io' }, 'fail'],
    ['a secret', { issuer: 'kubernetes/serviceaccount' }, 'fail'],
    ['the audience of a binding', { audiences: [IDENTITY_BINDING_AUDIENCE] }, 'fail'],
    ['several audiences, that of a binding among them', { audiences: ['x', IDENTITY_BINDING_AUDIENCE] }, 'fail'],
    ['another audience', { audiences: ['api://shop'] }, 'pass'],
    ['nothing known', { issuer: undefined, subject: undefined, audiences: undefined }, 'pass'],
  ])('%s, as it is told', (_name, more, outcome) => {
    expect(run({ from: 'workload', ...more })).toBe(outcome);
    expect(run({ from: 'claims', ...more })).toBe(outcome);
    // A token is judged by its kind and issuer.
    expect(run({ from: 'token', ...more })).toBe('pass');
  });

  it.each([
    ['system:serviceaccount:shop:orders', 'pass'],
    ['system:serviceaccount:shop-2:orders.v2', 'pass'],
    ['system:serviceaccount:Shop:orders', 'fail'],
    ['system:serviceaccount:shop:Orders', 'fail'],
    ['system:serviceaccount:shop.a:orders', 'fail'],
    ['system:serviceaccount:shop:-orders', 'fail'],
    [`system:serviceaccount:${'a'.repeat(64)}:orders`, 'fail'],
    ['repo:Contoso/Shop:ref:refs/heads/main', 'pass'],
  ])('the subject %s', (subject, outcome) => {
    for (const from of ['workload', 'claims', 'token'] as const) expect(run({ from, subject })).toBe(outcome);
  });
});
