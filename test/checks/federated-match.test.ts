import { describe, expect, it } from 'vitest';
import { candidatesFor, type FieldMatch, nearestCandidate } from '../../src/checks/federated-match.ts';
import type { Assertion, FederatedCredential } from '../../src/contract/federation.ts';
import { TOKEN_EXCHANGE_APP_ID } from '../../src/contract/resources.ts';
import { OTHER_TENANT, TENANT, v2 } from './builders.ts';
import {
  AUDIENCE,
  applicationOf,
  assertionOf,
  BINDING_ISSUER,
  clusterIssuer,
  credentialOf,
  credentialsOf,
  flexibleOf,
  GITHUB,
  ISSUER,
  identityOf,
  OTHER_GUID,
  pipelineOf,
  SUBJECT,
} from './federation-builders.ts';

const judged = (credential: FederatedCredential, assertion: Assertion = assertionOf()) => {
  const found = nearestCandidate(assertion, credentialsOf([credential], { of: applicationOf() }));
  return [found?.issuer.state, found?.subject.state, found?.audience.state];
};
const chosen = (credentials: FederatedCredential[], assertion: Assertion = assertionOf()) =>
  candidatesFor(assertion, credentialsOf(credentials)).map(({ credential }) => credential.name);

const MAIN = 'repo:contoso/shop:ref:refs/heads/main';
const ANY = "claims['sub'] matches 'repo:contoso/*'";
const [EQ, NE, OPEN] = ['equal', 'differs', 'open'] as const;

describe('a credential beside a token', () => {
  it.each<[string, FederatedCredential, Assertion, FieldMatch['state'][]]>([
    ['letter for letter', credentialOf(), assertionOf(), [EQ, EQ, EQ]],
    ['without the slash', credentialOf({ issuer: ISSUER.slice(0, -1) }), assertionOf(), [NE, EQ, EQ]],
    ['another subject', credentialOf({ subject: `${SUBJECT}2` }), assertionOf(), [EQ, NE, EQ]],
    ['another audience', credentialOf({ audiences: ['api://shop'] }), assertionOf(), [EQ, EQ, NE]],
    ['letter case of the audience', credentialOf({ audiences: [AUDIENCE.toLowerCase()] }), assertionOf(), [EQ, EQ, NE]],
    ['no audience', credentialOf({ audiences: [] }), assertionOf(), [EQ, EQ, NE]],
    ['one audience of two', credentialOf({ audiences: ['api://shop', AUDIENCE] }), assertionOf(), [EQ, EQ, EQ]],
    ['no issuer presented', credentialOf(), assertionOf({ issuer: undefined }), [OPEN, EQ, EQ]],
    ['no subject presented', credentialOf(), assertionOf({ subject: undefined }), [EQ, OPEN, EQ]],
    ['no audience presented', credentialOf(), assertionOf({ audiences: undefined }), [EQ, EQ, OPEN]],
    ['several presented', credentialOf(), assertionOf({ audiences: ['a', AUDIENCE] }), [EQ, EQ, OPEN]],
    ['several others presented', credentialOf(), assertionOf({ audiences: ['a', 'b'] }), [EQ, EQ, NE]],
    ['none at all presented', credentialOf(), assertionOf({ audiences: [] }), [EQ, EQ, NE]],
    ['an expression that is met', flexibleOf(ANY), pipelineOf(MAIN), [EQ, EQ, EQ]],
    ['an expression that is not', flexibleOf("claims['sub'] eq 'x'"), pipelineOf(MAIN), [EQ, NE, EQ]],
    ['an expression that is not told', flexibleOf(undefined), pipelineOf(MAIN), [EQ, OPEN, EQ]],
    ['an expression of another language', flexibleOf('anything'), pipelineOf(MAIN), [EQ, OPEN, EQ]],
    ['a subject beside an expression', flexibleOf(ANY, { subject: MAIN }), pipelineOf(MAIN), [EQ, OPEN, EQ]],
    ['an audience that is not told', credentialOf({ audiences: undefined }), assertionOf(), [EQ, EQ, OPEN]],
    ['a claim to come', flexibleOf(ANY), pipelineOf(MAIN, { from: 'workload', claims: {} }), [EQ, OPEN, EQ]],
  ])('%s', (_name, credential, assertion, states) => {
    expect(judged(credential, assertion)).toEqual(states);
  });

  it.each([
    [GITHUB, EQ],
    [`${GITHUB}/contoso`, EQ],
    [`${GITHUB}/contoso/more`, OPEN],
    ['https://gitlab.com', EQ],
    ['https://app.terraform.io', EQ],
    ['https://gitlab.com.example', OPEN],
    [ISSUER, OPEN],
  ])('has an expression that settles it where those are documented: %s', (issuer, state) => {
    expect(judged(flexibleOf(ANY, { issuer }), pipelineOf(MAIN, { issuer }))[1]).toBe(state);
  });

  it.each([
    ['a managed identity', identityOf()],
    ['nobody that is known', undefined],
  ])('has an expression that settles nothing for %s', (_name, of) => {
    const found = nearestCandidate(pipelineOf(MAIN), credentialsOf([flexibleOf(ANY)], { of }));
    expect(found?.subject.state).toBe(OPEN);
  });

  it('may look up the workflow for GitHub alone', () => {
    const workflow = "claims['job_workflow_ref'] eq 'x'";
    const claims = { sub: MAIN, job_workflow_ref: 'x' };
    expect(judged(flexibleOf(workflow), pipelineOf(MAIN, { claims }))[1]).toBe(EQ);
    const issuer = 'https://gitlab.com';
    expect(judged(flexibleOf(workflow, { issuer }), pipelineOf(MAIN, { claims, issuer }))[1]).toBe(OPEN);
  });

  it.each([
    ['of Entra', v2(TENANT), AUDIENCE, EQ],
    ['of another cloud', v2(TENANT), `${AUDIENCE}China`, OPEN],
    ['of Entra in China', v2(TENANT).replace(/\/\/[^/]+/, '//login.partner.microsoftonline.cn'), AUDIENCE, OPEN],
    ['of a cluster', ISSUER, AUDIENCE, NE],
    ['for another audience', v2(TENANT), 'api://shop', NE],
    ['for the id itself', ISSUER, TOKEN_EXCHANGE_APP_ID, EQ],
  ])('knows the exchange by its id in tokens of Entra alone: %s', (_name, issuer, audience, state) => {
    const assertion = assertionOf({ issuer, audiences: [TOKEN_EXCHANGE_APP_ID] });
    expect(judged(credentialOf({ issuer, audiences: [audience] }), assertion)[2]).toBe(state);
  });

  it('does not know the exchange by its id beside another audience', () => {
    const issuer = v2(TENANT);
    const assertion = assertionOf({ issuer, audiences: [TOKEN_EXCHANGE_APP_ID, 'x'] });
    expect(judged(credentialOf({ issuer }), assertion)[2]).toBe(NE);
  });

  it('looks up no other claim of GitHub', () => {
    const claims = { sub: MAIN, ref: 'x' };
    expect(judged(flexibleOf("claims['ref'] eq 'x'"), pipelineOf(MAIN, { claims }))[1]).toBe(OPEN);
  });

  it('is judged anew for another token', () => {
    const credentials = credentialsOf();
    expect(nearestCandidate(assertionOf(), credentials)?.subject.state).toBe(EQ);
    expect(nearestCandidate(assertionOf({ subject: 'x' }), credentials)?.subject.state).toBe(NE);
  });
});

describe('the nearest credential', () => {
  const right = credentialOf({ name: 'right' });
  const of = (name: string, more: Parameters<typeof credentialOf>[0]) => credentialOf({ name, ...more });

  it.each<[string, FederatedCredential, FederatedCredential]>([
    ['the one that fits', right, of('z', { audiences: ['x'] })],
    ['a slip over another workload', of('right', { issuer: ISSUER.slice(0, -1) }), of('z', { subject: 'x' })],
    [
      'the subject over the issuer',
      of('right', { issuer: clusterIssuer(OTHER_GUID) }),
      of('z', { subject: 'system:serviceaccount:shop:invoices' }),
    ],
    [
      'letter case over another namespace',
      of('right', { subject: SUBJECT.toUpperCase() }),
      of('z', { subject: 'system:serviceaccount:other:orders' }),
    ],
    [
      'something alike over nothing alike',
      of('right', { subject: 'system:serviceaccount:shop:invoices' }),
      of('z', { subject: 'x', issuer: v2(OTHER_TENANT) }),
    ],
    ['two that differ less than one field', of('right', { audiences: ['x'] }), of('z', { issuer: 'x', subject: 'x' })],
  ])('is %s, whatever their order', (_name, one, other) => {
    expect(chosen([one, other])[0]).toBe('right');
    expect(chosen([other, one])[0]).toBe('right');
  });

  it('may be one that is not settled rather than one that cannot fit', () => {
    const open = flexibleOf(undefined, { name: 'open' });
    const other = credentialOf({ name: 'other', issuer: GITHUB, subject: MAIN.toUpperCase() });
    expect(chosen([other, open], pipelineOf(MAIN))).toEqual(['open', 'other']);
    expect(chosen([open, { ...other, subject: MAIN }], pipelineOf(MAIN))).toEqual(['other', 'open']);
  });

  it('is never one of an identity binding', () => {
    expect(chosen([of('binding', { issuer: BINDING_ISSUER })])).toEqual([]);
    expect(chosen([of('binding', { issuer: BINDING_ISSUER }), right])).toEqual(['right']);
    expect(nearestCandidate(assertionOf(), credentialsOf([]))).toBeUndefined();
  });

  it('is one with a single audience, where two fit', () => {
    const two = of('two', { audiences: [AUDIENCE, 'x'] });
    expect(chosen([two, right])[0]).toBe('right');
  });

  it('is the first of equals', () => {
    expect(chosen([of('one', {}), of('two', {})])).toEqual(['one', 'two']);
  });
});
