import { defineCheck, pass, shown, unknown } from './check.ts';

export const identityBindingPresent = defineCheck({
  id: 'identity-binding-present',
  title: 'No identity binding connects cluster and identity',
  // Beside the question: a binding is another way, judged inside the cluster.
  severity: 'info',
  needs: ['identityBindings', 'identity'],
  behind: [],
  remediation: 'Look at the ClusterRole that grants `use-managed-identity` in the API group `cid.wi.aks.azure.com`.',
  reference: 'https://learn.microsoft.com/azure/aks/identity-bindings-concepts',

  run({ identityBindings, identity: { clientId, resourceId } }) {
    const same = (one: string | undefined, other: string | undefined) =>
      one !== undefined && one.toLowerCase() === other?.toLowerCase();
    const binding = identityBindings.find(
      (candidate) => same(candidate.clientId, clientId) || same(candidate.resourceId, resourceId),
    );
    if (!binding) return pass('There is none.');
    return unknown(
      `The identity binding ${shown(binding.name ?? 'without a name')} connects them: pods with the annotation \`azure.workload.identity/use-identity-binding: "true"\` go that way, which is not judged here. \`kubectl get clusterrole -o yaml | grep -B8 cid.wi.aks.azure.com\` shows who may.`,
    );
  },
});
