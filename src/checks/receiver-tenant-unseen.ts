import { stringClaim } from '../contract/claims.ts';
import { defineCheck, shown, UNREADABLE, unknown } from './check.ts';

export const receiverTenantUnseen = defineCheck({
  id: 'receiver-tenant-unseen',
  title: 'The target belongs to the tenant that issued the token',
  // Outside the question: a token alone does not show which cluster or subscription it is sent to.
  severity: 'info',
  needs: ['token', 'target'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Compare the tenant of the token with the tenant of the target.',
  reference: 'https://learn.microsoft.com/azure/aks/concepts-cluster-authentication',

  run({ token: { claims }, target }) {
    if (!target.issuers.startsWith('entra'))
      return { outcome: 'not-applicable', summary: 'Which issuers the target trusts is not a matter of its tenant.' };
    if (target.name === 'graph' || target.name === 'azure-devops')
      return { outcome: 'not-applicable', summary: `${target.title} serves every tenant.` };
    const command =
      target.name === 'aks-api-server'
        ? '`az aks show -g $RESOURCE_GROUP -n $CLUSTER --query aadProfile.tenantId`'
        : '`az account show --subscription $SUBSCRIPTION --query tenantId`';
    const tenant = stringClaim(claims, 'tid');
    return unknown(
      `Not part of this question: ${target.title} must trust ${tenant === undefined ? 'the tenant of the token' : `tenant ${shown(tenant)}`}. Compare with ${command}.`,
    );
  },
});
