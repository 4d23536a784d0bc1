import { audiences, clientId, isGuid, rolesOf, stringClaim } from './claims.ts';
import type { DecodedToken, IssuerFamily } from './evidence.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { IDENTITY_BINDING_AUDIENCE, resourceOf } from './resources.ts';

/** Everything a token can be told to be, from its own words. */
export const TOKEN_KINDS = [
  'entra-access-token',
  'graph-access-token',
  'managed-identity-token',
  'personal-account-token',
  'pop-bound-token',
  'entra-id-token',
  'proof-of-possession-envelope',
  'kubernetes-service-account-token',
  'kubernetes-legacy-token',
  'aks-identity-binding-token',
  'github-actions-token',
  'azure-devops-token',
  'gitlab-token',
  'b2c-token',
  'ciam-token',
  'servicenow-token',
  'unknown',
] as const;
export type TokenKindName = (typeof TOKEN_KINDS)[number];

/** What a token is; `because` names the words that tell it. Nothing here trusts them. */
export interface TokenKind {
  kind: TokenKindName;
  title: string;
  because: string;
}

/** Access tokens that Entra issues for a resource. */
export const ENTRA_ACCESS_TOKENS: readonly TokenKindName[] = [
  'entra-access-token',
  'graph-access-token',
  'managed-identity-token',
  'personal-account-token',
  'pop-bound-token',
];

/** Tokens that pods and pipelines exchange for others: they open nothing by themselves. */
export const ASSERTIONS: readonly TokenKindName[] = [
  'kubernetes-service-account-token',
  'github-actions-token',
  'azure-devops-token',
  'gitlab-token',
];

/** The tenant of personal Microsoft accounts (entra-docs, access-tokens.md). */
export const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** `iss` of tokens from a service account's secret (kubernetes/website, service-accounts-admin.md). */
export const KUBERNETES_LEGACY_ISSUER = 'kubernetes/serviceaccount';

/**
 * Claims that only an access token carries: whoever asked for it, how, and what it was granted (entra-docs, claims
 * references). `roles` and `wids` stand in ID tokens too.
 */
const ACCESS_TOKEN_CLAIMS = ['appid', 'azp', 'appidacr', 'azpacr', 'scp', 'idtyp'];
/** Claims that only an ID token carries (entra-docs, id-token-claims-reference.md; OpenID Connect Core 1.0 §2). */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash'];

/** Whether a token is one that tells a client who signed in, by a claim that no access token carries. */
export const hasIdTokenClaim = (claims: JsonObject): boolean => firstOf(ID_TOKEN_CLAIMS, claims) !== undefined;

/** Whether an access token is an application's own or a user's, and the claims that tell. */
export interface Access {
  kind: 'app-only' | 'delegated' | 'undetermined';
  because: string;
}

/**
 * entra-docs, claims-validation.md: `idtyp` decides where the resource asked for it; else a user's token has `scp`, and of
 * an application's the subject is its service principal.
 */
export function accessOf(claims: JsonObject): Access {
  const { idtyp, oid, sub } = claims;
  if (idtyp === 'app') return { kind: 'app-only', because: '`idtyp` is app.' };
  if (idtyp === 'user') return { kind: 'delegated', because: '`idtyp` is user.' };
  if (idtyp !== undefined) return { kind: 'undetermined', because: '`idtyp` is neither app nor user.' };
  if (stringClaim(claims, 'scp') !== undefined)
    return { kind: 'delegated', because: 'It has `scp`, which only tokens of users have.' };
  const own = typeof oid === 'string' && oid === sub;
  if (own && rolesOf(claims).length > 0)
    return { kind: 'app-only', because: 'It has `roles` and no `scp`, and `oid` and `sub` are the same.' };
  return {
    kind: 'undetermined',
    because: own
      ? 'There is neither `idtyp`, `scp` nor `roles`; `oid` and `sub` are the same, so it is likely app-only.'
      : 'There is neither `idtyp`, `scp` nor `roles` to tell.',
  };
}

/** Tells what a token is. Of a family that is not known, shape and host of the issuer have to do. */
export function tokenKindOf(token: DecodedToken, family: IssuerFamily | 'unknown'): TokenKind {
  return (
    envelope(token) ??
    kubernetesToken(token) ??
    ofIssuer(token, family) ??
    (isOfEntra(token, family) ? entraToken(token) : UNKNOWN)
  );
}

const UNKNOWN: TokenKind = {
  kind: 'unknown',
  title: 'a token of unknown kind',
  because: 'The issuer is not one whose tokens are known here, so neither is their kind.',
};

/** Azure/kubelogin, pkg/internal/pop. */
function envelope({ header, claims }: DecodedToken): TokenKind | undefined {
  if (stringClaim(header, 'typ')?.toLowerCase() !== 'pop' || typeof claims.at !== 'string') return undefined;
  return {
    kind: 'proof-of-possession-envelope',
    title: 'a proof-of-possession envelope with an access token inside',
    because: 'The header says `typ: pop` and the claim `at` holds a token.',
  };
}

/** kubernetes/website, service-accounts-admin.md; AKS identity bindings. */
function kubernetesToken({ claims }: DecodedToken): TokenKind | undefined {
  const legacy = claims.iss === KUBERNETES_LEGACY_ISSUER;
  const projected = isJsonObject(claims['kubernetes.io']);
  if (!legacy && !projected && !stringClaim(claims, 'sub')?.startsWith('system:serviceaccount:')) return undefined;
  if (legacy)
    return {
      kind: 'kubernetes-legacy-token',
      title: 'a legacy Kubernetes service account token, from a secret',
      because: `Its issuer is ${KUBERNETES_LEGACY_ISSUER}, which every cluster says of itself.`,
    };
  if (audiences(claims)?.includes(IDENTITY_BINDING_AUDIENCE))
    return {
      kind: 'aks-identity-binding-token',
      title: 'a Kubernetes service account token for an AKS identity binding',
      because: `Its subject is a service account and its audience ${IDENTITY_BINDING_AUDIENCE}.`,
    };
  return {
    kind: 'kubernetes-service-account-token',
    title: 'a Kubernetes service account token',
    because: projected ? 'It has the claim `kubernetes.io`.' : 'Its subject is a service account.',
  };
}

/** Issuers whose tokens are of one kind, by family or by host. */
const KINDS_BY_ISSUER: readonly {
  kind: TokenKindName;
  title: string;
  of: string;
  family?: IssuerFamily;
  host: RegExp;
}[] = [
  {
    kind: 'github-actions-token',
    title: 'a GitHub Actions token',
    of: 'GitHub Actions',
    family: 'github-actions',
    host: /^token\.actions\.githubusercontent\.com$/,
  },
  {
    kind: 'azure-devops-token',
    title: 'an Azure DevOps pipeline token',
    of: 'Azure DevOps',
    family: 'azure-devops',
    host: /^vstoken\.dev\.azure\.com$/,
  },
  { kind: 'gitlab-token', title: 'a GitLab CI token', of: 'GitLab', family: 'gitlab', host: /^gitlab\.com$/ },
  { kind: 'b2c-token', title: 'an Azure AD B2C token', of: 'Azure AD B2C', host: /\.b2clogin\.com$/ },
  { kind: 'ciam-token', title: 'an Entra External ID token', of: 'Entra External ID', host: /\.ciamlogin\.com$/ },
  { kind: 'servicenow-token', title: 'a token of ServiceNow itself', of: 'ServiceNow', host: /\.service-now\.com$/ },
];

function ofIssuer({ claims }: DecodedToken, family: IssuerFamily | 'unknown'): TokenKind | undefined {
  const host = hostOf(stringClaim(claims, 'iss') ?? '');
  const found = KINDS_BY_ISSUER.find(
    (entry) => (entry.family !== undefined && entry.family === family) || (family !== 'entra' && entry.host.test(host)),
  );
  if (found) return { kind: found.kind, title: found.title, because: `Its issuer is ${found.of}.` };
  // GitLab and GitHub run on hosts of their customers too; subjects and claims are the same there.
  if (family !== 'entra' && /^project_path:.*:ref_type:/.test(stringClaim(claims, 'sub') ?? ''))
    return {
      kind: 'gitlab-token',
      title: 'a GitLab CI token',
      because: 'Its subject names a project (`project_path:`).',
    };
  const workflow = stringClaim(claims, 'workflow_ref') ?? stringClaim(claims, 'job_workflow_ref');
  if (family !== 'entra' && typeof claims.repository === 'string' && workflow !== undefined)
    return {
      kind: 'github-actions-token',
      title: 'a GitHub Actions token',
      because: 'It names repository and workflow.',
    };
  // B2C serves custom domains too; only its tokens name a user flow or custom policy so.
  const [flow] = [claims.tfp, claims.acr].filter((value) => typeof value === 'string' && /^b2c_1/i.test(value));
  if (flow !== undefined && family !== 'entra')
    return { kind: 'b2c-token', title: 'an Azure AD B2C token', because: 'It names a B2C policy (`tfp` or `acr`).' };
  return undefined;
}

const hostOf = (issuer: string): string => (/^(?:https?:\/\/)?([^/?#@]*)/.exec(issuer)?.[1] ?? '').toLowerCase();

/** Entra's by its issuer, or by its shape where the issuer is a slip away: a tenant and a version stand in every one. */
const isOfEntra = ({ claims }: DecodedToken, family: IssuerFamily | 'unknown'): boolean =>
  family === 'entra' || (family === 'unknown' && isGuid(claims.tid) && (claims.ver === '1.0' || claims.ver === '2.0'));

function entraToken({ header, claims }: DecodedToken): TokenKind {
  const version = claims.ver === '1.0' ? ' v1' : claims.ver === '2.0' ? ' v2' : '';
  const idClaim = firstOf(ID_TOKEN_CLAIMS, claims);
  const accessClaim = firstOf(ACCESS_TOKEN_CLAIMS, claims);
  const audience = stringClaim(claims, 'aud') ?? '';
  const resource = resourceOf(audience);
  // Azure DevOps' newer service connections: Entra signs, the subject names organization and connection.
  if (/^\/eid1\/.*\/sc\//.test(stringClaim(claims, 'sub') ?? ''))
    return {
      kind: 'azure-devops-token',
      title: 'a token of an Azure DevOps service connection, issued by Entra',
      because: 'Its subject names a service connection (`/eid1/…/sc/…`).',
    };
  if (idClaim !== undefined || (accessClaim === undefined && isGuid(audience) && resource === undefined))
    return {
      kind: 'entra-id-token',
      title: `an Entra${version} ID token, which tells a client who signed in`,
      because:
        idClaim === undefined
          ? 'It names no client and grants nothing, and its audience is an application.'
          : `It has the claim \`${idClaim}\`.`,
    };
  if (claims.cnf !== undefined)
    return {
      kind: 'pop-bound-token',
      title: `an Entra${version} access token that is bound to a key`,
      because: 'It has the claim `cnf`.',
    };
  if (resource?.name === 'Microsoft Graph')
    return {
      kind: 'graph-access-token',
      title: `an Entra${version} access token for Microsoft Graph`,
      because:
        header.nonce === undefined
          ? 'Its audience is Microsoft Graph.'
          : 'Its audience is Microsoft Graph, and the header has a `nonce`: nobody else can verify it.',
    };
  if (stringClaim(claims, 'xms_mirid') !== undefined)
    return {
      kind: 'managed-identity-token',
      title: `an Entra${version} access token of a managed identity`,
      because: 'It has the claim `xms_mirid`, the Azure resource of the identity.',
    };
  if (claims.tid === PERSONAL_TENANT)
    return {
      kind: 'personal-account-token',
      title: `an Entra${version} access token of a personal Microsoft account`,
      because: 'Its tenant is the one of personal accounts.',
    };
  return {
    kind: 'entra-access-token',
    title: `an Entra${version} access token`,
    because:
      clientId(claims) === undefined
        ? 'Entra issued it for a resource.'
        : 'Entra issued it to a client for a resource.',
  };
}

const firstOf = (names: readonly string[], claims: JsonObject): string | undefined =>
  names.find((name) => claims[name] !== undefined);
