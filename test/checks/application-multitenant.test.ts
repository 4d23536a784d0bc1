import { describe, expect, it } from 'vitest';
import { applicationMultitenant } from '../../src/checks/application-multitenant.ts';
import type { FederatedIdentity } from '../../src/contract/federation.ts';
import { CLIENT, HOSTILE, TENANT, v1, v2 } from './builders.ts';
import { applicationOf, assertionOf, GITHUB, ISSUER, identityOf } from './federation-builders.ts';

/** Of a service connection of Azure DevOps. */
const CONNECTION = '/eid1/c/pub/t/abc/a/def/sc/contoso/production';
const run = (identity: FederatedIdentity, issuer: string | undefined = v2(TENANT), subject = CONNECTION) =>
  applicationMultitenant.run({ assertion: assertionOf({ issuer, subject }), identity });

describe('application-multitenant', () => {
  it.each([
    ['AzureADMyOrg', 'pass'],
    ['AzureADMultipleOrgs', 'fail'],
    ['AzureADandPersonalMicrosoftAccount', 'fail'],
    ['azureadmyorg', 'fail'],
    [undefined, 'unknown'],
  ])('%s', (signInAudience, outcome) => {
    expect(run(applicationOf({ signInAudience })).outcome).toBe(outcome);
    expect(run(applicationOf({ signInAudience }), v1(TENANT)).outcome).toBe(outcome);
  });

  it.each<[string, FederatedIdentity, string]>([
    ['tokens of a cluster', applicationOf({ signInAudience: 'AzureADMultipleOrgs' }), ISSUER],
    ['tokens of GitHub', applicationOf({ signInAudience: 'AzureADMultipleOrgs' }), GITHUB],
  ])('has no say over %s', (_name, identity, issuer) => {
    expect(run(identity, issuer).outcome).toBe('not-applicable');
  });

  it('passes a managed identity, which is of one tenant', () => {
    expect(run(identityOf()).outcome).toBe('pass');
    expect(run(identityOf(), v2(TENANT), CLIENT).outcome).toBe('not-applicable');
  });

  it('has no say over what a managed identity vouches for', () => {
    const application = applicationOf({ signInAudience: 'AzureADMultipleOrgs' });
    expect(run(application, v2(TENANT), CLIENT).outcome).toBe('not-applicable');
  });

  it('says how to restrict it', () => {
    expect(run(applicationOf({ signInAudience: 'AzureADMultipleOrgs' }))).toMatchObject({
      expected: 'AzureADMyOrg',
      actual: 'AzureADMultipleOrgs',
      commands: [`az ad app update --id '${CLIENT}' --sign-in-audience AzureADMyOrg`],
    });
  });

  it.each([undefined, ...HOSTILE])('leaves the id to the reader: %j', (clientId) => {
    const { commands } = run(applicationOf({ signInAudience: 'AzureADMultipleOrgs', clientId }));
    expect(commands).toEqual(['az ad app update --id "$APP_ID" --sign-in-audience AzureADMyOrg']);
  });
});
