import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exampleAnswers } from '../local/examples.ts';
import { installLoopbackGuard } from '../local/loopback-guard.ts';
import { ownServer } from '../local/own-server.ts';
import { targetTable } from '../local/target-table.ts';
import { azureReads } from '../src/contract/azure-reads.ts';
import { openapiDocument } from '../src/functions/openapi-document.ts';
import { routes } from '../src/routes.ts';
import { settingNames } from '../src/settings.ts';
import { buildBundle } from './build.ts';
import { checksPage } from './checks-page.ts';
import { logsPage } from './logs-page.ts';
import { targetsPage } from './targets-page.ts';

/**
 * `npm run docs` writes what is generated: the catalogue, who takes which kind of token, what is logged, the answers to the examples,
 * the OpenAPI document with them, and the actions of the role that `infra/` grants;
 * `--check` compares instead and says what is old.
 */
const check = process.argv.includes('--check');
/** Empty counts as not set: the examples show defaults, whatever this process was given. */
const NO_SETTINGS = Object.fromEntries(settingNames.map((name) => [name, '']));
installLoopbackGuard();

const { answers, table } = await askSandbox();
const pages: Readonly<Record<string, string>> = {
  'docs/checks.md': checksPage(),
  'docs/targets.md': targetsPage(table),
  'docs/logs.md': logsPage(),
  'docs/openapi.json': json(await openapiDocument(routes, answers)),
  'src/functions/example-answers.json': json(answers),
  'infra/reads.json': json(
    Object.values(azureReads).flatMap(({ of, permission }) => (of === 'arm' ? [permission] : [])),
  ),
};
const old = Object.entries(pages).filter(([file, text]) => read(file) !== text);
if (!check) {
  for (const [file, text] of old) writeFileSync(file, text);
} else if (old.length > 0) {
  console.error(`${old.map(([file]) => file).join(', ')} is not what the code says. Run \`npm run docs\`.`);
}
process.exitCode = check && old.length > 0 ? 1 : 0;

/** The examples and the table of targets as a fresh build answers them, served from a folder of its own so that nobody's dist/ is touched. */
async function askSandbox() {
  const folder = mkdtempSync(join(tmpdir(), 'token-doctor-docs-'));
  try {
    await buildBundle(join(folder, 'dist'), fileURLToPath(new URL('..', import.meta.url)));
    const { base, stop } = await ownServer(['--no-build'], { cwd: folder, env: NO_SETTINGS });
    try {
      return { answers: await exampleAnswers(base, routes), table: await targetTable(base) };
    } finally {
      stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
