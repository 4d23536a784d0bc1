import { entraIssuer } from '../contract/clouds.ts';
import { IDENTITY_BINDING_AUDIENCE } from '../contract/resources.ts';
import { NAMESPACE, parseServiceAccount, SERVICE_ACCOUNT } from '../contract/service-account.ts';
import { KUBERNETES_LEGACY_ISSUER } from '../contract/token-kind.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';
import { CLUSTER_INTERNAL } from './issuer-not-accepted.ts';

export const assertionNotExchangeable = defineCheck({
  id: 'assertion-not-exchangeable',
  title: 'What is presented is something that can be exchanged at all',
  severity: 'error',
  needs: ['assertion'],
  // Of a token its kind and issuer say it in more words.
  behind: [...UNREADABLE, 'oidc-issuer-disabled', 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Name the workload as its token would: look into one, or let the cluster or pipeline make one.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation',

  run({ assertion: { from, issuer = '', subject = '', audiences = [] } }) {
    const account = parseServiceAccount(subject);
    if (account && !(NAMESPACE.test(account.namespace) && SERVICE_ACCOUNT.test(account.name)))
      return fail('Kubernetes has no namespace or service account of this name: both are in lower case.', {
        actual: shown(subject),
      });
    if (from === 'token') return pass('It is a token, which is judged by itself.');
    if (entraIssuer(issuer)?.version === '1.0')
      return fail('The issuer is the v1 one of Entra, of which no token can be exchanged.', { actual: shown(issuer) });
    if (issuer === KUBERNETES_LEGACY_ISSUER || CLUSTER_INTERNAL.test(issuer))
      return fail('The issuer is the cluster’s name for itself, so Entra cannot read its keys.', {
        expected: 'the OIDC issuer of the cluster',
        actual: shown(issuer),
      });
    if (audiences.includes(IDENTITY_BINDING_AUDIENCE))
      return fail('A token for an identity binding is exchanged through the binding alone.', {
        actual: shown(audiences.join(', ')),
      });
    return pass('Nothing of it keeps it from being exchanged.');
  },
});
