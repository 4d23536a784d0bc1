import { generateKeyPairSync } from 'node:crypto';
import { issuerOf } from './azure-world.ts';
import type { SandboxKeys } from './token-bases.ts';
import {
  API_ID,
  AUTHORITIES,
  B2C_HOST,
  CLUSTER_ISSUER,
  CONSUMER_TENANT,
  EXAMPLE_KEY,
  EXAMPLE_TENANT,
  ODD_TENANTS,
  PIPELINE_HOSTS,
  TENANT,
} from './world.ts';

/** What an address serves: JSON, or a page for people; each time anew where it changes. */
type Document = object | string;
export type Documents = Map<string, Document | (() => Document)>;

/** By address without scheme: what Entra, AKS and pipelines publish there, in the shape of their published documents. */
export function documentsOf(keys: SandboxKeys): Documents {
  const documents: Documents = new Map();
  for (const [host, v1Host] of Object.entries(AUTHORITIES)) publishAuthority(documents, host, v1Host, keys);
  publishOddTenants(documents, keys);
  publishCustomers(documents, keys);

  const { pipeline } = keys;
  publishCluster(documents, CLUSTER_ISSUER, keys);
  for (const name of ['aks-other', 'aks-stopped']) publishCluster(documents, issuerOf(name), keys);
  publishCluster(documents, issuerOf('aks-misnamed'), keys, issuerOf('aks-misnamed').slice(0, -1));
  for (const [host, { issuer: pipelineIssuer, keys: path }] of Object.entries(PIPELINE_HOSTS)) {
    documents.set(`${pipelineIssuer.replace('https://', '')}/.well-known/openid-configuration`, {
      issuer: pipelineIssuer,
      jwks_uri: `https://${host}${path}`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
    documents.set(`${host}${path}`, { keys: [pipeline.jwk] });
  }
  return documents;
}

/** `named`: what its metadata say that it is called. */
function publishCluster(documents: Documents, issuer: string, { cluster }: SandboxKeys, named = issuer): void {
  const address = issuer.replace('https://', '');
  const { kid, kty, n, e } = cluster.jwk;
  documents.set(`${address}.well-known/openid-configuration`, {
    issuer: named,
    jwks_uri: `${issuer}openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
  documents.set(`${address}openid/v1/jwks`, { keys: [{ use: 'sig', kty, kid, alg: 'RS256', n, e }] });
}

const bound = (jwk: object, host: string, tenant = '{tenantid}') => ({
  ...jwk,
  issuer: `https://${host}/${tenant}/v2.0`,
});

function publishAuthority(documents: Documents, host: string, v1Host: string, keys: SandboxKeys): void {
  const { entra, consumer, application, sovereign } = keys;
  const ofConsumers = bound(consumer.jwk, host, CONSUMER_TENANT);
  publishTenant(documents, host, v1Host, TENANT, [entra.jwk], [bound(entra.jwk, host), ofConsumers]);
  publishTenant(documents, host, v1Host, CONSUMER_TENANT, [entra.jwk], [ofConsumers]);
  publishTenant(documents, host, v1Host, EXAMPLE_TENANT, [EXAMPLE_KEY], [bound(EXAMPLE_KEY, host)]);
  const ofAll = host === 'login.microsoftonline.com' ? entra : sovereign;
  for (const several of ['common', 'organizations'])
    publishTenant(documents, host, v1Host, several, [ofAll.jwk], [bound(ofAll.jwk, host), ofConsumers]);
  for (const path of ['discovery/keys', 'discovery/v2.0/keys'])
    documents.set(`${host}/${TENANT}/${path}?appid=${API_ID}`, { keys: [application.jwk] });
}

/** Each has one fault, in the public cloud. */
function publishOddTenants(documents: Documents, { entra, consumer, pipeline, former }: SandboxKeys): void {
  const publish = (tenant: string, published: readonly object[]) =>
    publishTenant(documents, 'login.microsoftonline.com', 'sts.windows.net', tenant, published, published);
  const { kid, ...nameless } = entra.jwk;
  publish(ODD_TENANTS.leaky, [{ ...entra.jwk, d: 'inventedPrivateExponent' }, consumer.jwk]);
  publish(ODD_TENANTS.symmetric, [entra.jwk, { kty: 'oct', kid: 'shared', k: 'inventedSharedSecret' }]);
  publish(ODD_TENANTS.twins, [entra.jwk, { ...pipeline.jwk, kid }]);
  publish(ODD_TENANTS.unnamed, [nameless]);
  publish(ODD_TENANTS.encrypting, [{ ...entra.jwk, use: 'enc' }, consumer.jwk]);
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
  publish(ODD_TENANTS.weak, [{ ...weak, kid: 'weak', use: 'sig' }]);
  publish(ODD_TENANTS.html, [entra.jwk]);
  for (const path of ['discovery/keys', 'discovery/v2.0/keys'])
    documents.set(`login.microsoftonline.com/${ODD_TENANTS.html}/${path}`, '<!DOCTYPE html><title>Sign in</title>');
  publish(ODD_TENANTS.misnamed, [entra.jwk]);
  documents.set(`login.microsoftonline.com/${ODD_TENANTS.misnamed}/v2.0/.well-known/openid-configuration`, {
    issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    jwks_uri: `https://login.microsoftonline.com/${ODD_TENANTS.misnamed}/discovery/v2.0/keys`,
  });
  publish(ODD_TENANTS.rotated, [entra.jwk]);
  let asked = 0;
  documents.set(`login.microsoftonline.com/${ODD_TENANTS.rotated}/discovery/v2.0/keys`, () => {
    asked += 1;
    return { keys: asked === 1 ? [former.jwk, entra.jwk] : [entra.jwk] };
  });
}

/** Azure AD B2C by policy, Entra External ID by tenant. */
function publishCustomers(documents: Documents, { customers, stranger }: SandboxKeys): void {
  for (const [policy, key] of Object.entries({ B2C_1_signin: customers, B2C_1_reset: stranger })) {
    const base = `${B2C_HOST}/${TENANT}/${policy}`;
    documents.set(`${base}/discovery/v2.0/keys`, { keys: [key.jwk] });
    documents.set(`${base}/v2.0/.well-known/openid-configuration`, {
      issuer: `https://${B2C_HOST}/${TENANT}/v2.0/`,
      jwks_uri: `https://${base}/discovery/v2.0/keys`,
    });
  }
  documents.set(`${TENANT}.ciamlogin.com/${TENANT}/discovery/v2.0/keys`, { keys: [customers.jwk] });
}

function publishTenant(
  documents: Documents,
  host: string,
  v1Host: string,
  tenant: string,
  v1Keys: readonly object[],
  v2Keys: readonly object[],
): void {
  const base = `${host}/${tenant}`;
  // Where several tenants are meant, the issuer is a template.
  const named = /^[0-9a-f-]{36}$/.test(tenant) ? tenant : '{tenantid}';
  documents.set(`${base}/.well-known/openid-configuration`, {
    token_endpoint: `https://${base}/oauth2/token`,
    jwks_uri: `https://${base}/discovery/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: `https://${v1Host}/${named}/`,
  });
  documents.set(`${base}/v2.0/.well-known/openid-configuration`, {
    token_endpoint: `https://${base}/oauth2/v2.0/token`,
    jwks_uri: `https://${base}/discovery/v2.0/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: `https://${host}/${named}/v2.0`,
  });
  documents.set(`${base}/discovery/keys`, { keys: v1Keys });
  documents.set(`${base}/discovery/v2.0/keys`, { keys: v2Keys });
}
