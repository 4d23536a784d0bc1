import { defineCheck, fail, pass, shown, unknown } from './check.ts';

export const clusterNotFound = defineCheck({
  id: 'cluster-not-found',
  title: 'The cluster exists',
  severity: 'error',
  needs: ['clusterLookup'],
  behind: [],
  remediation:
    'Name the cluster as Azure does: `az aks list --query "[].{id:id, issuer:oidcIssuerProfile.issuerUrl}" -o table`. One that was deleted and made again has another issuer.',
  reference: 'https://learn.microsoft.com/azure/aks/use-oidc-issuer',

  run({ clusterLookup: { named, found, where, settled, several } }) {
    if (found) return pass(`The cluster ${shown(named)} was found.`);
    if (several)
      return unknown(
        `Several clusters are called ${shown(named)}: ${several.map(shown).join(', ')}. Name one by its ARM id.`,
      );
    if (settled) return fail(`There is no cluster ${shown(named)} in ${where}.`, { actual: shown(named) });
    return unknown(`The cluster ${shown(named)} was not found in ${where}. It may be out of sight.`);
  },
});
