import { isGuid } from '../contract/claims.ts';
import { type CloudName, clouds, entraIssuer } from '../contract/clouds.ts';
import type { KeyPlace, TrustedIssuer } from '../contract/evidence.ts';

/** What Entra, AKS, GitHub, Azure DevOps and GitLab sign with (`id_token_signing_alg_values_supported` of their metadata). */
const RS256_ONLY = ['RS256'];
/** For issuers that settings add: asymmetric algorithms only, so that no published key can ever be used as a secret. */
const ASYMMETRIC_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];

/** An issuer that settings trust, with the address of its keys where it serves no discovery document. */
export interface ConfiguredIssuer {
  issuer: string;
  jwksUri?: string | undefined;
}

/**
 * The trusted family an issuer belongs to, or undefined: then its keys are never asked for. Exact forms only, since
 * `iss` is text from a stranger. What is built in cannot be loosened by settings. A v1 issuer names a tenant and not a
 * cloud, hence `cloud`.
 */
export function trustedIssuer(
  issuer: string,
  cloud: CloudName,
  configured: readonly ConfiguredIssuer[],
): TrustedIssuer | undefined {
  return (
    entraFamily(issuer, cloud) ?? aksFamily(issuer) ?? pipelineFamily(issuer) ?? configuredFamily(issuer, configured)
  );
}

/** Whether keys of `issuer` may be read at `jwksUri`: https, and on a host of the same family. */
export function mayPublishAt(issuer: Pick<KeyPlace, 'family' | 'keyHosts'>, jwksUri: string): boolean {
  if (!URL.canParse(jwksUri)) return false;
  const { protocol, host, username, password } = new URL(jwksUri);
  if (username || password || !issuer.keyHosts.includes(host)) return false;
  return protocol === 'https:' || (issuer.family === 'configured' && protocol === 'http:');
}

function configuredFamily(issuer: string, configured: readonly ConfiguredIssuer[]): TrustedIssuer | undefined {
  const found = configured.find((candidate) => candidate.issuer === issuer);
  if (!found) return undefined;
  return {
    issuer,
    family: 'configured',
    metadataUrl: metadataUrl(issuer),
    ...(found.jwksUri !== undefined && { jwksUri: found.jwksUri }),
    keyHosts: [new URL(issuer).host, ...(found.jwksUri === undefined ? [] : [new URL(found.jwksUri).host])],
    algorithms: ASYMMETRIC_ALGORITHMS,
  };
}

function entraFamily(issuer: string, cloud: CloudName): TrustedIssuer | undefined {
  const entra = entraIssuer(issuer);
  if (!entra) return undefined;
  const { version, tenant } = entra;
  const name = entra.clouds.find((candidate) => candidate === cloud) ?? entra.clouds[0];
  if (name === undefined) return undefined;
  const { authorityHost, authorityAliases } = clouds[name];
  return {
    issuer,
    family: 'entra',
    version,
    tenant,
    metadataUrl: metadataUrl(version === '1.0' ? `https://${authorityHost}/${tenant}` : issuer),
    keyHosts: [authorityHost, ...authorityAliases],
    algorithms: RS256_ONLY,
  };
}

/**
 * `https://{region}.oic.prod-aks.azure.com/{tenant}/{guid}/` today, `https://oidc.prod-aks.azure.com/{guid}/` on older
 * clusters. `ib` is no region: the issuer of identity bindings is seen by Entra alone.
 */
function aksFamily(issuer: string): TrustedIssuer | undefined {
  const [, host, path] =
    /^https:\/\/((?!ib\.)(?:[a-z0-9]+\.oic|oidc)\.prod-aks\.azure\.com)\/([^?#]+)\/$/.exec(issuer) ?? [];
  const guids = path?.split('/') ?? [];
  const regional = host !== 'oidc.prod-aks.azure.com';
  if (
    !host ||
    !guids.every((guid) => isGuid(guid) && guid === guid.toLowerCase()) ||
    guids.length > 2 ||
    (regional && guids.length !== 2)
  )
    return undefined;
  return {
    issuer,
    family: 'aks',
    metadataUrl: metadataUrl(issuer),
    keyHosts: [host],
    algorithms: RS256_ONLY,
  };
}

/**
 * GitHub Actions, with the slug of an enterprise where it has an issuer of its own; Azure DevOps by organization; GitLab.com.
 * Their `jwks_uri` is on the same host (docs.github.com, OpenID Connect reference; metadata of the three).
 */
const PIPELINES: readonly { family: TrustedIssuer['family']; host: string; issuer: RegExp }[] = [
  {
    family: 'github-actions',
    host: 'token.actions.githubusercontent.com',
    issuer: /^https:\/\/token\.actions\.githubusercontent\.com(?:\/[A-Za-z0-9-]{1,64})?$/,
  },
  {
    family: 'azure-devops',
    host: 'vstoken.dev.azure.com',
    issuer: /^https:\/\/vstoken\.dev\.azure\.com\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/,
  },
  { family: 'gitlab', host: 'gitlab.com', issuer: /^https:\/\/gitlab\.com$/ },
];

function pipelineFamily(issuer: string): TrustedIssuer | undefined {
  const found = PIPELINES.find((pipeline) => pipeline.issuer.test(issuer));
  return (
    found && {
      issuer,
      family: found.family,
      metadataUrl: metadataUrl(issuer),
      keyHosts: [found.host],
      algorithms: RS256_ONLY,
    }
  );
}

/** OpenID Connect Discovery 1.0 §4: appended to the issuer, its trailing slash not doubled. */
const metadataUrl = (issuer: string) => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
