import { parseServiceAccount } from '../contract/service-account.ts';
import { word } from './azure-commands.ts';
import { defineCheck, unknown } from './check.ts';

export const podUnseen = defineCheck({
  id: 'pod-unseen',
  title: 'The pod gets the token and the variables',
  // Outside the question: what happens in the cluster is not seen from Azure.
  severity: 'info',
  needs: ['assertion'],
  behind: [],
  remediation: 'Look at the pod.',
  reference: 'https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html',

  run({ assertion: { subject = '' } }) {
    const account = parseServiceAccount(subject);
    if (!account) return { outcome: 'not-applicable', summary: 'The subject is no service account.' };
    const namespace = word(account.namespace, 'NAMESPACE');
    return unknown(
      `Not seen from here: the pod needs the label \`azure.workload.identity/use: "true"\` when it is created. Look with \`kubectl get pods -n ${namespace} -l azure.workload.identity/use=true -o wide\` and \`kubectl get serviceaccount -n ${namespace} ${word(account.name, 'SERVICE_ACCOUNT')} -o yaml\`.${account.namespace === 'kube-system' ? ' Pods in kube-system are never given one.' : ''}`,
    );
  },
});
