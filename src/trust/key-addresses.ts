import { isGuid } from '../contract/claims.ts';
import { CloudName, clouds, v1Issuer, v2Issuer } from '../contract/clouds.ts';
import type { KeyAddress, KeyPlace } from '../contract/evidence.ts';
import { type ConfiguredIssuer, trustedIssuer } from './families.ts';

/** What an address may be trusted by. */
export interface KnownPlaces {
  cloud: CloudName;
  issuers: readonly ConfiguredIssuer[];
  openOrigins: readonly string[];
}

/**
 * Whose keys are at an address, by its form: Entra's documents (entra-docs, v2-protocols-oidc.md), those of its policies for
 * customers, of clusters, pipelines and issuers that settings add. A host that nobody trusted publishes on is `unknown`.
 */
export function keyAddress(url: string, known: KnownPlaces): KeyAddress {
  const page = /\/\.well-known\/openid-configuration\/?(?:$|\?)/.test(url)
    ? 'metadata'
    : /\/(?:keys|jwks|certs)(?:\.json)?\/?(?:$|\?)/.test(url)
      ? 'keys'
      : 'other';
  const unknown = { url, page, family: 'unknown' } as const;
  if (!URL.canParse(url)) return unknown;
  const parsed = new URL(url);
  if (parsed.username || parsed.password) return unknown;
  const found = ofConfigured(parsed, known) ?? (parsed.protocol === 'https:' ? ofHost(parsed, known) : undefined);
  if (!found) return unknown;
  return {
    ...found,
    url,
    page,
    ...(page === 'keys' && { keysUrl: url }),
    ...(page === 'metadata' && { metadataUrl: url }),
  };
}

type Whose = Omit<KeyAddress, 'url' | 'page'>;

/** Also what settings open, whoever publishes there. */
function ofConfigured({ href, origin }: URL, { issuers, openOrigins }: KnownPlaces): Whose | undefined {
  const originOf = (address: string) => new URL(address).origin;
  const own = issuers.filter(({ issuer, jwksUri }) =>
    [issuer, jwksUri ?? issuer].some((at) => originOf(at) === origin),
  );
  const exact = own.find(({ issuer, jwksUri }) => jwksUri === href || href.startsWith(`${issuer.replace(/\/$/, '')}/`));
  if (own.length > 0) return { family: 'configured', ...(exact && { issuer: exact.issuer }) };
  return openOrigins.includes(origin) ? { family: 'configured' } : undefined;
}

function ofHost(parsed: URL, known: KnownPlaces): Whose | undefined {
  const { hostname: host, port } = parsed;
  if (port !== '') return undefined;
  const cloud = CloudName.options.find((name) => {
    const { authorityHost, authorityAliases } = clouds[name];
    return [authorityHost, ...authorityAliases].includes(host);
  });
  if (cloud) return { family: 'entra', cloud, ...ofEntraPath(parsed, cloud) };
  if (/^[a-z0-9-]+\.b2clogin\.com$/.test(host)) return { family: 'b2c', cloud: 'public', ...ofEntraPath(parsed) };
  if (/^[a-z0-9-]+\.ciamlogin\.com$/.test(host))
    return { family: 'external-id', cloud: 'public', ...ofEntraPath(parsed) };
  return ofIssuer(parsed, known);
}

/** What such a path consists of beside tenant and policy. */
const PATH_WORDS = ['discovery', 'keys', 'v2.0', '.well-known', 'openid-configuration'];

/** `/{tenant}/…`, of B2C `/{tenant}/{policy}/…`; version 2.0 has `v2.0` somewhere behind it. */
function ofEntraPath({ origin, pathname, searchParams, search }: URL, cloud?: CloudName): Partial<Whose> {
  const [tenant, ...rest] = pathname.toLowerCase().split('/').filter(Boolean);
  const version = rest.includes('v2.0') ? '2.0' : '1.0';
  const policy = rest.find((word) => !PATH_WORDS.includes(word)) ?? searchParams.get('p');
  const appId = searchParams.get('appid');
  const issuer = cloud && isGuid(tenant) && (version === '1.0' ? v1Issuer : v2Issuer)(cloud, tenant);
  return {
    version,
    ...(tenant !== undefined && { tenant }),
    ...(policy !== null && policy !== undefined && { policy }),
    ...(appId !== null && { appId: appId.toLowerCase() }),
    ...(issuer && { issuer }),
    ...(tenant !== undefined && pagesOf([origin, tenant, ...(policy ? [policy] : [])].join('/'), version, search)),
  };
}

const pagesOf = (base: string, version: '1.0' | '2.0', search = '') => ({
  keysUrl: `${base}/discovery/${version === '1.0' ? '' : 'v2.0/'}keys${search}`,
  metadataUrl: `${base}${version === '1.0' ? '' : '/v2.0'}/.well-known/openid-configuration${search}`,
});

/** Clusters and pipelines: where the issuer itself is the beginning of the address. */
const BEHIND_ISSUERS = /^(.*?)(?:openid\/v1\/jwks|\.well-known\/(?:openid-configuration|jwks)|oauth\/discovery\/keys)$/;

function ofIssuer({ href, hostname }: URL, known: KnownPlaces): Whose | undefined {
  const [, issuer = ''] = BEHIND_ISSUERS.exec(href) ?? [];
  const found = [issuer, issuer.replace(/\/$/, '')].flatMap((name) => trustedIssuer(name, known.cloud, []) ?? [])[0];
  if (found) return { family: found.family, issuer: found.issuer, metadataUrl: found.metadataUrl };
  const family = OF_HOSTS.find(({ host }) => host.test(hostname))?.family;
  return family && { family };
}

const OF_HOSTS = [
  { family: 'aks', host: /^(?:[a-z0-9]+\.oic|oidc)\.prod-aks\.azure\.com$/ },
  { family: 'github-actions', host: /^token\.actions\.githubusercontent\.com$/ },
  { family: 'azure-devops', host: /^vstoken\.dev\.azure\.com$/ },
  { family: 'gitlab', host: /^gitlab\.com$/ },
] as const;

/** A place to look into at an address; undefined where nobody trusted publishes. It is read as it is, without discovery. */
export function placeAt({ url, family, issuer, cloud }: KeyAddress): KeyPlace | undefined {
  if (family === 'unknown') return undefined;
  const ofCloud = family === 'entra' && cloud ? [clouds[cloud].authorityHost, ...clouds[cloud].authorityAliases] : [];
  return {
    issuer: issuer ?? url,
    family: family === 'b2c' || family === 'external-id' ? 'entra' : family,
    metadataUrl: url,
    jwksUri: url,
    keyHosts: [new URL(url).host, ...ofCloud],
    passing: true,
  };
}

/** Where Entra publishes keys; `appId` for those of an application with a signing key of its own. */
export function entraKeysUrl(cloud: CloudName, tenant: string, version: '1.0' | '2.0', appId?: string): string {
  const base = `https://${clouds[cloud].authorityHost}/${tenant}`;
  return pagesOf(base, version, appId === undefined ? '' : `?appid=${appId}`).keysUrl;
}
