import type { DecodedToken } from './evidence.ts';

/** What one member of a token means. */
export interface ClaimMeaning {
  part: 'header' | 'payload';
  name: string;
  meaning: string;
  unit?: string;
  /** The document that says so. */
  source: string;
  /** Of times: the same in RFC 3339. */
  at?: string;
}

const JWT = 'RFC 7519 §4.1';
const JWS = 'RFC 7515 §4.1';
const OIDC = 'OpenID Connect Core 1.0 §2';
const ACCESS = 'entra-docs, access-token-claims-reference.md';
const ID = 'entra-docs, id-token-claims-reference.md';
const OPTIONAL = 'entra-docs, optional-claims-reference.md';
const KUBERNETES = 'kubernetes/website, service-accounts-admin.md';
const GITHUB = 'docs.github.com, OpenID Connect reference';
const GITLAB = 'docs.gitlab.com, OpenID Connect in CI/CD';
const DEVOPS = 'azure-devops-docs, workload identity service connections';
const B2C = 'Azure AD B2C, tokens overview';
const POP = 'Azure/kubelogin, pkg/internal/pop';
const TIME = 'seconds since 1970';

type Meaning = readonly [meaning: string, source: string, unit?: string];

const HEADER: Readonly<Record<string, Meaning>> = {
  alg: ['Algorithm of the signature', JWS],
  kid: ['Which key of the issuer signed', JWS],
  typ: ['Type of the token; Entra and Kubernetes write JWT or nothing', JWS],
  x5t: ['Thumbprint of the certificate of the key; Entra: the same as `kid`', JWS],
  'x5t#S256': ['SHA-256 thumbprint of the certificate of the key', JWS],
  nonce: ['Entra signed a changed header: only Microsoft verifies this token', 'entra-docs, access-tokens.md'],
  crit: ['Extensions the receiver must understand or refuse the token', JWS],
  jku: ['Address of keys, chosen by whoever wrote the token; never to be followed', JWS],
  jwk: ['A key, chosen by whoever wrote the token; never to be trusted', JWS],
  x5u: ['Address of a certificate, chosen by whoever wrote the token; never to be followed', JWS],
  x5c: ['Certificates, chosen by whoever wrote the token; never to be trusted by themselves', JWS],
  cty: ['Type of the content; JWT means a token inside a token', JWS],
  b64: ['Whether the payload is base64url', 'RFC 7797 §3'],
  zip: ['Compression, which signed tokens do not have', 'RFC 7516 §4.1.3'],
};

const PAYLOAD: Readonly<Record<string, Meaning>> = {
  iss: ['Issuer: who signed, compared letter for letter', JWT],
  sub: ['Subject: whom the token is about; of Entra users another one at each application', JWT],
  aud: ['Audience: for whom the token was issued', JWT],
  exp: ['Expires', JWT, TIME],
  nbf: ['Not valid before', JWT, TIME],
  iat: ['Issued at', JWT, TIME],
  jti: ['Id of the token', JWT],
  acr: ['How strongly the user signed in; in B2C the policy', ACCESS],
  acrs: ['Authentication contexts fulfilled', ACCESS],
  aio: ['For Entra’s own use', ACCESS],
  altsecid: ['Id of a user of another identity provider', ACCESS],
  amr: ['How the user signed in', ACCESS],
  appid: ['Client: the application that asked for the token (v1)', ACCESS],
  appidacr: ['How the client authenticated: 0 not at all, 1 secret, 2 certificate or assertion (v1)', ACCESS],
  azp: ['Client: the application that asked for the token (v2)', ACCESS],
  azpacr: ['How the client authenticated: 0 not at all, 1 secret, 2 certificate or assertion (v2)', ACCESS],
  at_hash: ['Hash of the access token issued along with this ID token', OIDC],
  auth_time: ['When the user signed in', OPTIONAL, TIME],
  c_hash: ['Hash of the authorization code issued along with this ID token', OIDC],
  cnf: ['Key the token is bound to: its bearer must prove to have it', 'RFC 7800 §3.1'],
  email: ['Mail address; can be changed, so it must not decide', OPTIONAL],
  events: ['What happened: the token reports, it does not open anything', 'RFC 8417 §2.2'],
  family_name: ['Last name', OPTIONAL],
  given_name: ['First name', OPTIONAL],
  groups: ['Ids of the groups the caller is in', ACCESS],
  hasgroups: ['The caller is in more groups than fit into the token', ACCESS],
  _claim_names: ['Claims that did not fit into the token', ACCESS],
  _claim_sources: ['Where such claims can be read; to be ignored in favour of Microsoft Graph', ACCESS],
  idp: ['Identity provider of the user; differs from the issuer for guests', ACCESS],
  idtyp: ['Whose token it is: app or user', OPTIONAL],
  ipaddr: ['Network address of the user at sign-in', OPTIONAL],
  login_hint: ['Hint for the next sign-in', OPTIONAL],
  name: ['Name to show; can be changed, so it must not decide', ACCESS],
  nonce: ['Ties an ID token to the sign-in that asked for it', ID],
  oid: ['Object id of the user or service principal in the tenant', ACCESS],
  onprem_sid: ['Security identifier on premises', OPTIONAL],
  preferred_username: ['User name to show; can be changed, so it must not decide', ACCESS],
  puid: ['Id of the user inside Microsoft', ACCESS],
  rh: ['For Entra’s own use', ACCESS],
  roles: ['Application roles granted to the caller', ACCESS],
  scp: ['Scopes the user delegated to the client, with spaces between', ACCESS],
  scope: ['Scopes granted, with spaces between', 'RFC 9068 §2.2.3'],
  client_id: ['Client: the application that asked for the token', 'RFC 9068 §2.2'],
  sid: ['Id of the session', OPTIONAL],
  tenant_region_scope: ['Region of the tenant', OPTIONAL],
  tid: ['Tenant that issued the token', ACCESS],
  unique_name: ['User name to show; can be changed, so it must not decide', ACCESS],
  upn: ['User principal name; can be changed, so it must not decide (AKS uses it as user name)', OPTIONAL],
  uti: ['Id of the token, as sign-in logs name it', ACCESS],
  ver: ['Version of the token', ACCESS],
  wids: ['Directory roles of the caller', ACCESS],
  xms_cc: ['What the client can do; cp1: answer claims challenges, so the token lives up to 28 hours', ACCESS],
  xms_mirid: ['Azure resource the managed identity belongs to', 'seen in public tokens and activity logs'],
  xms_tcdt: ['When the tenant was made', 'seen in public tokens', TIME],
  'kubernetes.io': ['Namespace, service account, pod and node the token was projected for', KUBERNETES],
  'kubernetes.io/serviceaccount/namespace': ['Namespace of the service account', KUBERNETES],
  'kubernetes.io/serviceaccount/secret.name': ['Secret the token stands in', KUBERNETES],
  'kubernetes.io/serviceaccount/service-account.name': ['Name of the service account', KUBERNETES],
  'kubernetes.io/serviceaccount/service-account.uid': ['Id of the service account', KUBERNETES],
  actor: ['Who started the workflow', GITHUB],
  environment: ['Environment the job deploys to', GITHUB],
  event_name: ['What started the workflow', GITHUB],
  job_workflow_ref: ['Reusable workflow that runs', GITHUB],
  ref: ['Branch or tag that runs', GITHUB],
  ref_type: ['Whether `ref` is a branch or a tag', GITHUB],
  repository: ['Repository that runs', GITHUB],
  repository_id: ['Id of the repository, which survives renaming', GITHUB],
  repository_owner: ['Owner of the repository', GITHUB],
  repository_owner_id: ['Id of the owner, which survives renaming', GITHUB],
  run_id: ['Run of the workflow', GITHUB],
  workflow: ['Name of the workflow', GITHUB],
  workflow_ref: ['Workflow that runs', GITHUB],
  namespace_path: ['Group or user the project belongs to', GITLAB],
  project_path: ['Project that runs', GITLAB],
  pipeline_source: ['What started the pipeline', GITLAB],
  ref_protected: ['Whether the branch or tag is protected', GITLAB],
  user_login: ['Who started the job', GITLAB],
  org_id: ['Id of the organization', DEVOPS],
  prj_id: ['Id of the project', DEVOPS],
  tfp: ['Policy the user signed in with', B2C],
  at: ['The access token inside the envelope', POP],
  ts: ['When the envelope was made', POP, TIME],
  u: ['The cluster or host the envelope is for', POP],
};

/** Notes on every member of a token that is known here, in the order of the token. */
export const annotate = ({ header, claims }: DecodedToken): ClaimMeaning[] => [
  ...notes('header', header, HEADER),
  ...notes('payload', claims, PAYLOAD),
];

const notes = (part: ClaimMeaning['part'], members: object, meanings: Readonly<Record<string, Meaning>>) =>
  Object.entries(members).flatMap(([name, value]): ClaimMeaning[] => {
    const [meaning, source, unit] = (Object.hasOwn(meanings, name) && meanings[name]) || [];
    if (meaning === undefined || source === undefined) return [];
    const known = { part, name, meaning, source };
    if (unit !== TIME) return [unit === undefined ? known : { ...known, unit }];
    const date = typeof value === 'number' ? new Date(value * 1000) : undefined;
    return [{ ...known, unit, ...(date && !Number.isNaN(date.getTime()) && { at: date.toISOString() }) }];
  });
