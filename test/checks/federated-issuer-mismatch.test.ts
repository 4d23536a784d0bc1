import { describe, expect, it } from 'vitest';
import { federatedIssuerMismatch } from '../../src/checks/federated-issuer-mismatch.ts';
import type { FederatedCredential } from '../../src/contract/federation.ts';
import { OTHER_TENANT } from './builders.ts';
import {
  AUDIENCE,
  applicationOf,
  assertionOf,
  BINDING_ISSUER,
  CLUSTER_GUID,
  clusterIssuer,
  credentialOf,
  credentialsOf,
  GITHUB,
  ISSUER,
  OF_IDENTITY,
  OTHER_GUID,
  SUBJECT,
} from './federation-builders.ts';

const of = (issuer: string) => credentialOf({ issuer });
const run = (credentials: FederatedCredential[], complete = true, assertion = assertionOf()) =>
  federatedIssuerMismatch.run({ federatedCredentials: credentialsOf(credentials, { complete }), assertion });
const values = `--issuer '${ISSUER}' --subject '${SUBJECT}' --audiences '${AUDIENCE}'`;

describe('federated-issuer-mismatch', () => {
  it.each<[string, string, string, string | undefined, number | undefined]>([
    ['letter for letter', ISSUER, 'pass', undefined, undefined],
    ['without its slash', ISSUER.slice(0, -1), 'fail', 'trailing-slash', ISSUER.length - 1],
    ['with two', `${ISSUER}/`, 'fail', 'trailing-slash', ISSUER.length],
    ['a capital', ISSUER.replace('w', 'W'), 'fail', 'letter-case', ISSUER.indexOf('w')],
    ['white space', `${ISSUER} `, 'fail', 'white-space', ISSUER.length],
    ['another cluster', clusterIssuer(OTHER_GUID), 'fail', 'other-cluster', ISSUER.indexOf(CLUSTER_GUID) + 9],
    ['elsewhere', clusterIssuer(undefined, undefined, 'eastus'), 'fail', 'other-region', 'https://'.length],
    ['another tenant', clusterIssuer(undefined, OTHER_TENANT), 'fail', 'other-tenant', ISSUER.indexOf('-1111-') + 1],
    ['somebody else', GITHUB, 'fail', 'other', 'https://'.length],
    ['none', '', 'fail', 'other', 0],
  ])('%s', (_name, issuer, outcome, kind, at) => {
    const ruling = run([of(issuer)]);
    expect(ruling.outcome).toBe(outcome);
    expect(ruling.difference).toEqual(kind && { kind, at });
    if (outcome === 'fail') expect(ruling).toMatchObject({ expected: ISSUER, actual: issuer });
  });

  it('is the one of the token, and needs one such credential', () => {
    expect(run([of(GITHUB), of(ISSUER)]).outcome).toBe('pass');
    expect(run([of(GITHUB), of(`${ISSUER}/`)])).toMatchObject({ outcome: 'fail', actual: `${ISSUER}/` });
    expect(run([of(ISSUER)], false).outcome).toBe('pass');
    expect(run([of(GITHUB)], false).outcome).toBe('unknown');
    expect(run([of(ISSUER)], true, assertionOf({ issuer: undefined })).outcome).toBe('unknown');
    expect(run([]).outcome).toBe('not-applicable');
    expect(run([of(BINDING_ISSUER)]).outcome).toBe('not-applicable');
  });

  it('has the credential of a slip updated, and a further one where another is served', () => {
    const updated = `az identity federated-credential update ${OF_IDENTITY} --name 'orders' ${values}`;
    expect(run([of(ISSUER.slice(0, -1))]).remediation?.commands).toEqual([updated]);
    expect(run([of(GITHUB)]).remediation?.commands?.[0]).toMatch(/^az identity federated-credential create /);
    expect(run([of(GITHUB)], false).remediation).toBeUndefined();
  });

  it('speaks of the slash as it stands', () => {
    const advice = (issuer: string) => run([of(issuer)]).remediation?.text;
    const texts = [ISSUER.slice(0, -1), `${ISSUER}/`, ISSUER.toUpperCase(), clusterIssuer(OTHER_GUID), GITHUB].map(
      advice,
    );
    expect(new Set(texts).size).toBe(5);
    expect(texts[4]).toBe(federatedIssuerMismatch.remediation);
  });

  it('knows the commands of applications', () => {
    const federatedCredentials = credentialsOf([of(ISSUER.slice(0, -1))], { of: applicationOf() });
    const { remediation } = federatedIssuerMismatch.run({ federatedCredentials, assertion: assertionOf() });
    expect(remediation?.commands?.[0]).toMatch(/^az ad app federated-credential update /);
  });
});
