import { describe, expect, it } from 'vitest';
import { tokenOfAnotherServiceAccount } from '../../src/checks/token-of-another-service-account.ts';
import type { Assertion, Workload } from '../../src/contract/federation.ts';
import { HOSTILE, tokenWith } from './builders.ts';
import { AUDIENCE, assertionOf, clusterIssuer, ISSUER, OTHER_GUID, SUBJECT } from './federation-builders.ts';

const account = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`;
const run = (workload: Workload, more: Parameters<typeof assertionOf>[0] = {}) =>
  tokenOfAnotherServiceAccount.run({ token: tokenWith({}), workload, assertion: assertionOf(more) });

describe('token-of-another-service-account', () => {
  it.each<[string, Workload, Partial<Assertion>, string, string | undefined]>([
    ['the same', { subject: SUBJECT }, {}, 'pass', undefined],
    ['the same in all', { subject: SUBJECT, issuer: ISSUER, audience: AUDIENCE }, {}, 'pass', undefined],
    ['of an operator', { subject: SUBJECT }, { subject: account('keda', 'keda-operator') }, 'fail', 'namespace'],
    ['another account', { subject: SUBJECT }, { subject: account('shop', 'default') }, 'fail', 'service-account'],
    ['letter case', { subject: SUBJECT }, { subject: account('Shop', 'orders') }, 'fail', 'letter-case'],
    ['a pipeline', { subject: SUBJECT }, { subject: 'repo:contoso/shop:pull_request' }, 'fail', 'subject-format'],
    ['another issuer', { issuer: ISSUER }, { issuer: clusterIssuer(OTHER_GUID) }, 'fail', 'other-cluster'],
    ['another audience', { audience: AUDIENCE }, { audiences: [`${AUDIENCE}China`] }, 'fail', 'cloud'],
    ['nothing is said of it', {}, {}, 'not-applicable', undefined],
  ])('%s', (_name, workload, more, outcome, kind) => {
    const ruling = run(workload, more);
    expect([ruling.outcome, ruling.difference?.kind]).toEqual([outcome, kind]);
  });

  it.each(['subject', 'issuer', 'audiences'] as const)('cannot tell where the token has no %s', (name) => {
    const workload = { subject: SUBJECT, issuer: ISSUER, audience: AUDIENCE };
    expect(run(workload, { [name]: undefined }).outcome).toBe('unknown');
  });

  it('shows both, and where the pods of the workload are', () => {
    expect(run({ subject: SUBJECT }, { subject: account('shop', 'default') })).toMatchObject({
      expected: SUBJECT,
      actual: account('shop', 'default'),
      difference: { at: SUBJECT.length - 'orders'.length },
      commands: [expect.stringMatching(/^kubectl get pods -n 'shop' /)],
    });
  });

  it.each(HOSTILE.filter((value) => !value.startsWith(' ')))('has no namespace such as %j in a command', (value) => {
    const [command] = run({ subject: account(value, 'orders') }).commands ?? [];
    expect(command).toMatch(/^kubectl get pods -n "\$NAMESPACE" /);
    expect(command).not.toContain(value);
  });

  it('has no command for what is no service account', () => {
    expect(run({ subject: 'repo:contoso/shop:pull_request' }).commands).toBeUndefined();
    expect(run({ subject: SUBJECT, issuer: ISSUER }, { issuer: 'https://other/' }).commands).toBeUndefined();
  });
});
