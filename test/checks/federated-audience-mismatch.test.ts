import { describe, expect, it } from 'vitest';
import { federatedAudienceMismatch } from '../../src/checks/federated-audience-mismatch.ts';
import { IDENTITY_BINDING_AUDIENCE, TOKEN_EXCHANGE_APP_ID } from '../../src/contract/resources.ts';
import { TENANT, v2 } from './builders.ts';
import { AUDIENCE, assertionOf, credentialOf, credentialsOf } from './federation-builders.ts';

const run = (trusted: string[], audiences: string[] | undefined = [AUDIENCE], complete = true) =>
  federatedAudienceMismatch.run({
    federatedCredentials: credentialsOf([credentialOf({ audiences: trusted })], { complete }),
    assertion: assertionOf({ audiences }),
  });
const GRAPH = 'https://graph.microsoft.com';

describe('federated-audience-mismatch', () => {
  it.each<[string, string[], string[], string, string | undefined, number | undefined]>([
    ['letter for letter', [AUDIENCE], [AUDIENCE], 'pass', undefined, undefined],
    ['one of two', ['x', AUDIENCE], [AUDIENCE], 'pass', undefined, undefined],
    ['small letters', [AUDIENCE.toLowerCase()], [AUDIENCE], 'fail', 'letter-case', 6],
    ['a slash', [`${AUDIENCE}/`], [AUDIENCE], 'fail', 'trailing-slash', AUDIENCE.length],
    ['white space', [` ${AUDIENCE}`], [AUDIENCE], 'fail', 'white-space', 0],
    ['another cloud', [`${AUDIENCE}USGov`], [AUDIENCE], 'fail', 'cloud', AUDIENCE.length],
    ['an audience of one’s own', [AUDIENCE], ['api://shop'], 'fail', 'other', 6],
    ['a token for Graph', [AUDIENCE], [GRAPH], 'fail', 'other', 0],
    ['none', [], [AUDIENCE], 'fail', 'other', 0],
    ['several presented, one of them trusted', [AUDIENCE], ['x', AUDIENCE], 'unknown', undefined, undefined],
    ['several presented, none trusted', [AUDIENCE], ['x', 'y'], 'fail', 'other', 0],
  ])('%s', (_name, trusted, presented, outcome, kind, at) => {
    const ruling = run(trusted, presented);
    expect(ruling.outcome).toBe(outcome);
    expect(ruling.difference).toEqual(kind && { kind, at });
    // Where the credential has the audience of the exchange, the token has to change.
    const sides = [presented.join(', '), trusted.join(', ')];
    const [expected, actual] = trusted.includes(AUDIENCE) && outcome === 'fail' ? sides.toReversed() : sides;
    if (outcome === 'fail') expect(ruling).toMatchObject({ expected, actual });
  });

  it('cannot tell what is not known', () => {
    expect(run(['x'], [AUDIENCE], false).outcome).toBe('unknown');
    const assertion = assertionOf({ audiences: undefined });
    expect(federatedAudienceMismatch.run({ federatedCredentials: credentialsOf(), assertion }).outcome).toBe('unknown');
  });

  it('takes the id of the exchange in a token of Entra', () => {
    const seen = (issuer: string) => ({
      federatedCredentials: credentialsOf([credentialOf({ issuer })]),
      assertion: assertionOf({ issuer, audiences: [TOKEN_EXCHANGE_APP_ID] }),
    });
    expect(federatedAudienceMismatch.run(seen(v2(TENANT))).outcome).toBe('pass');
    expect(federatedAudienceMismatch.run(seen('https://issuer.example')).outcome).toBe('fail');
  });

  it('advises by what the token is for', () => {
    const text = (presented: string, trusted = AUDIENCE) => run([trusted], [presented]).remediation?.text;
    expect(text(IDENTITY_BINDING_AUDIENCE)).toContain('binding');
    expect(text(IDENTITY_BINDING_AUDIENCE)).not.toContain('`scope`');
    expect(text(GRAPH)).toContain('`scope`');
    expect(text(GRAPH)).toContain('Microsoft Graph');
    expect(text(AUDIENCE, `${AUDIENCE}China`)).toContain('every cloud');
    expect(text('api://shop')).toContain('rightly');
    expect(text('https://kubernetes.default.svc.cluster.local')).toContain('azure.workload.identity/use');
    expect(text('api://shop', 'api://store')).toBe(federatedAudienceMismatch.remediation);
  });

  it('has the credential say what pods have', () => {
    const [command] = run([`${AUDIENCE}China`]).remediation?.commands ?? [];
    expect(command).toMatch(new RegExp(`federated-credential update .* --audiences '${AUDIENCE}'$`));
  });
});
