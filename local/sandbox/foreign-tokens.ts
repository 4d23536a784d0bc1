import type { Base } from './token-bases.ts';
import { API_ID, AUDIENCES, B2C_HOST, CLIENT_ID, CLUSTER_ISSUER, OBJECT_ID, PIPELINE_HOSTS, TENANT } from './world.ts';

export const lifetime = (now: number) => ({ iat: now - 300, nbf: now - 300, exp: now + 3600 });

/** Tokens that Entra does not issue. */
export const foreignTokens: Readonly<Record<string, Base>> = {
  /** Projected service account token, as the workload identity webhook mounts it. */
  'service-account': ({ cluster }, now) => ({
    key: cluster,
    header: { alg: 'RS256', kid: cluster.kid },
    claims: {
      aud: [AUDIENCES.exchange],
      ...lifetime(now),
      iss: CLUSTER_ISSUER,
      jti: '55555555-5555-4555-8555-555555555555',
      'kubernetes.io': {
        namespace: 'shop',
        node: { name: 'aks-nodepool1-12345678-vmss000000', uid: '66666666-6666-4666-8666-666666666666' },
        pod: { name: 'checkout-0', uid: '77777777-7777-4777-8777-777777777777' },
        serviceaccount: { name: 'checkout', uid: '88888888-8888-4888-8888-888888888888' },
      },
      sub: 'system:serviceaccount:shop:checkout',
    },
  }),
  /** Of a secret: Kubernetes before 1.24, or made by hand. */
  'service-account-legacy': ({ cluster }) => ({
    key: cluster,
    header: { alg: 'RS256', kid: cluster.kid },
    claims: {
      iss: 'kubernetes/serviceaccount',
      'kubernetes.io/serviceaccount/namespace': 'shop',
      'kubernetes.io/serviceaccount/secret.name': 'checkout-token-abcde',
      'kubernetes.io/serviceaccount/service-account.name': 'checkout',
      'kubernetes.io/serviceaccount/service-account.uid': '88888888-8888-4888-8888-888888888888',
      sub: 'system:serviceaccount:shop:checkout',
    },
  }),
  /** docs.github.com, OpenID Connect reference. */
  'github-actions': ({ pipeline }, now) => ({
    key: pipeline,
    header: { typ: 'JWT', alg: 'RS256', kid: pipeline.kid, x5t: pipeline.kid },
    claims: {
      jti: '55555555-5555-4555-8555-555555555555',
      sub: 'repo:contoso-invented/shop:environment:production',
      aud: AUDIENCES.exchange,
      environment: 'production',
      event_name: 'push',
      iss: PIPELINE_HOSTS['token.actions.githubusercontent.com'].issuer,
      job_workflow_ref: 'contoso-invented/shop/.github/workflows/deploy.yml@refs/heads/main',
      ref: 'refs/heads/main',
      ref_type: 'branch',
      repository: 'contoso-invented/shop',
      repository_owner: 'contoso-invented',
      run_id: '1',
      workflow_ref: 'contoso-invented/shop/.github/workflows/deploy.yml@refs/heads/main',
      ...lifetime(now),
      exp: now + 300,
    },
  }),
  'azure-devops': ({ pipeline }, now) => ({
    key: pipeline,
    header: { typ: 'JWT', alg: 'RS256', kid: pipeline.kid, x5t: pipeline.kid },
    claims: {
      jti: '55555555-5555-4555-8555-555555555555',
      sub: 'sc://contoso-invented/shop/production',
      aud: AUDIENCES.exchange,
      iss: PIPELINE_HOSTS['vstoken.dev.azure.com'].issuer,
      ...lifetime(now),
      exp: now + 300,
    },
  }),
  /** docs.gitlab.com, OpenID Connect in CI/CD. */
  gitlab: ({ pipeline }, now) => ({
    key: pipeline,
    header: { typ: 'JWT', alg: 'RS256', kid: pipeline.kid },
    claims: {
      namespace_path: 'contoso-invented',
      project_path: 'contoso-invented/shop',
      pipeline_source: 'push',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
      jti: '55555555-5555-4555-8555-555555555555',
      iss: PIPELINE_HOSTS['gitlab.com'].issuer,
      sub: 'project_path:contoso-invented/shop:ref_type:branch:ref:main',
      aud: AUDIENCES.exchange,
      ...lifetime(now),
    },
  }),
  /** Azure AD B2C, tokens overview. */
  b2c: ({ customers }, now) => ({
    key: customers,
    header: { typ: 'JWT', alg: 'RS256', kid: customers.kid },
    claims: {
      iss: `https://${B2C_HOST}/${TENANT}/v2.0/`,
      ...lifetime(now),
      aud: API_ID,
      azp: CLIENT_ID,
      scp: 'mcp.read',
      sub: OBJECT_ID,
      tfp: 'B2C_1_signin',
      ver: '1.0',
    },
  }),
  ciam: ({ customers }, now) => ({
    key: customers,
    header: { typ: 'JWT', alg: 'RS256', kid: customers.kid },
    claims: {
      iss: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
      ...lifetime(now),
      aud: API_ID,
      azp: CLIENT_ID,
      oid: OBJECT_ID,
      scp: 'mcp.read',
      sub: OBJECT_ID,
      tid: TENANT,
      ver: '2.0',
    },
  }),
  /** A JWT that ServiceNow signs with a key of its own. */
  servicenow: ({ stranger }, now) => ({
    key: stranger,
    header: { typ: 'JWT', alg: 'RS256', kid: stranger.kid },
    claims: {
      iss: 'https://contosoinvented.service-now.com',
      ...lifetime(now),
      aud: API_ID,
      jti: '55555555-5555-4555-8555-555555555555',
      sub: 'integration',
    },
  }),
  /** What a client of ServiceNow's JWT bearer grant signs itself: its Client ID is issuer and audience. */
  'self-signed': ({ stranger }, now) => ({
    key: stranger,
    header: { typ: 'JWT', alg: 'RS256', kid: stranger.kid },
    claims: {
      iss: '0123456789abcdef0123456789abcdef',
      ...lifetime(now),
      aud: '0123456789abcdef0123456789abcdef',
      jti: '55555555-5555-4555-8555-555555555555',
      sub: 'integration',
    },
  }),
  /** What kubelogin sends to Azure Arc clusters: an envelope signed by the client, the access token inside. */
  pop: ({ stranger }, now) => ({
    key: stranger,
    header: { typ: 'pop', alg: 'RS256', kid: stranger.kid },
    claims: {
      at: 'eyJhbGciOiJSUzI1NiJ9.e30.AAAA',
      ts: now,
      u: '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/arc',
      cnf: { jwk: { kty: 'RSA', n: stranger.jwk.n, e: stranger.jwk.e } },
      nonce: 'inventedNonce',
    },
  }),
};
