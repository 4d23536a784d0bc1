import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { playHost } from '../loopback-guard.ts';
import type { SandboxKeys } from './token-bases.ts';
import {
  AUTHORITIES,
  CLUSTER_HOST,
  CLUSTER_ISSUER,
  CONSUMER_TENANT,
  EXAMPLE_KEY,
  EXAMPLE_TENANT,
  PIPELINE_HOSTS,
  SILENT_TENANT,
  TENANT,
} from './world.ts';

/**
 * Serves the metadata and key documents of the invented tenant and cluster, over TLS and under the real host names, to this
 * process alone: names and connections are led here by the loopback guard, and only this process trusts the certificate.
 */
export async function startIssuers(keys: SandboxKeys): Promise<{ close(): Promise<void> }> {
  const hosts = [...Object.keys(AUTHORITIES), CLUSTER_HOST, ...Object.keys(PIPELINE_HOSTS)];
  const certificate = await generate([{ name: 'commonName', value: 'Token Doctor sandbox' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) }],
  });
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);

  const documents = documentsOf(keys);
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    const address = `${request.headers.host}${request.url}`;
    const document = request.method === 'GET' ? documents.get(address) : undefined;
    const status = document
      ? 200
      : address.includes(SILENT_TENANT)
        ? 503
        : address.startsWith(CLUSTER_HOST)
          ? 404
          : 400;
    response
      .writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'max-age=86400, private',
      })
      .end(JSON.stringify(document ?? { error: 'invalid_tenant', error_description: 'Unknown to the sandbox.' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const host of hosts) playHost(host, { port });
  return { close: () => new Promise((resolve) => void server.close(() => resolve())) };
}

/** By address without scheme: what Entra and AKS publish there, in the shape of their published documents. */
function documentsOf({ entra, consumer, cluster, pipeline }: SandboxKeys): ReadonlyMap<string, object> {
  const documents = new Map<string, object>();
  for (const [host, v1Host] of Object.entries(AUTHORITIES)) {
    const bound = (jwk: object, tenant = '{tenantid}') => ({ ...jwk, issuer: `https://${host}/${tenant}/v2.0` });
    const v2Keys = [bound(entra.jwk), bound(consumer.jwk, CONSUMER_TENANT)];
    publishTenant(documents, host, v1Host, TENANT, [entra.jwk], v2Keys);
    publishTenant(documents, host, v1Host, CONSUMER_TENANT, [], [bound(consumer.jwk, CONSUMER_TENANT)]);
    publishTenant(documents, host, v1Host, EXAMPLE_TENANT, [EXAMPLE_KEY], [bound(EXAMPLE_KEY)]);
  }
  const issuer = CLUSTER_ISSUER.replace('https://', '');
  const { kid, kty, n, e } = cluster.jwk;
  documents.set(`${issuer}.well-known/openid-configuration`, {
    issuer: CLUSTER_ISSUER,
    jwks_uri: `${CLUSTER_ISSUER}openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
  documents.set(`${issuer}openid/v1/jwks`, { keys: [{ use: 'sig', kty, kid, alg: 'RS256', n, e }] });
  for (const [host, { issuer: pipelineIssuer, keys }] of Object.entries(PIPELINE_HOSTS)) {
    documents.set(`${pipelineIssuer.replace('https://', '')}/.well-known/openid-configuration`, {
      issuer: pipelineIssuer,
      jwks_uri: `https://${host}${keys}`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
    documents.set(`${host}${keys}`, { keys: [pipeline.jwk] });
  }
  return documents;
}

function publishTenant(
  documents: Map<string, object>,
  host: string,
  v1Host: string,
  tenant: string,
  v1Keys: readonly object[],
  v2Keys: readonly object[],
): void {
  const base = `${host}/${tenant}`;
  documents.set(`${base}/.well-known/openid-configuration`, {
    token_endpoint: `https://${base}/oauth2/token`,
    jwks_uri: `https://${base}/discovery/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: `https://${v1Host}/${tenant}/`,
  });
  documents.set(`${base}/v2.0/.well-known/openid-configuration`, {
    token_endpoint: `https://${base}/oauth2/v2.0/token`,
    jwks_uri: `https://${base}/discovery/v2.0/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: `https://${base}/v2.0`,
  });
  documents.set(`${base}/discovery/keys`, { keys: v1Keys });
  documents.set(`${base}/discovery/v2.0/keys`, { keys: v2Keys });
}
