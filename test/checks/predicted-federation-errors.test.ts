import { describe, expect, it } from 'vitest';
import type { EvidenceName, Present } from '../../src/checks/check.ts';
import { predictedFederationError } from '../../src/checks/predicted-federation-errors.ts';
import type { Assertion, FederatedCredential } from '../../src/contract/federation.ts';
import { IDENTITY_BINDING_AUDIENCE } from '../../src/contract/resources.ts';
import { targetOf } from '../../src/contract/target.ts';
import { evidenceWith, TENANT, tokenWith, v1, v2 } from './builders.ts';
import {
  AUDIENCE,
  applicationOf,
  assertionOf,
  BINDING_ISSUER,
  credentialOf,
  credentialsOf,
  flexibleOf,
  GITHUB,
  ISSUER,
  pipelineOf,
  SUBJECT,
} from './federation-builders.ts';

const errorOf = (rootCause: string, values: Partial<Present<EvidenceName>> = {}) =>
  predictedFederationError(evidenceWith({ target: targetOf('token-exchange', 'public'), ...values }), rootCause);
const refused = (
  credentials: FederatedCredential[],
  assertion: Assertion = assertionOf(),
  complete = true,
  rootCause = 'federated-subject-mismatch',
) =>
  errorOf(rootCause, {
    federatedCredentials: credentialsOf(credentials, { complete, of: applicationOf() }),
    assertion,
  });

const EID = '/eid1/c/pub/t/abc/a/def/xyz';
const MAIN = 'repo:contoso/shop:ref:refs/heads/main';
const own = credentialOf();
const other = (subject: string, issuer = ISSUER) => credentialOf({ subject, issuer });

describe('the predicted error of an exchange', () => {
  it.each([
    ['issuer-unreadable', 'AADSTS50166', 'likely'],
    ['identity-not-found', 'AADSTS700016', 'documented'],
    ['identity-in-another-tenant', 'AADSTS700016', 'documented'],
    ['identity-id-mistaken', 'AADSTS700016', 'likely'],
    ['identity-cannot-federate', 'AADSTS70025', 'likely'],
    ['federation-across-tenants', 'AADSTS700236', 'likely'],
    ['application-multitenant', 'AADSTS70052', 'documented'],
  ])('for %s is %s', (rootCause, code, certainty) => {
    expect(errorOf(rootCause)).toEqual({ code, certainty });
  });

  it.each<[string, FederatedCredential[], Assertion, string | undefined]>([
    ['no credential', [], assertionOf(), 'AADSTS70025'],
    ['that of a binding alone', [credentialOf({ issuer: BINDING_ISSUER })], assertionOf(), 'AADSTS700211'],
    ['no such issuer', [other(SUBJECT, GITHUB)], assertionOf(), 'AADSTS700211'],
    ['an issuer a slash away', [other(SUBJECT, ISSUER.slice(0, -1))], assertionOf(), 'AADSTS700211'],
    ['no issuer presented', [own], assertionOf({ issuer: undefined }), undefined],
    ['no such subject', [other('x')], assertionOf(), 'AADSTS700213'],
    ['issuer and subject in two', [other('x'), other(SUBJECT, GITHUB)], assertionOf(), 'AADSTS700213'],
    ['letter case', [other(SUBJECT.toUpperCase())], assertionOf(), 'AADSTS7002138'],
    [
      'letter case, of another issuer',
      [other('x'), other(SUBJECT.toUpperCase(), GITHUB)],
      assertionOf(),
      'AADSTS700213',
    ],
    ['an expression', [flexibleOf("claims['sub'] eq 'x'")], pipelineOf(MAIN), 'AADSTS7002131'],
    ['an expression that is not told', [flexibleOf(undefined)], pipelineOf(MAIN), undefined],
    [
      'a managed identity',
      [other('x', v2(TENANT))],
      assertionOf({ issuer: v2(TENANT), subject: EID }),
      'AADSTS7002137',
    ],
    ['no such audience', [own], assertionOf({ audiences: ['api://shop'] }), 'AADSTS700212'],
    ['the audience of a binding', [own], assertionOf({ audiences: [IDENTITY_BINDING_AUDIENCE] }), 'AADSTS700212'],
    [
      'no such audience in a token of Entra',
      [other(SUBJECT, v2(TENANT))],
      assertionOf({ issuer: v2(TENANT), audiences: ['x'] }),
      'AADSTS7002121',
    ],
    ['several audiences', [own], assertionOf({ audiences: ['x', AUDIENCE] }), undefined],
    ['one that fits', [other('x'), own], assertionOf(), undefined],
  ])('by the credentials: %s', (_name, credentials, assertion, code) => {
    expect(refused(credentials, assertion)?.code).toBe(code);
    // For another resource a token of Entra is refused whatever else there is.
    expect(refused(credentials, assertion, false)?.code).toBe(code === 'AADSTS7002121' ? code : undefined);
  });

  it('is documented where a page says so', () => {
    expect(refused([])?.certainty).toBe('documented');
    expect(refused([other('x')])?.certainty).toBe('documented');
    expect(refused([other(SUBJECT, GITHUB)])?.certainty).toBe('likely');
    expect(refused([own], assertionOf({ audiences: ['api://shop'] }))?.certainty).toBe('likely');
    expect(refused([own], assertionOf({ audiences: [IDENTITY_BINDING_AUDIENCE] }))?.certainty).toBe('likely');
  });

  it.each<[string, Assertion, object | undefined]>([
    ['a v1 issuer of Entra', assertionOf({ issuer: v1(TENANT) }), { code: 'AADSTS700227', certainty: 'likely' }],
    [
      'the audience of a binding',
      assertionOf({ audiences: [IDENTITY_BINDING_AUDIENCE] }),
      { code: 'AADSTS700212', certainty: 'documented' },
    ],
    ['anything else', assertionOf(), undefined],
  ])('of what cannot be exchanged at all: %s', (_name, assertion, expected) => {
    expect(errorOf('assertion-not-exchangeable', { assertion })).toEqual(expected);
    expect(errorOf('assertion-not-exchangeable')).toBeUndefined();
  });

  it.each([
    'federated-credential-missing',
    'federated-issuer-mismatch',
    'federated-subject-mismatch',
    'federated-audience-mismatch',
    'token-of-another-cluster',
    'token-of-another-service-account',
  ])('looks at the credentials for %s', (rootCause) => {
    expect(refused([], assertionOf(), true, rootCause)?.code).toBe('AADSTS70025');
    expect(errorOf(rootCause, { assertion: assertionOf() })).toBeUndefined();
    expect(errorOf(rootCause, { federatedCredentials: credentialsOf() })).toBeUndefined();
  });

  it('is that of the exchange for what the token says, and none where it is not asked', () => {
    const token = tokenWith({ iss: ISSUER });
    expect(errorOf('token-expired', { token })?.code).toBe('AADSTS700024');
    expect(errorOf('token-malformed')?.code).toBe('AADSTS50027');
    for (const cause of ['cluster-not-found', 'cluster-stopped', 'workload-identity-disabled', 'evidence-not-observed'])
      expect(errorOf(cause, { token })).toBeUndefined();
  });
});
