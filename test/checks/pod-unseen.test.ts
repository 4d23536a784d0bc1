import { describe, expect, it } from 'vitest';
import { podUnseen } from '../../src/checks/pod-unseen.ts';
import { HOSTILE } from './builders.ts';
import { assertionOf, SUBJECT } from './federation-builders.ts';

const run = (subject: string | undefined) => podUnseen.run({ assertion: assertionOf({ subject }) });
const commands = (subject: string) => run(subject).summary.match(/`kubectl [^`]*`/g);

describe('pod-unseen', () => {
  it.each([
    ['a pod', SUBJECT, 'unknown'],
    ['a pipeline', 'repo:contoso/shop:pull_request', 'not-applicable'],
    ['a user of the cluster', 'system:node:shop', 'not-applicable'],
    ['too many parts', `${SUBJECT}:more`, 'not-applicable'],
    ['nobody', undefined, 'not-applicable'],
  ])('%s', (_name, subject, outcome) => {
    expect(run(subject).outcome).toBe(outcome);
  });

  it('says where to look', () => {
    expect(commands(SUBJECT)).toEqual([
      "`kubectl get pods -n 'shop' -l azure.workload.identity/use=true -o wide`",
      "`kubectl get serviceaccount -n 'shop' 'orders' -o yaml`",
    ]);
  });

  it('knows the namespace that is left out', () => {
    expect(run('system:serviceaccount:kube-system:x').summary).toContain('never');
    expect(run('system:serviceaccount:kube-systems:x').summary).not.toContain('never');
  });

  it.each(HOSTILE.filter((value) => !value.startsWith(' ')))('has nothing such as %j in a command', (value) => {
    expect(commands(`system:serviceaccount:${value}:${value}`)).toEqual([
      '`kubectl get pods -n "$NAMESPACE" -l azure.workload.identity/use=true -o wide`',
      '`kubectl get serviceaccount -n "$NAMESPACE" "$SERVICE_ACCOUNT" -o yaml`',
    ]);
  });
});
