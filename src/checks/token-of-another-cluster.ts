import { difference } from '../contract/difference.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

export const tokenOfAnotherCluster = defineCheck({
  id: 'token-of-another-cluster',
  title: 'The token comes from this cluster',
  severity: 'error',
  needs: ['cluster', 'assertion', 'clusterLookup'],
  behind: [
    ...UNREADABLE,
    'cluster-not-found',
    'oidc-issuer-disabled',
    'token-kind-not-accepted',
    'issuer-not-accepted',
  ],
  remediation:
    'Look at the cluster in which the pod really runs. If the cluster was made again, or its OIDC issuer turned on since, restart the pod: its token is an old one.',
  reference: 'https://learn.microsoft.com/azure/aks/use-oidc-issuer',

  run({ cluster: { oidcIssuer }, assertion: { from, issuer } }) {
    if (oidcIssuer === undefined) return unknown('The OIDC issuer of the cluster is not known.');
    if (from === 'workload' && issuer === oidcIssuer) return pass('Its tokens name the issuer of the cluster.');
    if (issuer === oidcIssuer) return pass('The token names the issuer of the cluster, letter for letter.');
    if (issuer === undefined) return unknown('The token names no issuer.');
    const what = from === 'workload' ? 'The workload is said to have' : 'The token has';
    const slip = difference(oidcIssuer, issuer);
    const seen = { expected: shown(oidcIssuer), actual: shown(issuer), difference: slip };
    if (slip?.kind === 'trailing-slash' && from !== 'workload')
      return unknown(
        `${what} another issuer than Azure tells of the cluster, by the slash at its end. What a token says decides the exchange.`,
        seen,
      );
    return fail(`${what} another issuer than the cluster.`, seen);
  },
});
