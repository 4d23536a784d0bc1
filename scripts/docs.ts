import { readFileSync, writeFileSync } from 'node:fs';
import { checksPage } from './checks-page.ts';

/** `npm run docs` writes what is generated under docs/; `--check` compares instead and says what is old. */

const pages: Readonly<Record<string, string>> = { 'docs/checks.md': checksPage() };

const check = process.argv.includes('--check');
const old = Object.entries(pages).filter(([file, text]) => read(file) !== text);
if (!check) {
  for (const [file, text] of old) writeFileSync(file, text);
} else if (old.length > 0) {
  console.error(`${old.map(([file]) => file).join(', ')} is not what the code says. Run \`npm run docs\`.`);
  process.exit(1);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
