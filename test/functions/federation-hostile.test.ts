import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  applicationDocument,
  CLUSTERS,
  clusterId,
  credentialDocument,
  guidOf,
  IDENTITIES,
  identityDocument,
  identityId,
  issuerOf,
} from '../../local/sandbox/azure-world.ts';
import { CLIENT_ID, CLUSTER_ISSUER, OBJECT_ID, TENANT } from '../../local/sandbox/world.ts';
import { Report } from '../../src/contract/report.ts';
import { type StartedServer, startServer } from '../local/server.ts';

type Json = Record<string, unknown>;

const EXCHANGE = 'api://AzureADTokenExchange';
const SUBJECT = 'system:serviceaccount:shop:checkout';
const GITHUB = 'https://token.actions.githubusercontent.com';
const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const RIGHT = { name: 'checkout', issuer: CLUSTER_ISSUER, subject: SUBJECT, audiences: [EXCHANGE] };
const WORKLOAD = { namespace: 'shop', serviceAccount: 'checkout' };
const client = (name: string) => ({ clientId: guidOf(`client ${name}`) });
const credentialsOf = (name: string) => (IDENTITIES[name] ?? []).map((one) => credentialDocument(name, one));
const aks = CLUSTERS['aks-shop'];

let open: StartedServer;
let limited: StartedServer;
let elsewhere: StartedServer;
let token: string;
let pipelineToken: string;
beforeAll(async () => {
  const started = await Promise.all([
    startServer(),
    startServer({ env: { TOKEN_DOCTOR_TENANTS: TENANT, TOKEN_DOCTOR_SUBSCRIPTIONS: guidOf('none of these') } }),
    startServer({ env: { TOKEN_DOCTOR_TENANTS: guidOf('another tenant') } }),
  ]);
  [open, limited, elsewhere] = started;
  const mint = async (recipe: string) => await (await fetch(`${open.url}/sandbox/tokens/${recipe}`)).text();
  [token, pipelineToken] = await Promise.all([mint('service-account'), mint('github-actions')]);
});
afterAll(async () => {
  await Promise.all([open, limited, elsewhere].map((server) => server.stop()));
});

async function verify(body: Json, server = open): Promise<Report> {
  const response = await fetch(`${server.url}/api/federation/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return Report.parse(await response.json());
}

const whole = (more: Json): Json => ({ token, ...more });
const handedIn = (credentials: unknown, more: Json = {}): Json =>
  whole({ ...more, evidence: { federatedCredentials: credentials, ...Object(more.evidence) } });

/** Of these it is known that they are refused; the others stay open. */
const FAILING: Readonly<Record<string, string>> = {
  'another cluster than the one of this id': 'cluster-not-found',
  'another cluster than the one of this name': 'cluster-not-found',
  'another cluster than the one of this issuer': 'cluster-not-found',
  'an application in place of a managed identity': 'identity-not-found',
  'the v1 issuer of Entra, without a token': 'assertion-not-exchangeable',
  'the audience of a binding, without a token': 'assertion-not-exchangeable',
  'a subject that Kubernetes cannot write': 'assertion-not-exchangeable',
  'a system-assigned identity in ARM’s form': 'identity-cannot-federate',
  'keys of another kind than the issuer’s': 'issuer-unreadable',
  'Entra of another cloud, without a token': 'assertion-not-exchangeable',
  'a subject that Entra does not write': 'assertion-not-exchangeable',
  'a pod at a pipeline’s issuer': 'assertion-not-exchangeable',
  'claims that contradict each other': 'assertion-not-exchangeable',
};

describe('what must not pass does not', () => {
  it('while the same request, healthy, does', async () => {
    expect((await verify(handedIn([RIGHT]))).verdict).toBe('pass');
    expect((await verify(handedIn({ value: credentialsOf('id-shop') }, { identity: client('id-shop') }))).verdict).toBe(
      'pass',
    );
    expect((await verify(whole({ identity: client('id-shop'), evidence: { cluster: aks } }))).verdict).toBe('pass');
  });

  it.each<[string, () => Json]>([
    [
      'an application id that leads elsewhere in Microsoft Graph',
      () => whole({ evidence: { application: { appId: `x')/../applications(appId='${guidOf('app app-shop')}` } } }),
    ],
    ['credentials of another identity', () => handedIn(credentialsOf('id-shop'), { identity: client('id-empty') })],
    [
      'credentials of two identities',
      () => handedIn([...credentialsOf('id-shop'), ...credentialsOf('id-settled')], { identity: client('id-shop') }),
    ],
    [
      'a managed identity’s credentials for an application',
      () => handedIn(credentialsOf('id-shop'), { evidence: { application: applicationDocument('app-empty') } }),
    ],
    [
      'more credentials than an identity has',
      () =>
        handedIn([
          RIGHT,
          ...Array.from({ length: 20 }, (_, index) => ({ ...RIGHT, name: `n${index}`, subject: `s${index}` })),
        ]),
    ],
    [
      'another cluster than the one of this id',
      () =>
        whole({
          cluster: { resourceId: clusterId('aks-other') },
          identity: client('id-shop'),
          evidence: { cluster: aks },
        }),
    ],
    [
      'another cluster than the one of this name',
      () => whole({ cluster: { name: 'aks-stopped' }, identity: client('id-shop'), evidence: { cluster: aks } }),
    ],
    [
      'another cluster than the one of this issuer',
      () => ({
        workload: WORKLOAD,
        cluster: { issuer: issuerOf('aks-other') },
        identity: client('id-shop'),
        evidence: { cluster: aks },
      }),
    ],
    [
      'a cluster that does not say which it is',
      () =>
        whole({
          cluster: { name: 'aks-shop' },
          identity: client('id-shop'),
          evidence: {
            cluster: {
              oidcIssuerProfile: { enabled: true, issuerUrl: CLUSTER_ISSUER },
              securityProfile: { workloadIdentity: { enabled: true } },
              powerState: { code: 'Running' },
            },
          },
        }),
    ],
    [
      'an identity that lacks its client id',
      () => whole({ identity: client('id-empty'), evidence: { identity: { id: identityId('id-shop') } } }),
    ],
    [
      'an identity that lacks its ARM id',
      () =>
        handedIn(credentialsOf('id-shop'), {
          identity: { resourceId: identityId('id-empty') },
          evidence: { identity: client('id-shop') },
        }),
    ],
    [
      'an application in place of a managed identity',
      () =>
        whole({
          identity: { resourceId: identityId('id-empty') },
          evidence: { application: applicationDocument('app-shop') },
        }),
    ],
    [
      'an application and another’s service principal',
      () =>
        handedIn([RIGHT], {
          evidence: {
            application: applicationDocument('app-shop'),
            identity: { appId: guidOf('app app-empty'), servicePrincipalType: 'Application', id: guidOf('x') },
          },
        }),
    ],
    [
      'the v1 issuer of Entra, without a token',
      () => ({
        workload: { subject: OBJECT_ID, issuer: `https://sts.windows.net/${TENANT}/` },
        evidence: {
          federatedCredentials: [{ ...RIGHT, issuer: `https://sts.windows.net/${TENANT}/`, subject: OBJECT_ID }],
        },
      }),
    ],
    [
      'another tenant’s managed identity, without a token',
      () => ({
        workload: { subject: OBJECT_ID, issuer: ENTRA },
        evidence: {
          identity: { ...client('x'), tenantId: guidOf('another tenant') },
          federatedCredentials: [{ ...RIGHT, issuer: ENTRA, subject: OBJECT_ID }],
        },
      }),
    ],
    [
      'the audience of a binding, without a token',
      () => ({
        workload: { ...WORKLOAD, issuer: CLUSTER_ISSUER, audience: 'api://AKSIdentityBinding' },
        evidence: { federatedCredentials: [{ ...RIGHT, audiences: ['api://AKSIdentityBinding'] }] },
      }),
    ],
    [
      'a subject that Kubernetes cannot write',
      () => ({
        workload: { issuer: CLUSTER_ISSUER, subject: 'system:serviceaccount:Shop:checkout' },
        evidence: { federatedCredentials: [{ ...RIGHT, subject: 'system:serviceaccount:Shop:checkout' }] },
      }),
    ],
    [
      'a flexible credential of a managed identity',
      () => ({
        token: pipelineToken,
        evidence: {
          identity: identityDocument('id-github'),
          federatedCredentials: [
            {
              issuer: GITHUB,
              subject: null,
              audiences: [EXCHANGE],
              claimsMatchingExpression: { value: "claims['sub'] matches 'repo:*'", languageVersion: 1 },
            },
          ],
        },
      }),
    ],
    [
      'a flexible credential of another language',
      () => ({
        token: pipelineToken,
        evidence: {
          application: applicationDocument('app-empty'),
          federatedCredentials: [
            {
              issuer: GITHUB,
              subject: null,
              audiences: [EXCHANGE],
              claimsMatchingExpression: { value: "claims['sub'] matches 'repo:*'", languageVersion: '1' },
            },
          ],
        },
      }),
    ],
    [
      'a credential with a subject and an expression',
      () => ({
        token: pipelineToken,
        evidence: {
          application: applicationDocument('app-empty'),
          federatedCredentials: [
            {
              issuer: GITHUB,
              subject: 'repo:contoso-invented/shop:environment:production',
              audiences: [EXCHANGE],
              claimsMatchingExpression: { value: "claims['sub'] matches 'x'", languageVersion: 1 },
            },
          ],
        },
      }),
    ],
    [
      'a system-assigned identity in ARM’s form',
      () =>
        handedIn([RIGHT], {
          evidence: {
            identity: {
              id: '/subscriptions/x/providers/Microsoft.Compute/virtualMachines/vm/providers/Microsoft.ManagedIdentity/identities/default',
              type: 'Microsoft.ManagedIdentity/identities',
              properties: client('x'),
            },
          },
        }),
    ],
    [
      'another resource in place of an identity',
      () =>
        handedIn([RIGHT], {
          evidence: { identity: { id: '/subscriptions/x/resourceGroups/y', properties: client('x') } },
        }),
    ],
    ['a credential with two issuers', () => handedIn([{ ...RIGHT, Issuer: 'https://other.example/' }])],
    [
      'a credential that contradicts its properties',
      () => handedIn([{ properties: RIGHT, subject: 'system:serviceaccount:x:y' }]),
    ],
    ['a credential with audiences that are no text', () => handedIn([{ ...RIGHT, audiences: [EXCHANGE, 5] }])],
    ['a credential with no audience told', () => handedIn([{ issuer: CLUSTER_ISSUER, subject: SUBJECT }])],
    [
      'a cluster with two flags',
      () =>
        whole({
          evidence: { federatedCredentials: [RIGHT], cluster: { ...aks, oidcIssuerProfile: { enabled: false } } },
        }),
    ],
    [
      'a cluster with a flag that is text',
      () => ({
        workload: WORKLOAD,
        evidence: {
          federatedCredentials: [RIGHT],
          cluster: { ...aks, properties: { ...aks?.properties, securityProfile: { workloadIdentity: 'Enabled' } } },
        },
      }),
    ],
    [
      'claims, where everything has to be seen',
      () => ({
        claims: { iss: CLUSTER_ISSUER, sub: SUBJECT, aud: [EXCHANGE], iat: 1, exp: 4e9 },
        identity: client('id-shop'),
        requireObserved: true,
      }),
    ],
    [
      'metadata with keys elsewhere',
      () =>
        handedIn([RIGHT], {
          evidence: { discovery: { issuer: CLUSTER_ISSUER, jwks_uri: 'https://elsewhere.example/keys' } },
        }),
    ],
    [
      'keys of another kind than the issuer’s',
      () => ({
        workload: { ...WORKLOAD, issuer: CLUSTER_ISSUER },
        evidence: {
          federatedCredentials: [RIGHT],
          keys: {
            keys: [
              {
                kty: 'EC',
                crv: 'P-256',
                kid: 'a',
                x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
                y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
              },
            ],
          },
        },
      }),
    ],
    [
      'a client id with white space around it',
      () => whole({ identity: { clientId: `${client('id-shop').clientId}\n` } }),
    ],
    [
      'an unknown id, where another tenant may be meant',
      () => whole({ identity: { clientId: CLIENT_ID, tenantId: guidOf('another tenant') } }),
    ],
    [
      'what is named in another cloud',
      () =>
        handedIn([RIGHT], {
          cloud: 'usgovernment',
          cluster: { resourceId: clusterId('aks-no-oidc') },
          identity: client('id-empty'),
        }),
    ],
    [
      'an identity under the ARM id of another',
      () => whole({ evidence: { identity: { id: identityId('id-shop'), ...client('id-empty') } } }),
    ],
    [
      'a service principal under the ARM id of another',
      () =>
        whole({
          evidence: {
            identity: {
              servicePrincipalType: 'ManagedIdentity',
              appId: client('id-empty').clientId,
              id: guidOf('x'),
              alternativeNames: ['isExplicit=True', identityId('id-shop')],
            },
          },
        }),
    ],
    [
      'a part of a document that may be a system-assigned identity',
      () => handedIn([RIGHT], { identity: client('vm-shop'), evidence: { identity: client('vm-shop') } }),
    ],
    [
      'a managed identity as the principal of an application',
      () =>
        handedIn([RIGHT], {
          evidence: {
            application: applicationDocument('app-shop'),
            identity: { id: identityId('id-empty'), clientId: guidOf('app app-shop') },
          },
        }),
    ],
    [
      'a cluster under the name of another',
      () =>
        whole({
          cluster: { name: 'aks-shop' },
          identity: client('id-shop'),
          evidence: { cluster: { ...CLUSTERS['aks-other'], name: 'aks-shop' } },
        }),
    ],
    [
      'Entra of another cloud, without a token',
      () => ({
        workload: { subject: OBJECT_ID, issuer: ENTRA.replace('.com/', '.us/') },
        evidence: {
          application: applicationDocument('app-shop'),
          federatedCredentials: [{ ...RIGHT, issuer: ENTRA.replace('.com/', '.us/'), subject: OBJECT_ID }],
        },
      }),
    ],
    [
      'a subject that Entra does not write',
      () => ({
        workload: { subject: 'repo:x', issuer: ENTRA },
        evidence: {
          application: applicationDocument('app-shop'),
          federatedCredentials: [{ ...RIGHT, issuer: ENTRA, subject: 'repo:x' }],
        },
      }),
    ],
    [
      'a pod at a pipeline’s issuer',
      () => ({
        workload: { ...WORKLOAD, issuer: GITHUB },
        evidence: { federatedCredentials: [{ ...RIGHT, issuer: GITHUB }] },
      }),
    ],
    [
      'claims that contradict each other',
      () => ({
        claims: {
          iss: CLUSTER_ISSUER,
          sub: SUBJECT,
          aud: [EXCHANGE],
          iat: 1,
          exp: 4e9,
          'kubernetes.io': { namespace: 'other' },
        },
        evidence: { federatedCredentials: [RIGHT] },
      }),
    ],
    [
      'a cluster that is being deleted',
      () => ({
        workload: WORKLOAD,
        identity: client('id-shop'),
        evidence: { cluster: { ...aks, properties: { ...aks?.properties, provisioningState: 'Deleting' } } },
      }),
    ],
    [
      'one credential by itself, of which the list is not known',
      () => handedIn({ ...RIGHT, subject: 'system:serviceaccount:a:b' }),
    ],
  ])('%s', async (name, request) => {
    const { verdict, rootCause, findings } = await verify(request());
    const cause = FAILING[name] ?? null;
    expect([verdict, rootCause]).toEqual([cause ? 'fail' : 'inconclusive', cause]);
    expect(findings.find(({ summary }) => /fault of Token Doctor/.test(summary))).toBeUndefined();
  });

  it.each<[string, () => Json]>([
    [
      'of GitHub, with a slash',
      () => ({
        workload: { issuer: `${GITHUB}/`, subject: 'repo:contoso-invented/shop:environment:production' },
        identity: client('id-github'),
      }),
    ],
    [
      'of a cluster, without its slash',
      () => ({ workload: WORKLOAD, cluster: { issuer: CLUSTER_ISSUER.slice(0, -1) }, identity: client('id-settled') }),
    ],
    [
      'handed in as text, without its slash',
      () => ({
        workload: WORKLOAD,
        identity: client('id-settled'),
        evidence: { cluster: CLUSTER_ISSUER.slice(0, -1) },
      }),
    ],
    [
      'beside its cluster, without its slash',
      () => ({
        workload: { ...WORKLOAD, issuer: CLUSTER_ISSUER.slice(0, -1) },
        cluster: { resourceId: clusterId('aks-shop') },
        identity: client('id-settled'),
      }),
    ],
  ])('and an issuer that is mistyped in the request mends no credential: %s', async (_name, request) => {
    const { verdict, findings } = await verify(request());
    expect(verdict).not.toBe('pass');
    expect(
      findings.filter(({ remediation }) => remediation?.commands?.join().includes('federated-credential')),
    ).toEqual([]);
  });

  it('and what nobody vouches for is never advised to be let in', async () => {
    const forged = await (
      await fetch(`${open.url}/sandbox/tokens/github-actions?key=forged&claim.sub=repo:evil/x:pull_request`)
    ).text();
    for (const name of ['id-github', 'id-empty']) {
      const { rootCause, findings } = await verify({ token: forged, identity: client(name) });
      expect(rootCause).toBe('signature-invalid');
      expect(JSON.stringify(findings)).not.toMatch(/az [^"]*evil/);
    }
  });

  it('names that Kubernetes has not are refused', async () => {
    for (const workload of [
      { namespace: 'Shop', serviceAccount: 'checkout' },
      { namespace: 'shop:x', serviceAccount: 'a b' },
    ]) {
      const response = await fetch(`${open.url}/api/federation/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ workload }),
      });
      expect(response.status).toBe(400);
    }
  });
});

describe('what may not be asked about is not read', () => {
  it.each<[string, () => Json]>([
    ['an identity by its ARM id', () => ({ identity: { resourceId: identityId('id-shop') } })],
    ['an identity that was handed in', () => ({ evidence: { identity: identityDocument('id-shop') } })],
    ['a cluster by its ARM id', () => ({ cluster: { resourceId: clusterId('aks-shop') } })],
    ['a cluster by its name', () => ({ cluster: { name: 'aks-shop' } })],
  ])('%s, of another subscription', async (_name, request) => {
    const { evidence } = await verify(whole(request()), limited);
    for (const name of ['cluster', 'federatedCredentials']) {
      const item = evidence[name];
      expect(item?.state === 'absent' || item?.source === 'request').toBe(true);
    }
  });

  it.each<[string, () => Json]>([
    ['an identity by its client id', () => ({ identity: client('id-shop') })],
    ['an identity by its ARM id', () => ({ identity: { resourceId: identityId('id-shop') } })],
    [
      'an identity that was handed in',
      () => ({ evidence: { identity: { ...identityDocument('id-shop'), tenantId: guidOf('another tenant') } } }),
    ],
    ['an identity by the id alone', () => ({ evidence: { identity: { id: identityId('id-shop') } } })],
    ['an application', () => ({ identity: { appId: guidOf('app app-shop') } })],
    ['a cluster', () => ({ cluster: { resourceId: clusterId('aks-shop') } })],
  ])('%s, of another tenant', async (_name, request) => {
    const { evidence } = await verify(whole(request()), elsewhere);
    expect([evidence.cluster?.state, evidence.federatedCredentials?.state]).toEqual(['absent', 'absent']);
  });
});

describe('a cluster document', () => {
  const outcomeOf = async (cluster: unknown, id: string) =>
    (await verify({ workload: WORKLOAD, evidence: { cluster } })).findings.find((finding) => finding.id === id)
      ?.outcome;

  it.each<[string, unknown, string, string]>([
    [
      'that is another resource has no flags',
      { id: '/subscriptions/x/resourceGroups/rg', properties: { provisioningState: 'Succeeded' } },
      'oidc-issuer-disabled',
      'unknown',
    ],
    [
      'with a word in place of the flag leaves it open',
      { ...aks, properties: { ...aks?.properties, securityProfile: { workloadIdentity: 'Enabled' } } },
      'workload-identity-disabled',
      'unknown',
    ],
    [
      'with null in place of the profile says that it is off',
      { ...aks, properties: { ...aks?.properties, oidcIssuerProfile: null } },
      'oidc-issuer-disabled',
      'fail',
    ],
    [
      'with the issuer alone has it on',
      { oidcIssuerProfile: { issuerUrl: CLUSTER_ISSUER } },
      'oidc-issuer-disabled',
      'pass',
    ],
    ['that is the issuer with a line end has it on', `${CLUSTER_ISSUER}\n`, 'token-of-another-cluster', 'pass'],
    [
      'that runs in another letter case runs',
      { name: 'a', powerState: { code: 'running' } },
      'cluster-stopped',
      'pass',
    ],
  ])('%s', async (_name, cluster, id, outcome) => {
    expect(await outcomeOf(cluster, id)).toBe(outcome);
  });
});

describe('lists without end', () => {
  it.each<[string, unknown]>([
    ['empty issuers', { issuer: '' }],
    ['the same issuer', { issuer: 'a', subject: 's' }],
    ['nested objects', { issuer: { a: { b: [] } } }],
  ])('of credentials with %s are answered at once', async (_name, item) => {
    const credentials = Array.from({ length: Math.floor(1_000_000 / (JSON.stringify(item).length + 1)) }, () => item);
    const { verdict, evidence } = await verify(handedIn(credentials));
    expect(verdict).toBe('inconclusive');
    expect(JSON.stringify(evidence).length).toBeLessThan(200_000);
  });

  it('and long claims beside expressions are answered at once', async () => {
    const value = `claims['sub'] matches '*${'a'.repeat(560)}b'`;
    const flexible = {
      issuer: GITHUB,
      subject: null,
      audiences: [EXCHANGE],
      claimsMatchingExpression: { value, languageVersion: 1 },
    };
    const claims = { iss: GITHUB, sub: 'a'.repeat(15_800), aud: EXCHANGE, exp: 4e9 };
    const started = performance.now();
    const evidence = {
      application: applicationDocument('app-empty'),
      federatedCredentials: Array.from({ length: 20 }, () => flexible),
    };
    const { rootCause } = await verify({ claims, evidence });
    expect(rootCause).toBe('assertion-not-exchangeable');
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
