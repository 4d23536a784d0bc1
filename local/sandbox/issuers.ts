import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { playHost } from '../loopback-guard.ts';
import { AZURE_HOSTS, answerAzure } from './azure.ts';
import { issuerOf } from './azure-world.ts';
import { documentsOf } from './documents.ts';
import type { SandboxKeys } from './token-bases.ts';
import { AUTHORITIES, B2C_HOST, CLUSTER_HOST, PIPELINE_HOSTS, SILENT_TENANT, TENANT } from './world.ts';

/**
 * Serves the metadata and key documents of the invented tenant and cluster, over TLS and under the real host names, to this
 * process alone: names and connections are led here by the loopback guard, and only this process trusts the certificate.
 */
export async function startIssuers(keys: SandboxKeys): Promise<{ close(): Promise<void> }> {
  const hosts = [
    ...Object.keys(AUTHORITIES),
    CLUSTER_HOST,
    ...Object.keys(PIPELINE_HOSTS),
    B2C_HOST,
    `${TENANT}.ciamlogin.com`,
    ...AZURE_HOSTS,
    ...FURTHER_CLUSTER_HOSTS,
  ];
  const certificate = await generate([{ name: 'commonName', value: 'Token Doctor sandbox' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) }],
  });
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);

  const documents = documentsOf(keys);
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    if (AZURE_HOSTS.includes(request.headers.host ?? '')) {
      answerAzure(request, response);
      return;
    }
    const address = `${request.headers.host}${request.url}`;
    // A parameter that changes nothing is not looked at, as Entra does with `appid`.
    const found = documents.get(address) ?? documents.get(address.replace(/\?.*/, ''));
    const document = request.method === 'GET' ? (typeof found === 'function' ? found() : found) : undefined;
    if (typeof document === 'string') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(document);
      return;
    }
    response
      .writeHead(document ? 200 : statusFor(address), {
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

/** Hosts of clusters of which nothing is left. */
const FURTHER_CLUSTER_HOSTS = ['northeurope.oic.prod-aks.azure.com', 'oidc.prod-aks.azure.com'];

/** Of what is published nowhere. */
function statusFor(address: string): number {
  if (address.includes(SILENT_TENANT) || `https://${address}`.startsWith(issuerOf('aks-silent'))) return 503;
  return [CLUSTER_HOST, ...FURTHER_CLUSTER_HOSTS].some((host) => address.startsWith(host)) ? 404 : 400;
}
