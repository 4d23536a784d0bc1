import { Report, type Verdict } from '../src/contract/report.ts';
import type { TargetName } from '../src/contract/target.ts';
import type { TokenKindName } from '../src/contract/token-kind.ts';
import { API_ID } from './sandbox/world.ts';

/**
 * Every kind of token at every target: a token with nothing wrong in it but that it is of this kind. Where Entra issues such
 * tokens for any resource, it is issued for the target.
 */
export interface Kind {
  kind: TokenKindName;
  title: string;
  recipe: (audience: string) => string;
}

const KINDS: readonly Kind[] = [
  { kind: 'entra-access-token', title: 'Entra v1 access token, app-only', recipe: (aud) => `entra-v1?aud=${aud}` },
  {
    kind: 'entra-access-token',
    title: 'Entra v1 access token, delegated',
    recipe: (aud) => `entra-v1-user?aud=${aud}`,
  },
  { kind: 'entra-access-token', title: 'Entra v2 access token, app-only', recipe: (aud) => `entra-v2?aud=${aud}` },
  {
    kind: 'entra-access-token',
    title: 'Entra v2 access token, delegated',
    recipe: (aud) => `entra-v2-user?aud=${aud}`,
  },
  {
    kind: 'managed-identity-token',
    title: 'Managed identity’s access token',
    recipe: (aud) => (aud === 'exchange' ? 'managed-identity-exchange' : `managed-identity?aud=${aud}`),
  },
  { kind: 'graph-access-token', title: 'Microsoft Graph token (header `nonce`)', recipe: () => 'graph' },
  { kind: 'personal-account-token', title: 'Personal account’s access token', recipe: (aud) => `personal?aud=${aud}` },
  { kind: 'pop-bound-token', title: 'Access token bound to a key (`cnf`)', recipe: (aud) => `pop-bound?aud=${aud}` },
  { kind: 'entra-id-token', title: 'Entra ID token', recipe: (aud) => `entra-id?aud=${aud}` },
  { kind: 'proof-of-possession-envelope', title: 'Proof-of-possession envelope', recipe: () => 'pop' },
  { kind: 'kubernetes-service-account-token', title: 'Pod’s projected token', recipe: () => 'service-account' },
  {
    kind: 'kubernetes-legacy-token',
    title: 'Token of a service account’s secret',
    recipe: () => 'service-account-legacy',
  },
  { kind: 'aks-identity-binding-token', title: 'AKS identity binding token', recipe: () => 'identity-binding' },
  { kind: 'github-actions-token', title: 'GitHub Actions token', recipe: () => 'github-actions' },
  { kind: 'azure-devops-token', title: 'Azure DevOps pipeline token', recipe: () => 'azure-devops' },
  { kind: 'gitlab-token', title: 'GitLab CI token', recipe: () => 'gitlab' },
  { kind: 'b2c-token', title: 'Azure AD B2C token', recipe: () => 'b2c' },
  { kind: 'ciam-token', title: 'Entra External ID token', recipe: () => 'ciam' },
  { kind: 'servicenow-token', title: 'ServiceNow’s own token', recipe: () => 'servicenow' },
  { kind: 'unknown', title: 'JWT that a client signed itself', recipe: () => 'self-signed' },
];

/** What an MCP server and ServiceNow's registration are called in the table. */
const MCP_RESOURCE = 'https://other.sandbox.invalid/mcp';
const SELF_SIGNED_CLIENT = '0123456789abcdef0123456789abcdef';

/** Audience to issue for, and what to send beside the token. */
const COLUMNS: Readonly<Record<TargetName | 'policy', { audience: string; body: object }>> = {
  'aks-api-server': { audience: 'aks', body: { target: 'aks-api-server' } },
  arm: { audience: 'arm', body: { target: 'arm' } },
  graph: { audience: 'graph', body: { target: 'graph' } },
  'key-vault': { audience: 'key-vault', body: { target: 'key-vault' } },
  storage: { audience: 'storage', body: { target: 'storage' } },
  sql: { audience: 'sql', body: { target: 'sql' } },
  'azure-devops': { audience: 'azure-devops', body: { target: 'azure-devops' } },
  'container-registry': { audience: 'container-registry', body: { target: 'container-registry' } },
  'token-exchange': { audience: 'exchange', body: { target: 'token-exchange' } },
  'servicenow-oidc': { audience: 'api', body: { target: 'servicenow-oidc', resource: API_ID } },
  'servicenow-jwt-bearer': {
    audience: SELF_SIGNED_CLIENT,
    body: { target: 'servicenow-jwt-bearer', resource: SELF_SIGNED_CLIENT },
  },
  mcp: { audience: MCP_RESOURCE, body: { target: 'mcp', resource: MCP_RESOURCE } },
  policy: { audience: 'api', body: { target: { policy: 'default' } } },
};

export const TABLE_TARGETS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
export const TABLE_KINDS = KINDS;

export interface Cell {
  verdict: Verdict;
  /** Checks that refuse, or that keep the verdict open; the first of a refusal is its root cause. */
  because: string[];
  code?: string;
}

/** Asks the server at `base`, which has a sandbox, about every kind at every target. */
export async function targetTable(base: string): Promise<Record<string, Cell>[]> {
  return await Promise.all(
    KINDS.map(async ({ recipe }) => {
      const cells: Record<string, Cell> = {};
      for (const target of TABLE_TARGETS) {
        const { audience, body } = COLUMNS[target];
        const minted = await fetch(`${base}/sandbox/tokens/${recipe(audience)}`);
        cells[target] = await cellOf(base, { ...body, token: await minted.text() });
      }
      return cells;
    }),
  );
}

async function cellOf(base: string, body: object): Promise<Cell> {
  const response = await fetch(`${base}/api/tokens/analyze`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { verdict, rootCause, findings, predictedError } = Report.parse(await response.json());
  const open = findings.filter(({ deciding, outcome }) => deciding && outcome === 'unknown').map(({ id }) => id);
  return {
    verdict,
    because: rootCause === null ? (verdict === 'inconclusive' ? open : []) : [rootCause],
    ...(predictedError && { code: predictedError.code }),
  };
}
