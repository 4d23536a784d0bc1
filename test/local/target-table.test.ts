import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cell, TABLE_KINDS, TABLE_TARGETS, targetTable } from '../../local/target-table.ts';
import { TargetName } from '../../src/contract/target.ts';
import { TOKEN_KINDS } from '../../src/contract/token-kind.ts';
import { type StartedServer, startServer } from './server.ts';

/**
 * Which target takes which kind, as it is known: y takes it, n refuses it, ? depends. Columns: AKS, ARM, Graph, Key Vault,
 * Storage, SQL, Azure DevOps, Container Registry, token exchange, ServiceNow OIDC and JWT bearer, MCP, policy.
 */
const EXPECTED: Readonly<Record<string, string>> = {
  'Entra v1 access token, app-only': 'yyyyyyyy n ?n y y',
  'Entra v1 access token, delegated': 'yyyyyyyy n yn y y',
  'Entra v2 access token, app-only': 'nn?????? n ?n y y',
  'Entra v2 access token, delegated': 'nn?????? n yn y y',
  'Managed identity’s access token': 'yyyyyyyy y ?n y y',
  'Microsoft Graph token (header `nonce`)': 'nn?nnnnn n nn n n',
  'Personal account’s access token': 'nn?????? n yn y n',
  'Access token bound to a key (`cnf`)': 'nnnnnnnn n nn n n',
  'Entra ID token': 'nnnnnnnn n yn n n',
  'Proof-of-possession envelope': 'nnnnnnnn n nn n n',
  'Pod’s projected token': 'nnnnnnnn y nn n n',
  'Token of a service account’s secret': '?nnnnnnn n nn n n',
  'AKS identity binding token': 'nnnnnnnn n nn n n',
  'GitHub Actions token': 'nnnnnnnn y nn n n',
  'Azure DevOps pipeline token': 'nnnnnnnn y nn n n',
  'GitLab CI token': 'nnnnnnnn y nn n n',
  'Azure AD B2C token': '?nnnnnnn ? ?n ? n',
  'Entra External ID token': '?nnnnnnn ? ?n ? n',
  'ServiceNow’s own token': '?nnnnnnn ? ?n ? n',
  'JWT that a client signed itself': '?nnnnnnn n n? ? n',
};
const LETTERS = { pass: 'y', fail: 'n', inconclusive: '?' } as const;

let server: StartedServer;
let rows: Record<string, Cell>[];
beforeAll(async () => {
  server = await startServer();
  rows = await targetTable(server.url);
});
afterAll(async () => {
  await server.stop();
});

describe('the table of kinds and targets', () => {
  it('has every kind and every target', () => {
    expect(new Set(TABLE_KINDS.map(({ kind }) => kind))).toEqual(new Set(TOKEN_KINDS));
    expect(TABLE_TARGETS).toEqual([...TargetName.options, 'policy']);
    expect(TABLE_KINDS.map(({ title }) => title)).toEqual(Object.keys(EXPECTED));
  });

  it.each(TABLE_KINDS.map(({ title }, row) => [title, row] as const))('%s', (title, row) => {
    const seen = TABLE_TARGETS.map((target) => LETTERS[rows[row]![target]!.verdict]).join('');
    expect(seen).toBe(EXPECTED[title]!.replaceAll(' ', ''));
  });

  it('names a check for every refusal and for whatever it leaves open', () => {
    for (const cell of rows.flatMap((row) => Object.values(row)))
      expect(cell.because.length > 0).toBe(cell.verdict !== 'pass');
  });

  it('recognises each of its tokens as the kind it stands for', async () => {
    for (const { kind, recipe } of TABLE_KINDS) {
      const token = await (await fetch(`${server.url}/sandbox/tokens/${recipe('api')}`)).text();
      const response = await fetch(`${server.url}/api/tokens/analyze`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
      expect(await response.json()).toMatchObject({ evidence: { tokenKind: { value: { kind } } } });
    }
  });
});
