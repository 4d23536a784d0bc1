import { aks } from './azure-commands.ts';
import { defineCheck, fail, pass, unknown } from './check.ts';

export const oidcIssuerDisabled = defineCheck({
  id: 'oidc-issuer-disabled',
  title: 'The cluster has an OIDC issuer',
  severity: 'error',
  needs: ['cluster'],
  behind: ['cluster-not-found'],
  remediation:
    'Turn the OIDC issuer on (it cannot be turned off again, and the API server restarts), then restart the pods: tokens they have already name the old issuer.',
  reference: 'https://learn.microsoft.com/azure/aks/use-oidc-issuer',

  run({ cluster }) {
    const { oidcIssuerEnabled, oidcIssuer } = cluster;
    if (oidcIssuerEnabled === undefined)
      return unknown(
        'Whether the cluster has an OIDC issuer is not known: send the whole of `az aks show -o json`, or let it be read.',
      );
    if (oidcIssuerEnabled && oidcIssuer !== undefined) return pass(`The OIDC issuer is ${oidcIssuer}.`);
    if (oidcIssuerEnabled) return unknown('The OIDC issuer is on, and its address is not known.');
    return fail('The OIDC issuer of the cluster is off, so Entra can read no keys of it.', {
      expected: 'oidcIssuerProfile.enabled: true',
      actual: 'false',
      commands: [aks('update', cluster, '--enable-oidc-issuer --enable-workload-identity')],
    });
  },
});
