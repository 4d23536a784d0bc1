import { audiences, clientId, clientOf, rolesOf, scopesOf, stringClaim, timeClaim } from './claims.ts';
import type { DecodedToken, IssuerFamily } from './evidence.ts';
import type { AcceptanceRules, Grants } from './policy.ts';
import type { TokenRefusal } from './refusal.ts';
import { accessOf, hasIdTokenClaim, type TokenKindName, tokenKindOf } from './token-kind.ts';

/** A token, the family of its issuer and the moment it is judged for. */
export interface Presented extends DecodedToken {
  family: IssuerFamily | 'unknown';
  nowSeconds: number;
}

/** The refusals that a token and the rules alone decide: neither keys nor the network have a say. */
export const ACCEPTANCE_RULES = [
  'audience-not-accepted',
  'token-expired',
  'token-not-yet-valid',
  'token-too-old',
  'token-proof-required',
  'token-kind-not-accepted',
  'client-not-accepted',
  'subject-not-accepted',
  'scope-missing',
  'role-missing',
] as const satisfies readonly TokenRefusal[];
export type AcceptanceRule = (typeof ACCEPTANCE_RULES)[number];

/** Whether a token breaks a rule. Decisions and diagnosis both judge by these, so that they cannot disagree. */
export const breaks: Readonly<Record<AcceptanceRule, (token: Presented, rules: AcceptanceRules) => boolean>> = {
  'audience-not-accepted': ({ claims, family }, { audiences: accepted }) => {
    const aud = audiences(claims) ?? [];
    // Entra issues tokens for one audience, so that several are not Entra's own doing.
    return (family === 'entra' && aud.length > 1) || !aud.some((audience) => accepted.includes(audience));
  },

  /** RFC 7519 §4.1.4. A token without `exp` would be valid for ever. */
  'token-expired': ({ claims, nowSeconds }, { clockToleranceSeconds = 0 }) => {
    const exp = timeClaim(claims, 'exp');
    return typeof exp !== 'number' || nowSeconds >= exp + clockToleranceSeconds;
  },

  /** RFC 7519 §4.1.5 and §4.1.6: a token from the future was not issued yet. */
  'token-not-yet-valid': ({ claims, nowSeconds }, { clockToleranceSeconds = 0 }) =>
    ['nbf', 'iat'].some((name) => {
      const time = timeClaim(claims, name);
      return time === 'malformed' || (typeof time === 'number' && nowSeconds < time - clockToleranceSeconds);
    }),

  'token-too-old': ({ claims, nowSeconds }, { maxTokenAgeSeconds, clockToleranceSeconds = 0 }) => {
    if (maxTokenAgeSeconds === null) return false;
    const iat = timeClaim(claims, 'iat');
    return typeof iat !== 'number' || nowSeconds >= iat + maxTokenAgeSeconds + clockToleranceSeconds;
  },

  /** Whoever asks shows no proof of the key the token is bound to (RFC 7800 §3.1). */
  'token-proof-required': ({ claims }) => claims.cnf !== undefined,

  /**
   * An ID token says who signed in to a client and is no credential for anybody else. Entra's names no client but in `aud`,
   * while each of its access tokens does (entra-docs, access-token-claims-reference.md); others' are told by their claims.
   */
  'token-kind-not-accepted': (token, { tokenKinds }) => {
    const { kind } = tokenKindOf(token, token.family);
    if (kind === 'entra-id-token' || hasIdTokenClaim(token.claims) || !isForAccess(token)) return true;
    if (token.family === 'entra' && clientId(token.claims) === undefined) return true;
    if (tokenKinds.length === 0) return false;
    const ofPod = POD_TOKENS.includes(kind) && token.family !== 'entra';
    const seen = ofPod ? 'kubernetes' : accessOf(token.claims).kind;
    return !tokenKinds.some((accepted) => accepted === seen);
  },

  'client-not-accepted': ({ claims, family }, { clients }) => !isListed(clients, clientOf(claims, family)),
  'subject-not-accepted': ({ claims }, { subjects }) => !isListed(subjects, stringClaim(claims, 'sub')),
  'scope-missing': ({ claims, family }, { scopes }) => !areGranted(scopes, scopesOf(claims, family)),
  'role-missing': ({ claims }, { roles }) => !areGranted(roles, rolesOf(claims)),
};

/** What a policy calls `kubernetes`. */
const POD_TOKENS: readonly TokenKindName[] = ['kubernetes-service-account-token', 'aks-identity-binding-token'];

/** What a header may call an access token: nothing, `JWT`, or RFC 9068 §2.1. */
const ACCESS_TOKEN_TYPE = /^(?:application\/)?(?:at\+)?jwt$/i;
/** What Keycloak calls tokens that open nothing, in the payload. */
const OTHER_PURPOSES = ['ID', 'Refresh', 'Offline', 'Logout'];

/** Explicit typing (RFC 8725 §3.11), and `events` (RFC 8417 §2.2): a token that says it is something else is no access token. */
const isForAccess = ({ header, claims }: DecodedToken): boolean =>
  claims.events === undefined &&
  (header.typ === undefined || ACCESS_TOKEN_TYPE.test(stringClaim(header, 'typ') ?? '')) &&
  !OTHER_PURPOSES.includes(stringClaim(claims, 'typ') ?? '');

const isListed = (accepted: readonly string[], value: string | undefined): boolean =>
  accepted.length === 0 || (value !== undefined && accepted.includes(value));

const areGranted = ({ any, all }: Grants, granted: readonly string[]): boolean =>
  (any.length === 0 || any.some((wanted) => granted.includes(wanted))) &&
  all.every((wanted) => granted.includes(wanted));
