import { clientId, isGuid, rolesOf, stringClaim } from './claims.ts';
import type { DecodedToken, TokenKind, TrustedIssuer } from './evidence.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { resourceOf } from './resources.ts';

/**
 * Claims that only an access token carries: whoever asked for it, how, and what it was granted (entra-docs, claims
 * references). `roles` and `wids` stand in ID tokens too.
 */
const ACCESS_TOKEN_CLAIMS = ['appid', 'azp', 'appidacr', 'azpacr', 'scp', 'idtyp'];
/** Claims that only an ID token carries (entra-docs, id-token-claims-reference.md; OpenID Connect Core 1.0 §2). */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash'];

/** Whether a token is one that tells a client who signed in, by a claim that no access token carries. */
export const hasIdTokenClaim = (claims: JsonObject): boolean =>
  ID_TOKEN_CLAIMS.some((name) => claims[name] !== undefined);

/**
 * Whether an Entra access token is an application's own or a user's (entra-docs, claims-validation.md). `idtyp` decides
 * where the resource asked for it; else a user's has `scp`, and of an application's the subject is its service principal.
 */
export function accessOf(claims: JsonObject): 'app-only' | 'delegated' | 'undetermined' {
  const { idtyp, oid, sub } = claims;
  if (idtyp !== undefined) return idtyp === 'app' ? 'app-only' : idtyp === 'user' ? 'delegated' : 'undetermined';
  if (stringClaim(claims, 'scp') !== undefined) return 'delegated';
  return rolesOf(claims).length > 0 && typeof oid === 'string' && oid === sub ? 'app-only' : 'undetermined';
}

/** Tells what a token is from its own words; nothing here trusts them. */
export function tokenKindOf({ header, claims }: DecodedToken, issuer: TrustedIssuer | undefined): TokenKind {
  if (stringClaim(header, 'typ')?.toLowerCase() === 'pop' && typeof claims.at === 'string') {
    return {
      kind: 'proof-of-possession-envelope',
      title: 'a proof-of-possession envelope with an access token inside',
      because: 'The header says `typ: pop` and the claim `at` holds a token.',
    };
  }
  if (isJsonObject(claims['kubernetes.io']) || stringClaim(claims, 'sub')?.startsWith('system:serviceaccount:')) {
    return {
      kind: 'kubernetes-service-account-token',
      title: 'a Kubernetes service account token',
      because: 'Its subject is a service account.',
    };
  }
  if (issuer?.family !== 'entra')
    return {
      kind: 'unknown',
      title: 'a token of unknown kind',
      because: 'The issuer is not one whose tokens are known here, so neither is their kind.',
    };

  const idClaim = ID_TOKEN_CLAIMS.find((name) => claims[name] !== undefined);
  const accessClaim = ACCESS_TOKEN_CLAIMS.find((name) => claims[name] !== undefined);
  const audience = stringClaim(claims, 'aud');
  const forUnknownApp = isGuid(audience) && resourceOf(audience) === undefined;
  if (idClaim !== undefined || (accessClaim === undefined && forUnknownApp)) {
    return {
      kind: 'entra-id-token',
      title: 'an Entra ID token, which tells a client who signed in',
      because:
        idClaim === undefined
          ? 'It names no client and grants nothing, and its audience is an application.'
          : `It has the claim \`${idClaim}\`.`,
    };
  }
  return {
    kind: 'entra-access-token',
    title: 'an Entra access token',
    because:
      clientId(claims) === undefined
        ? 'Entra issued it for a resource.'
        : 'Entra issued it to a client for a resource.',
  };
}
