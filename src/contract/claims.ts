import type { IssuerFamily } from './evidence.ts';
import type { JsonObject } from './json.ts';

/** A GUID as Entra writes it in issuers and claims; letter case is judged where it matters, not here. */
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
export const isGuid = (value: unknown): value is string => typeof value === 'string' && GUID.test(value);

/** The claim when it is a string that is not empty, else undefined. */
export function stringClaim(claims: JsonObject, name: string): string | undefined {
  const value = claims[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `aud` as a list: it may be a string or an array of strings (RFC 7519 §4.1.3). Undefined when it is neither. */
export function audiences(claims: JsonObject): string[] | undefined {
  const value = claims.aud;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/**
 * A NumericDate claim (RFC 7519 §2): seconds since 1970, fractions allowed. `absent` and `malformed` are told apart,
 * because a missing `exp` and one that is a string have different causes. Beyond the year 9999 is malformed too.
 */
export function timeClaim(claims: JsonObject, name: string): number | 'absent' | 'malformed' {
  const value = claims[name];
  if (value === undefined) return 'absent';
  return typeof value === 'number' && value >= 0 && value <= 253_402_300_799 ? value : 'malformed';
}

/** The client that asked for the token: `azp` in v2, `appid` in v1 tokens. */
export const clientId = (claims: JsonObject): string | undefined =>
  stringClaim(claims, 'azp') ?? stringClaim(claims, 'appid');

/** Issuers that may write claims as RFC 9068 does: those of settings, and those only a receiver of the caller's own trusts. */
const isForeign = (family: IssuerFamily | 'unknown'): boolean => family === 'configured' || family === 'unknown';

/** A scope-token (RFC 6749 §3.3). What has a space in it would read as two once scopes are joined. */
const SCOPE_TOKEN = /^[!#-[\]-~]+$/;
export const isScopeToken = (text: string): boolean => SCOPE_TOKEN.test(text);

/**
 * Delegated permissions: words with spaces between. Entra writes `scp` (entra-docs, access-token-claims-reference.md);
 * issuers that follow RFC 9068 §2.2.3 write `scope`, which in a token of Entra's would be somebody's own claim.
 */
export const scopesOf = (claims: JsonObject, family: IssuerFamily | 'unknown'): string[] =>
  (stringClaim(claims, 'scp') ?? (isForeign(family) ? stringClaim(claims, 'scope') : undefined))
    ?.split(' ')
    .filter(isScopeToken) ?? [];

/** The client as the issuer's family writes it: {@link clientId}, or `client_id` (RFC 9068 §2.2). */
export const clientOf = (claims: JsonObject, family: IssuerFamily | 'unknown'): string | undefined =>
  clientId(claims) ?? (isForeign(family) ? stringClaim(claims, 'client_id') : undefined);

/** Application roles: `roles`, a list. */
export const rolesOf = (claims: JsonObject): string[] =>
  Array.isArray(claims.roles) ? claims.roles.filter((role) => typeof role === 'string' && role !== '') : [];
