import { describe, expect, it } from 'vitest';
import { federatedCredentialUnseen } from '../../src/checks/federated-credential-unseen.ts';
import type { JsonObject } from '../../src/contract/json.ts';
import { AcceptanceRules } from '../../src/contract/policy.ts';
import { ruledTarget, TargetName, targetOf, unnamedTarget } from '../../src/contract/target.ts';
import { cluster, HOSTILE, tokenWith } from './builders.ts';

const POD = {
  iss: cluster.issuer,
  sub: 'system:serviceaccount:shop:orders',
  aud: ['api://AzureADTokenExchange'],
};
const run = (claims: JsonObject) =>
  federatedCredentialUnseen.run({ token: tokenWith(claims), target: targetOf('token-exchange', 'public') });

describe('federated-credential-unseen', () => {
  it.each<[string, JsonObject]>([
    ['a token of a pod', POD],
    ['an audience that is text', { ...POD, aud: 'api://AzureADTokenExchange' }],
    ['no subject', { ...POD, sub: undefined }],
    ['claims that are no text', { iss: 5, sub: [], aud: { a: 1 } }],
    ['nothing', {}],
  ])('never tells from the token alone: %s', (_name, claims) => {
    expect(run(claims).outcome).toBe('unknown');
  });

  it('names the three to compare', () => {
    const { summary } = run({ ...POD, aud: ['api://one', 'api://two'] });
    for (const value of [POD.iss, POD.sub, 'api://one, api://two']) expect(summary).toContain(value);
  });

  it.each(['iss', 'sub', 'aud'])('says which of them is absent: %s', (name) => {
    expect(run(POD).summary).not.toContain('absent');
    expect(run({ ...POD, [name]: undefined }).summary).toContain('absent');
    expect(run({ ...POD, [name]: 5 }).summary).toContain('absent');
  });

  it.each(HOSTILE)('has no command with values of the token: %j', (value) => {
    const ruling = run({ iss: value, sub: value, aud: value });
    const command = /`az [^`]*`/.exec(ruling.summary.replaceAll(value, ''))?.[0];
    expect(command).toBe('`az identity federated-credential list -g $RESOURCE_GROUP --identity-name $IDENTITY`');
    expect(ruling.remediation?.commands).toBeUndefined();
  });

  it('cuts what is very long', () => {
    const long = 'x'.repeat(5_000);
    expect(run({ iss: long, sub: long, aud: long }).summary.length).toBeLessThan(1_500);
  });

  it.each([
    ...TargetName.options.filter((name) => name !== 'token-exchange').map((name) => targetOf(name, 'public')),
    ruledTarget('policy', 'the orders', AcceptanceRules.parse({ audiences: POD.aud }), 'public'),
    ruledTarget('custom', 'the orders', AcceptanceRules.parse({ audiences: POD.aud }), 'public'),
    unnamedTarget('public'),
  ])('is nothing $name asks for', (target) => {
    expect(federatedCredentialUnseen.run({ token: tokenWith(POD), target }).outcome).toBe('not-applicable');
  });
});
