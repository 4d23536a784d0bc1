import { describe, expect, it } from 'vitest';
import { federatedSubjectMismatch } from '../../src/checks/federated-subject-mismatch.ts';
import type { FederatedCredential } from '../../src/contract/federation.ts';
import { HOSTILE, TENANT, v1 } from './builders.ts';
import {
  applicationOf,
  assertionOf,
  credentialOf,
  credentialsOf,
  flexibleOf,
  GITHUB,
  identityOf,
  pipelineOf,
  SUBJECT,
} from './federation-builders.ts';

const account = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`;
const MAIN = 'repo:contoso/shop:ref:refs/heads/main';
const of = (subject: string, issuer?: string) => credentialOf({ subject, ...(issuer && { issuer }) });
const run = (credentials: FederatedCredential[], assertion = assertionOf(), complete = true, owner = identityOf()) =>
  federatedSubjectMismatch.run({
    federatedCredentials: credentialsOf(credentials, { complete, of: owner }),
    assertion,
  });
const verb = (command = '') => /federated-credential (\w+) /.exec(command)?.[1];

describe('federated-subject-mismatch', () => {
  it.each<[string, string, string, string | undefined, number | undefined, string | undefined]>([
    ['letter for letter', SUBJECT, 'pass', undefined, undefined, undefined],
    ['a capital', account('shop', 'Orders'), 'fail', 'letter-case', 27, 'update'],
    ['white space', `${SUBJECT}\n`, 'fail', 'white-space', SUBJECT.length, 'update'],
    ['a letter that looks alike', account('shop', '0rders'), 'fail', 'homoglyph', 27, 'update'],
    ['another namespace', account('shop2', 'orders'), 'fail', 'namespace', 26, 'create'],
    ['another account', account('shop', 'invoices'), 'fail', 'service-account', 27, 'create'],
    ['another in both', account('store', 'invoices'), 'fail', 'namespace', 23, 'create'],
    ['a pattern', account('shop', '*'), 'fail', 'service-account', 27, 'create'],
    ['nothing', '', 'fail', 'subject-format', 0, 'create'],
  ])('%s', (_name, subject, outcome, kind, at, command) => {
    const ruling = run([of(subject)]);
    expect(ruling.outcome).toBe(outcome);
    expect(ruling.difference).toEqual(kind && { kind, at });
    if (outcome === 'fail') expect(ruling).toMatchObject({ expected: SUBJECT, actual: subject });
    expect(verb(ruling.remediation?.commands?.[0])).toBe(command);
  });

  it.each<[string, string, string, string | undefined]>([
    ['the same', MAIN, 'pass', undefined],
    ['with ids', 'repo:contoso@12/shop@34:ref:refs/heads/main', 'fail', 'subject-format'],
    ['another kind of run', 'repo:contoso/shop:environment:production', 'fail', 'subject-format'],
    ['another branch', 'repo:contoso/shop:ref:refs/heads/next', 'fail', 'other'],
    ['another repository', 'repo:contoso/store:ref:refs/heads/main', 'fail', 'other'],
    ['a pod', SUBJECT, 'fail', 'subject-format'],
  ])('of a pipeline: %s', (name, subject, outcome, kind) => {
    const ruling = run([of(subject, GITHUB)], pipelineOf(MAIN));
    expect([ruling.outcome, ruling.difference?.kind]).toEqual([outcome, kind]);
    // With ids or without, it is the same run; any other has a credential of its own.
    const expected = kind === undefined ? undefined : name === 'with ids' ? 'update' : 'create';
    expect(verb(ruling.remediation?.commands?.[0])).toBe(expected);
  });

  it.each<[string, string | undefined, string]>([
    ['met', "claims['sub'] matches 'repo:contoso/*'", 'pass'],
    ['not met', "claims['sub'] matches 'repo:fabrikam/*'", 'fail'],
    ['of no language', "claims['sub'] like 'repo:contoso/*'", 'unknown'],
    ['not told', undefined, 'unknown'],
  ])('an expression: %s', (_name, expression, outcome) => {
    expect(run([flexibleOf(expression)], pipelineOf(MAIN), true, applicationOf()).outcome).toBe(outcome);
  });

  it('needs one such credential', () => {
    expect(run([of('x'), of(SUBJECT)]).outcome).toBe('pass');
    expect(run([of(SUBJECT)], assertionOf(), false).outcome).toBe('pass');
    expect(run([of('x')], assertionOf(), false).outcome).toBe('unknown');
    expect(run([of('x')], assertionOf({ subject: undefined })).outcome).toBe('unknown');
    expect(run([]).outcome).toBe('not-applicable');
  });

  it('tells a pod that forgot its account from one of another', () => {
    const forgot = run([of(SUBJECT)], assertionOf({ subject: account('shop', 'default') }));
    expect(forgot.remediation?.text).toContain('serviceAccountName');
    const other = run([of(SUBJECT)], assertionOf({ subject: account('shop', 'invoices') }));
    expect(other.remediation?.text).not.toContain('serviceAccountName');
  });

  it('knows the form that GitHub issues by now', () => {
    const text = (subject: string) => run([of(MAIN, GITHUB)], pipelineOf(subject)).remediation?.text;
    const now = text('repo:contoso@12/shop@34:ref:refs/heads/main');
    expect(now).not.toBe(text('repo:contoso/shop:environment:production'));
    expect(now).toContain('GitHub');
  });

  it('is judged of a v1 issuer of Entra too, of which no credential is written', () => {
    const ruling = run([of('x', v1(TENANT))], assertionOf({ issuer: v1(TENANT) }));
    expect(ruling.outcome).toBe('fail');
    expect(ruling.remediation?.commands).toBeUndefined();
    expect(run([of('x')], assertionOf({ issuer: v1(TENANT) })).outcome).toBe('fail');
  });

  it('writes no credential for several audiences', () => {
    const ruling = run(
      [of('x')],
      assertionOf({ audiences: ['api://AzureADTokenExchange', 'api://AzureADTokenExchange'] }),
    );
    expect(ruling.outcome).toBe('fail');
    expect(ruling.remediation?.commands).toBeUndefined();
  });

  it.each([
    ['the default account', account('shop', 'default'), 'x', undefined],
    ['another subject that ends so', 'repo:contoso/shop:default', 'x', 'create'],
    ['one whose credential has a slip', account('shop', 'default'), account('shop', 'Default'), undefined],
  ])('writes a credential for whoever should have one: %s', (_name, subject, named, command) => {
    expect(verb(run([of(named)], assertionOf({ subject })).remediation?.commands?.[0])).toBe(command);
  });

  it.each([
    [19, 'x', 'create'],
    [20, 'x', undefined],
    [20, SUBJECT.toUpperCase(), 'update'],
  ])('minds how many credentials an identity may have: %i', (count, named, command) => {
    const many = Array.from({ length: count }, () => of(named));
    expect(verb(run(many).remediation?.commands?.[0])).toBe(command);
  });

  it.each(HOSTILE)('has no subject such as %j in a command', (subject) => {
    const [command] = run([of(SUBJECT)], assertionOf({ subject })).remediation?.commands ?? [];
    expect(command).toContain('--subject "$SUBJECT"');
    expect(command).not.toContain(subject);
  });
});
