import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  APPLICATIONS,
  applicationCredential,
  applicationDocument,
  BINDINGS,
  CLUSTERS,
  credentialDocument,
  IDENTITIES,
  identityDocument,
  SERVICE_PRINCIPALS,
} from '../../local/sandbox/azure-world.ts';
import { Scenario } from '../../local/sandbox/scenarios.ts';
import { EXAMPLE_KEY } from '../../local/sandbox/world.ts';
import { Report } from '../../src/contract/report.ts';
import { type StartedServer, startServer } from '../local/server.ts';

type Json = Record<string, unknown>;

let server: StartedServer;
let scenarios: Scenario[];
beforeAll(async () => {
  server = await startServer();
  const listed = await (await fetch(`${server.url}/sandbox/scenarios`)).json();
  scenarios = z
    .object({ scenarios: z.array(Scenario) })
    .parse(listed)
    .scenarios.filter(({ request }) => request.path === '/api/federation/verify');
});
afterAll(() => server.stop());

const verify = async (body: Json): Promise<Report> => {
  const response = await fetch(`${server.url}/api/federation/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return Report.parse(await response.json());
};

/** The part of a report that is the same whoever brought the evidence. */
const judged = ({ verdict, rootCause, predictedError, findings }: Report) => ({
  verdict,
  rootCause,
  predictedError,
  findings: findings.map(({ id, outcome, deciding, difference, remediation }) => ({
    id,
    outcome,
    deciding,
    difference,
    commands: remediation?.commands,
  })),
});

/** ARM and Graph as they answer; undefined where they know nothing of what the scenario names. */
function documentsFor(body: Json): Json | undefined {
  const cluster = clusterFor(Object(body.cluster));
  const identity = identityFor(Object(body.identity));
  if ((body.cluster !== undefined && !cluster) || (body.identity !== undefined && !identity)) return undefined;
  return { ...(cluster && { cluster, identityBindings: bindingsOf(cluster.name) }), ...identity };
}

const clusterFor = ({ resourceId, name }: Json) =>
  Object.values(CLUSTERS).find((document) => document.id === resourceId || document.name === name);

const bindingsOf = (name: string) => ({ value: name === 'aks-shop' ? BINDINGS : [] });

const principalOf = (name: string) => SERVICE_PRINCIPALS.find(({ displayName }) => displayName === name);

function identityFor(named: Json): Json | undefined {
  const ids = Object.values(named);
  const name = Object.keys(IDENTITIES).find((candidate) => {
    const { id, properties } = identityDocument(candidate);
    return [id, properties.clientId, properties.principalId].some((one) => ids.includes(one));
  });
  if (name !== undefined)
    return {
      identity: identityDocument(name),
      federatedCredentials: { value: IDENTITIES[name]?.map((one) => credentialDocument(name, one)) },
    };
  const application = Object.keys(APPLICATIONS).find((candidate) => {
    const { id, appId } = applicationDocument(candidate);
    return [id, appId, principalOf(candidate)?.id].some((one) => one !== undefined && ids.includes(one));
  });
  if (application !== undefined)
    return {
      application: applicationDocument(application),
      identity: principalOf(application),
      federatedCredentials: { value: APPLICATIONS[application]?.map((one) => applicationCredential(one, true)) },
    };
  const principal = SERVICE_PRINCIPALS.find(({ id, appId }) => [id, appId].some((one) => ids.includes(one)));
  return principal && { identity: principal };
}

/** What `az … -o json` makes of it: lists as arrays, `properties` one level up, some names in other letter case. */
function asCli(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asCli);
  if (typeof value !== 'object' || value === null) return value;
  const { properties, ...members } = value as Json;
  if (Object.keys(members).join() === 'value') return asCli(members.value);
  const flat = { ...members, ...Object(properties) };
  return Object.fromEntries(Object.entries(flat).map(([name, item]) => [CLI_NAMES[name] ?? name, asCli(item)]));
}
const CLI_NAMES: Readonly<Record<string, string>> = {
  issuerURL: 'issuerUrl',
  tenantID: 'tenantId',
  enableAzureRBAC: 'enableAzureRbac',
  adminGroupObjectIDs: 'adminGroupObjectIds',
};
const asCliEach = (documents: Json): Json =>
  Object.fromEntries(Object.entries(documents).map(([name, document]) => [name, asCli(document)]));

const CLUSTER_ISSUER =
  'https://eastus.oic.prod-aks.azure.com/0a1b2c3d-1111-4222-8333-444455556666/c1c2c3c4-5555-4222-8333-444455556666/';
const handedIn = {
  issuer: CLUSTER_ISSUER,
  discovery: { issuer: CLUSTER_ISSUER, jwks_uri: `${CLUSTER_ISSUER}openid/v1/jwks` },
  keys: { keys: [{ ...EXAMPLE_KEY }] },
};

describe('the same story, read from Azure and handed in', () => {
  it('has the same verdict, cause, findings and commands; only the basis differs', async () => {
    let compared = 0;
    for (const { name, request } of scenarios) {
      const documents = documentsFor(request.body);
      if (!documents || Object.keys(documents).length === 0 || request.body.evidence !== undefined) continue;
      if (request.body.cloud !== undefined) continue;
      const read = await verify(request.body);
      const arm = await verify({ ...request.body, evidence: documents });
      const cli = await verify({ ...request.body, evidence: asCliEach(documents) });
      expect({ name, ...judged(arm) }).toEqual({ name, ...judged(read) });
      expect({ name, ...judged(cli) }).toEqual({ name, ...judged(read) });
      const ownBasis = request.body.claims === undefined ? 'observed' : 'mixed';
      expect([name, read.basis, arm.basis !== 'observed', cli.basis]).toEqual([name, ownBasis, true, arm.basis]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(60);
  });

  it('looks for a cluster by the issuer of a token only where that is one of a cluster', async () => {
    const clusterOf = async (recipe: string) => {
      const token = await (await fetch(`${server.url}/sandbox/tokens/${recipe}`)).text();
      return (await verify({ token })).evidence.cluster;
    };
    expect(await clusterOf('github-actions')).toMatchObject({ reason: 'not-provided', source: 'request' });
    // Three of the clusters that are played share one issuer.
    expect(await clusterOf('service-account')).toMatchObject({ reason: 'not-provided', source: 'arm' });
  });

  it('warns of credentials whose cluster is gone, and of no other', async () => {
    const warned = async (identity: string) => {
      const named = { identity: { resourceId: identityDocument(identity).id } };
      const { findings } = await verify({ workload: { namespace: 'shop', serviceAccount: 'checkout' }, ...named });
      const finding = findings.find(({ id }) => id === 'federated-credential-dangling');
      return [finding?.outcome, finding?.actual];
    };
    expect(await warned('id-dangling')).toEqual(['fail', 'before']);
    expect(await warned('id-silent')).toEqual(['pass', undefined]);
    expect(await warned('id-other-cluster')).toEqual(['pass', undefined]);
  });

  it('is supplied where the issuer’s documents are handed in too', async () => {
    const { discovery, keys, issuer } = handedIn;
    const subject = 'system:serviceaccount:shop:checkout';
    const report = await verify({
      workload: { issuer, subject },
      evidence: {
        federatedCredentials: [{ name: 'a', issuer, subject, audiences: ['api://AzureADTokenExchange'] }],
        discovery,
        keys,
      },
    });
    expect([report.verdict, report.basis]).toEqual(['pass', 'supplied']);
  });

  it.each([
    [
      'metadata of another issuer',
      { discovery: { ...handedIn.discovery, issuer: handedIn.issuer.slice(0, -1) } },
      'issuer-metadata-mismatch',
    ],
    ['keys that verify nothing', { keys: { keys: [] } }, 'issuer-unreadable'],
  ])('%s, handed in, fail', async (_name, change, rootCause) => {
    const report = await verify({
      workload: { issuer: handedIn.issuer, subject: 'system:serviceaccount:shop:checkout' },
      evidence: { discovery: handedIn.discovery, keys: handedIn.keys, ...change },
    });
    expect([report.verdict, report.rootCause]).toEqual(['fail', rootCause]);
  });

  it('of an issuer that nobody trusts leave it open', async () => {
    const issuer = 'https://idp.example/';
    const report = await verify({
      workload: { issuer, subject: 'job:1' },
      evidence: {
        federatedCredentials: [{ name: 'a', issuer, subject: 'job:1', audiences: ['api://AzureADTokenExchange'] }],
        discovery: { issuer, jwks_uri: `${issuer}keys` },
        keys: handedIn.keys,
      },
    });
    expect(report.verdict).toBe('inconclusive');
  });

  it('leaves a token what it is, where a part of its cluster is handed in beside it', async () => {
    const token = await (await fetch(`${server.url}/sandbox/tokens/service-account`)).text();
    const credentials = (IDENTITIES['id-shop'] ?? []).map((one) => credentialDocument('id-shop', one));
    const oidcIssuerProfile = CLUSTERS['aks-shop']?.properties.oidcIssuerProfile;
    for (const cluster of [undefined, { oidcIssuerProfile }, { value: [CLUSTERS['aks-shop']] }])
      expect((await verify({ token, evidence: { federatedCredentials: credentials, cluster } })).verdict).toBe('pass');
  });

  it.each([
    ['a fragment of `--query`', { oidcIssuerProfile: { enabled: true } }, 'oidc-issuer-disabled', 'unknown'],
    ['the profile alone', { enabled: true, issuerUrl: 'https://idp.example/' }, 'oidc-issuer-disabled', 'pass'],
    ['the issuer as text', 'https://idp.example/', 'oidc-issuer-disabled', 'pass'],
    ['a fragment without the flag', { name: 'a' }, 'workload-identity-disabled', 'unknown'],
    ['a list of one', [{ name: 'a', POWERSTATE: { CODE: 'Stopped' } }], 'cluster-stopped', 'fail'],
    ['nothing of a cluster', { colour: 'red' }, 'cluster-not-found', 'unknown'],
  ])('%s of a cluster is read as what it is', async (_name, cluster, id, outcome) => {
    const { findings, verdict } = await verify({
      workload: { namespace: 'shop', serviceAccount: 'checkout' },
      evidence: { cluster },
    });
    expect(findings.find((finding) => finding.id === id)?.outcome).toBe(outcome);
    expect(verdict).not.toBe('pass');
  });
});
