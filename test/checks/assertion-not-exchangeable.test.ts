import { describe, expect, it } from 'vitest';
import { assertionNotExchangeable } from '../../src/checks/assertion-not-exchangeable.ts';
import type { CloudName } from '../../src/contract/clouds.ts';
import type { Assertion } from '../../src/contract/federation.ts';
import { IDENTITY_BINDING_AUDIENCE } from '../../src/contract/resources.ts';
import { targetOf } from '../../src/contract/target.ts';
import { PERSONAL_TENANT } from '../../src/contract/token-kind.ts';
import { CLIENT, TENANT, v1, v2 } from './builders.ts';
import { assertionOf, GITHUB, ISSUER, SUBJECT } from './federation-builders.ts';

type More = { [K in keyof Assertion]?: Assertion[K] | undefined };
const run = (more: More, cloud: CloudName = 'public') =>
  assertionNotExchangeable.run({ assertion: assertionOf(more), target: targetOf('token-exchange', cloud) }).outcome;

describe('assertion-not-exchangeable', () => {
  it.each<[string, More, string]>([
    ['the token of a pod', {}, 'pass'],
    ['a managed identity, perhaps', { issuer: v2(TENANT), subject: CLIENT }, 'unknown'],
    ['Entra, and a subject that it does not write', { issuer: v2(TENANT), subject: 'repo:x' }, 'fail'],
    ['a service connection', { issuer: v2(TENANT), subject: '/eid1/c/pub/t/x' }, 'pass'],
    ['the v1 issuer of Entra', { issuer: v1(TENANT), subject: CLIENT }, 'fail'],
    ['personal accounts', { issuer: v2(PERSONAL_TENANT), subject: CLIENT }, 'fail'],
    ['another cloud', { issuer: v2(TENANT).replace('.com/', '.us/'), subject: CLIENT }, 'fail'],
    ['the cluster itself', { issuer: 'https://kubernetes.default.svc.cluster.local' }, 'fail'],
    ['a cluster of the older form', { issuer: `https://oidc.prod-aks.azure.com/${TENANT}/` }, 'pass'],
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

  it.each<[string, More, string]>([
    ['a service account', {}, 'pass'],
    ['one with dots and dashes', { subject: 'system:serviceaccount:shop-2:orders.v2' }, 'pass'],
    ['a namespace in capitals', { subject: 'system:serviceaccount:Shop:orders' }, 'fail'],
    ['an account in capitals', { subject: 'system:serviceaccount:shop:Orders' }, 'fail'],
    ['a namespace with a dot', { subject: 'system:serviceaccount:shop.a:orders' }, 'fail'],
    ['an account that begins with a dash', { subject: 'system:serviceaccount:shop:-orders' }, 'fail'],
    ['an account with two dots', { subject: 'system:serviceaccount:shop:a..b' }, 'fail'],
    ['a namespace that is too long', { subject: `system:serviceaccount:${'a'.repeat(64)}:orders` }, 'fail'],
    ['a pipeline at a cluster', { subject: 'repo:contoso/shop:pull_request' }, 'fail'],
    ['a pod at a pipeline', { issuer: GITHUB }, 'fail'],
    ['a pipeline', { issuer: GITHUB, subject: 'repo:Contoso/Shop:pull_request' }, 'pass'],
    ['white space before the issuer', { issuer: ` ${ISSUER}` }, 'fail'],
    ['white space behind the subject', { subject: `${SUBJECT}\n` }, 'fail'],
    ['white space around an audience', { audiences: [' a '] }, 'fail'],
    ['a subject of 601 characters', { issuer: GITHUB, subject: 'x'.repeat(601) }, 'fail'],
    ['a subject of 600 characters', { issuer: GITHUB, subject: 'x'.repeat(600) }, 'pass'],
  ])('%s, whoever tells it', (_name, more, outcome) => {
    for (const from of ['workload', 'claims', 'token'] as const) expect(run({ from, ...more })).toBe(outcome);
  });

  it.each<[string, object, string]>([
    ['the same', { namespace: 'shop', serviceaccount: { name: 'orders' } }, 'pass'],
    ['another namespace', { namespace: 'store' }, 'fail'],
    ['another account', { serviceaccount: { name: 'invoices' } }, 'fail'],
    ['nothing', {}, 'pass'],
  ])('claims in which kubernetes.io names %s', (_name, told, outcome) => {
    const claims = { 'kubernetes.io': told };
    expect(run({ from: 'claims', claims })).toBe(outcome);
    // Of a token the signature tells.
    expect(run({ from: 'token', claims })).toBe('pass');
  });

  it('of another cloud is judged in that cloud', () => {
    const issuer = v2(TENANT).replace('.com/', '.us/');
    expect(run({ from: 'workload', issuer, subject: CLIENT }, 'usgovernment')).toBe('unknown');
  });
});
