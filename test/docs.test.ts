import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksPage } from '../scripts/checks-page.ts';
import { logsPage } from '../scripts/logs-page.ts';
import { azureReads } from '../src/contract/azure-reads.ts';
import { Report } from '../src/contract/report.ts';
import { routes } from '../src/routes.ts';
import { readSettings, settingNames } from '../src/settings.ts';
import { type StartedServer, startServer } from './local/server.ts';
import { TENANT } from './tokens.ts';

const readme = readFileSync('README.md', 'utf8');
let server: StartedServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

describe('documents', () => {
  it('docs/checks.md is what the code would print', () => {
    expect(readFileSync('docs/checks.md', 'utf8')).toBe(checksPage());
  });

  it('docs/logs.md is what schemas and queries would print', () => {
    expect(readFileSync('docs/logs.md', 'utf8')).toBe(logsPage());
  });

  it('README shows the answer the API gives', async () => {
    const token = await (await fetch(`${server.url}/sandbox/tokens/entra-v1?aud=arm`)).text();
    const response = await fetch(`${server.url}/api/tokens/analyze`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target: 'aks-api-server', token }),
    });
    const { verdict, rootCause, summary, findings } = Report.parse(await response.json());
    expect(readme).toContain(`> **${verdict}**, \`${rootCause}\`: ${summary}\n`);
    const remediations = findings.flatMap(({ remediation }) => remediation ?? []);
    expect(remediations).toHaveLength(1);
    for (const { text, commands = [] } of remediations) {
      expect(readme).toContain(`> ${text.split('\n')[1]}\n`);
      expect(readme).toContain(`\`\`\`sh\n${commands.join('\n')}\n\`\`\`\n`);
    }
  });

  it('README names every route of the entry with a curl line, and every setting', () => {
    for (const { path } of routes) expect(readme).toContain(`curl -s http://127.0.0.1:7071/${path}`);
    for (const name of settingNames) expect(readme).toContain(`| \`${name}\` |`);
  });

  it('README tells exactly the permissions that are used', () => {
    const rows = Object.values(azureReads).map(({ permission, purpose }) => `| \`${permission}\` | ${purpose} |`);
    expect(readme).toContain(`| Permission | What for |\n| --- | --- |\n${rows.join('\n')}\n\n`);
  });

  it('README shows a policy that is one, and tells every member', () => {
    const [, example = ''] = /```json\n(\{ "default"[\s\S]*?)```/.exec(readme) ?? [];
    const TOKEN_DOCTOR_POLICIES = example.replaceAll(/<(?:tenant|application) id>/g, TENANT);
    const { settings, faults } = readSettings({ TOKEN_DOCTOR_POLICIES });
    expect(faults).toEqual([]);
    const { name: _name, hash: _hash, ...members } = settings.policies.get('default')!;
    const table = readme.slice(readme.indexOf('| Member |'), readme.indexOf('Every restriction'));
    for (const member of [...Object.keys(members), 'resource', 'paths']) expect(table).toContain(`\`${member}\``);
  });

  it('links lead to files that are there', () => {
    for (const file of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
      const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
      expect(links.filter((path) => !existsSync(path))).toEqual([]);
    }
  });

  it('npm scripts that documents name are there', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const file of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/operate.md']) {
      const named = [...readFileSync(file, 'utf8').matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!);
      expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
    }
  });
});
