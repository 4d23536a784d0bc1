import { audiences, stringClaim } from '../contract/claims.ts';
import { entraIssuer } from '../contract/clouds.ts';
import type { JsonObject } from '../contract/json.ts';
import type { PredictedError } from '../contract/report.ts';
import type { Target, TargetName } from '../contract/target.ts';
import { accessOf, type TokenKindName } from '../contract/token-kind.ts';
import type { ReceiverProduct } from '../contract/validate-key.ts';

/** What is known of the token when its root cause is; nothing of one that cannot be read. */
export interface Blamed {
  rootCause: string;
  kind: TokenKindName | undefined;
  claims: JsonObject;
}

const documented = (code: string): PredictedError => ({ code, certainty: 'documented' });
const likely = (code: string): PredictedError => ({ code, certainty: 'likely' });
type ByCause = Readonly<Record<string, PredictedError>>;

/** Azure Resource Manager's codes (Azure Monitor API error pages); the one of PoP and the like is not documented. */
const arm: ByCause = {
  'token-malformed': documented('InvalidAuthenticationToken'),
  'signature-invalid': documented('InvalidAuthenticationToken'),
  'key-not-found': likely('InvalidAuthenticationToken'),
  'algorithm-not-allowed': likely('InvalidAuthenticationToken'),
  // The refusal is quoted in public only by users (Azure/login #233, #501).
  'principal-missing': likely('InvalidAuthenticationToken'),
  'audience-not-accepted': documented('InvalidAuthenticationTokenAudience'),
  'token-expired': documented('ExpiredAuthenticationToken'),
};

/** Kubernetes answers every failed authentication alike: `Status` 401, reason `Unauthorized`. */
const aksDocumented = ['audience-not-accepted', 'group-overage'];

/** azure-sdk-for-python, Key Vault TROUBLESHOOTING (issuer); argocd-vault-plugin #621 (audience). */
const keyVault: ByCause = {
  'issuer-not-accepted': documented('AKV10032'),
  'audience-not-accepted': likely('AKV10022'),
};

/** What the target answers when this check is the first to fail; undefined where no source tells. */
export function predictedError(target: Target, blamed: Blamed): PredictedError | undefined {
  const { rootCause } = blamed;
  // How long a header may be is for whatever stands in front of the receiver to say.
  if (
    rootCause === 'token-too-large' ||
    target.name === 'custom' ||
    target.name === 'policy' ||
    target.name === 'unnamed'
  )
    return undefined;
  return byTarget[target.name](rootCause, blamed);
}

const byTarget: Readonly<Record<TargetName, (rootCause: string, blamed: Blamed) => PredictedError | undefined>> = {
  'aks-api-server': (cause) => (aksDocumented.includes(cause) ? documented : likely)('Unauthorized'),
  arm: (cause) => arm[cause],
  // microsoftgraph/microsoft-graph-docs #4752, #16208.
  graph: () => likely('InvalidAuthenticationToken'),
  'key-vault': (cause) => keyVault[cause] ?? likely('Unauthorized'),
  // Recorded answers of the service in Azure's own SDK repositories.
  storage: () => likely('InvalidAuthenticationInfo'),
  // Login failed for user '<token-identified principal>'.
  sql: () => likely('18456'),
  // microsoft/azure-devops-auth-samples #52; what it says of other faults is not known.
  'azure-devops': (cause) => (cause === 'token-expired' ? likely('TF400813') : undefined),
  // Azure/acr, docs/AAD-OAuth.md.
  'container-registry': () => likely('UNAUTHORIZED'),
  'token-exchange': atExchange,
  // ServiceNowDocs, add-OIDC-entity.md: one answer for whatever is wrong.
  'servicenow-oidc': () => documented('User Not Authenticated'),
  'servicenow-jwt-bearer': () => undefined,
  // RFC 6750 §3.1.
  mcp: () => documented('invalid_token'),
};

/** entra-docs, reference-error-codes.md, where documented; the others as users quote them. */
function atExchange(rootCause: string, { kind, claims }: Blamed): PredictedError | undefined {
  switch (rootCause) {
    case 'token-malformed':
      return documented('AADSTS50027');
    case 'token-expired':
    case 'token-not-yet-valid':
      return likely('AADSTS700024');
    case 'key-not-found':
      return likely('AADSTS7000272');
    case 'audience-not-accepted':
      return likely(ofEntra(claims) ? 'AADSTS7002121' : 'AADSTS700212');
    case 'issuer-not-accepted':
      return entraIssuer(stringClaim(claims, 'iss') ?? '')?.version === '1.0' ? likely('AADSTS700227') : undefined;
    case 'token-kind-not-accepted':
      if (kind === 'aks-identity-binding-token') return documented('AADSTS700212');
      if (!ofEntra(claims) || kind === 'entra-id-token') return undefined;
      if (accessOf(claims).kind === 'delegated') return documented('AADSTS700229');
      return (audiences(claims) ?? []).length > 0 ? likely('AADSTS700226') : undefined;
    default:
      return undefined;
  }
}

/** What a receiver answers that does not find the key; undefined where no source tells. */
export function predictedKeyError(product: ReceiverProduct, rootCause: string): PredictedError | undefined {
  // Of a token that cannot be read, receivers speak otherwise.
  if (rootCause === 'token-too-large' || rootCause === 'token-malformed') return undefined;
  switch (product) {
    case 'servicenow-oidc':
      return byTarget['servicenow-oidc'](rootCause, { rootCause, kind: undefined, claims: {} });
    case 'servicenow-mcp':
      // As its users quote it; it is about looking the key up, and about nothing else.
      return LOOKED_UP_IN_VAIN.includes(rootCause) ? likely('Key ID not found in JWKS') : undefined;
    case 'token-exchange':
      if (rootCause === 'issuer-keys-unreadable') return likely('AADSTS50166');
      return LOOKED_UP_IN_VAIN.includes(rootCause) ? likely('AADSTS7000272') : undefined;
    case 'servicenow-jwt-bearer':
    case 'other':
      return undefined;
  }
}

const LOOKED_UP_IN_VAIN = [
  'token-of-another-issuer',
  'receiver-points-elsewhere',
  'application-signs-with-own-key',
  'kid-misspelt',
  'key-retired',
  'kid-not-published',
  'receiver-key-named-otherwise',
  'receiver-keys-stale',
];

const ofEntra = (claims: JsonObject): boolean => entraIssuer(stringClaim(claims, 'iss') ?? '') !== undefined;
