import { audiences, clientId, isGuid, stringClaim } from '../contract/claims.ts';
import { CloudName, entraIssuer, v2Issuer } from '../contract/clouds.ts';
import type { Absence, DecodedToken, KeyAddress, KeyDocument, KeyPlace, TrustedIssuer } from '../contract/evidence.ts';
import type { ValidateKeyRequest } from '../contract/validate-key.ts';
import { trustedIssuer } from '../trust/families.ts';
import { entraKeysUrl, type KnownPlaces, keyAddress, placeAt } from '../trust/key-addresses.ts';

/** The place a question is about, or why there is none. */
export type Located =
  | {
      /** Whose keys they are, where that is an issuer that is trusted. */
      issuer?: TrustedIssuer;
      place: KeyPlace;
      address: KeyAddress;
    }
  | { absent: { reason: Absence; detail: string } };

const UNTRUSTED =
  'It is of nobody that is trusted here, so it was not asked. Hand in the keys as `consumer.jwks`, or have one of your own trusted through the setting TOKEN_DOCTOR_ISSUERS.';

/** The place that the caller names, else the token's own issuer. A cluster is known by its issuer. */
export function locate(request: ValidateKeyRequest, token: DecodedToken | undefined, known: KnownPlaces): Located {
  const { issuer, tenant, jwksUri } = request;
  if (issuer !== undefined) return ofIssuer(issuer, token, known);
  if (tenant !== undefined) return ofTenant(tenant.toLowerCase(), known.cloud, known);
  if (jwksUri !== undefined) return ofAddress(jwksUri, known);
  const iss = token && stringClaim(token.claims, 'iss');
  if (iss === undefined) return { absent: { reason: 'malformed', detail: 'The token names no issuer (`iss`).' } };
  return ofIssuer(iss, token, known);
}

function ofIssuer(name: string, token: DecodedToken | undefined, known: KnownPlaces): Located {
  const issuer = trustedIssuer(name, known.cloud, known.issuers);
  if (issuer) return { issuer, place: issuer, address: addressOf(issuer, known) };
  // Not an issuer but an authority, such as https://login.microsoftonline.com/common/v2.0.
  const authority = keyAddress(`${name.replace(/\/$/, '')}/.well-known/openid-configuration`, known);
  const { family, cloud, tenant, version = '2.0' } = authority;
  if (family === 'entra' && cloud && tenant) return ofTenant(tenant, cloud, known, version);
  const customers = keysForCustomers(name, token, known);
  if (customers) return customers;
  return { absent: { reason: 'untrusted', detail: UNTRUSTED } };
}

/** B2C publishes keys by policy, which the token names; External ID by tenant. */
function keysForCustomers(name: string, token: DecodedToken | undefined, known: KnownPlaces): Located | undefined {
  const [, host, tenant = ''] =
    /^https:\/\/([a-z0-9-]+\.(?:b2clogin|ciamlogin)\.com)\/([A-Za-z0-9.-]+)\/v2\.0\/?$/.exec(name) ?? [];
  if (!host) return undefined;
  if (host.endsWith('.ciamlogin.com')) return ofAddress(`https://${host}/${tenant}/discovery/v2.0/keys`, known);
  const policy = stringClaim(token?.claims ?? {}, 'tfp') ?? stringClaim(token?.claims ?? {}, 'acr');
  if (policy === undefined || !/^[\w-]{1,64}$/.test(policy)) {
    const detail = 'Azure AD B2C publishes keys by policy, and none is named: send the jwksUri of the policy.';
    return { absent: { reason: 'not-provided', detail } };
  }
  return ofAddress(`https://${host}/${tenant}/${policy}/discovery/v2.0/keys`, known);
}

/** A tenant by its id has an issuer; by another name, or as one of several, it has a document of keys alone. */
function ofTenant(tenant: string, cloud: CloudName, known: KnownPlaces, version: '1.0' | '2.0' = '2.0'): Located {
  const issuer = isGuid(tenant) ? trustedIssuer(v2Issuer(cloud, tenant), cloud, []) : undefined;
  if (issuer) return { issuer, place: issuer, address: addressOf(issuer, known) };
  return ofAddress(entraKeysUrl(cloud, tenant, version), known);
}

function ofAddress(url: string, known: KnownPlaces): Located {
  if (!URL.canParse(url))
    return { absent: { reason: 'malformed', detail: 'It is no address, such as https://host/keys.' } };
  const address = keyAddress(url, known);
  const own = known.issuers.find(({ jwksUri }) => jwksUri === url);
  const issuer = own && trustedIssuer(own.issuer, known.cloud, known.issuers);
  if (issuer) return { issuer, place: issuer, address };
  const place = placeAt(address);
  return place ? { place, address } : { absent: { reason: 'untrusted', detail: UNTRUSTED } };
}

/** Before its metadata are read, an issuer is known by their address. */
const addressOf = ({ issuer, metadataUrl, jwksUri }: TrustedIssuer, known: KnownPlaces): KeyAddress => ({
  ...keyAddress(jwksUri ?? metadataUrl, known),
  issuer,
});

/** A further place to look for a key that is not where it should be. */
export interface FurtherPlace {
  role: KeyDocument['role'];
  address: KeyAddress;
  place: KeyPlace;
}

/** So many further places are looked into: all of them at once, so this bounds what one question costs others. */
const MOST_FURTHER_PLACES = 16;

/** Where else the key may be, the likeliest first: as far as trust allows, and nowhere twice. */
export function furtherPlaces(
  located: Located,
  token: DecodedToken | undefined,
  appId: string | undefined,
  known: KnownPlaces,
): FurtherPlace[] {
  const asked = 'absent' in located ? undefined : located.address;
  const iss = token && stringClaim(token.claims, 'iss');
  const ofToken = iss === undefined ? undefined : ofIssuer(iss, token, known);
  const own = ofToken && !('absent' in ofToken) ? ofToken : undefined;
  const entra = entraIssuer(iss ?? '');
  const cloud = entra?.clouds.find((name) => name === known.cloud) ?? entra?.clouds[0] ?? asked?.cloud ?? known.cloud;
  const tenants = [entra?.tenant, asked?.family === 'entra' ? asked.tenant : undefined].filter(
    (tenant) => tenant !== undefined,
  );
  const versions = ['2.0', '1.0'] as const;
  const ofEntra = tenants.length > 0 || asked?.family === 'b2c' || asked?.family === 'external-id';
  const applications = appId === undefined ? applicationsOf(token) : [appId.toLowerCase()];

  const urls: [KeyDocument['role'], string][] = ofEntra
    ? [
        ...tenants.flatMap((tenant) =>
          versions.map((version): [KeyDocument['role'], string] => ['tenant', entraKeysUrl(cloud, tenant, version)]),
        ),
        ...tenants
          .slice(0, 1)
          .flatMap((tenant) =>
            applications.flatMap((id) =>
              versions.map((version): [KeyDocument['role'], string] => [
                'application',
                entraKeysUrl(cloud, tenant, version, id),
              ]),
            ),
          ),
        ['all-tenants', entraKeysUrl(cloud, 'common', '2.0')],
        ['all-tenants', entraKeysUrl(cloud, 'common', '1.0')],
        ['all-tenants', entraKeysUrl(cloud, 'organizations', '2.0')],
        ...CloudName.options
          .filter((name) => name !== cloud)
          .map((name): [KeyDocument['role'], string] => ['other-cloud', entraKeysUrl(name, 'common', '2.0')]),
      ]
    : [];
  const further = urls.flatMap(([role, url]): FurtherPlace[] => {
    const address = keyAddress(url, known);
    const place = placeAt(address);
    return place ? [{ role, address, place }] : [];
  });
  const role = own?.address.policy === undefined ? 'token-issuer' : 'policy';
  const all = own ? [{ role, address: own.address, place: own.place } as const, ...further] : further;
  const same = ({ place }: FurtherPlace) => ('absent' in located ? undefined : located.place.issuer) === place.issuer;
  const seen = new Set<string | undefined>(asked ? [asked.url, asked.keysUrl] : []);
  return all
    .filter((candidate) => !(candidate.role === 'token-issuer' && same(candidate)))
    .filter(({ address: { url } }) => !seen.has(url) && seen.add(url))
    .slice(0, MOST_FURTHER_PLACES);
}

/** Whose own key may have signed: the application a token is for, or else the one it was issued to. */
function applicationsOf(token: DecodedToken | undefined): string[] {
  if (!token) return [];
  const ids = (audiences(token.claims) ?? []).map((audience) => /^(?:api:\/\/)?([0-9a-f-]{36})$/i.exec(audience)?.[1]);
  const client = clientId(token.claims);
  return [...new Set([...ids, client].filter(isGuid).map((id) => id.toLowerCase()))].slice(0, 2);
}
