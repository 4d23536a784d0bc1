import { difference, subjectDifference } from '../contract/difference.ts';
import { parseServiceAccount } from '../contract/service-account.ts';
import { word } from './azure-commands.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

export const tokenOfAnotherServiceAccount = defineCheck({
  id: 'token-of-another-service-account',
  title: 'The token is the one of the workload',
  severity: 'error',
  needs: ['token', 'workload', 'assertion'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation:
    'Have the workload present its own token. Operators (KEDA, external-secrets, cert-manager) exchange the token of their own service account: then the credential must name that one.',
  reference: 'https://learn.microsoft.com/azure/aks/workload-identity-overview',

  run({ workload, assertion: { issuer, subject, audiences } }) {
    const fields = [
      { name: 'subject', expected: workload.subject, told: subject === undefined ? [] : [subject] },
      { name: 'issuer', expected: workload.issuer, told: issuer === undefined ? [] : [issuer] },
      { name: 'audience', expected: workload.audience, told: audiences ?? [] },
    ].flatMap(({ expected, ...field }) => (expected === undefined ? [] : [{ ...field, expected }]));
    if (fields.length === 0)
      return { outcome: 'not-applicable', summary: 'Nothing is said of the workload that a token would tell.' };
    const other = fields.find(({ expected, told }) => told.length > 0 && !told.includes(expected));
    if (!other) {
      const lacking = fields.find(({ told }) => told.length === 0);
      return lacking
        ? unknown(`The token has no ${lacking.name}.`)
        : pass('The token says what the workload is said to be.');
    }
    const { name, expected, told } = other;
    const actual = told.join(', ');
    const account = parseServiceAccount(workload.subject ?? '');
    return fail(`The token has another ${name} than the workload is said to have.`, {
      expected: shown(expected),
      actual: shown(actual),
      difference: (name === 'subject' ? subjectDifference : difference)(expected, actual),
      ...(name === 'subject' &&
        account && {
          commands: [
            `kubectl get pods -n ${word(account.namespace, 'NAMESPACE')} -o custom-columns=POD:.metadata.name,ACCOUNT:.spec.serviceAccountName`,
          ],
        }),
    });
  },
});
