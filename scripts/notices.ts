import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const Manifest = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

/**
 * The licence of the project at `root`, then those of the packages in `folders`, with their notices: each text once, after
 * the packages that it is of. Nearly every licence asks that its text goes with the code, and minifying takes it out. A package
 * without a text is told with what its package.json names.
 */
export function noticesOf(folders: readonly string[], root: string): string {
  const packagesByText = new Map<string, Set<string>>();
  for (const folder of folders) {
    const { name, version, license } = Manifest.parse(
      JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
    );
    const texts = textsIn(join(root, folder));
    for (const text of texts.length > 0 ? texts : [`Licence: ${license}. The package holds no text of it.`])
      packagesByText.set(text, (packagesByText.get(text) ?? new Set()).add(`${name} ${version}`));
  }
  const parts = [...packagesByText].map(([text, packages]) => `${[...packages].join('\n')}\n\n${text}`);
  return `${[...textsIn(root), 'It holds code of the packages below.', ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** What a package calls its licence, and what the Apache License (§4(d)) wants kept beside it. */
const TEXT = /^(?:(?:un)?licen[cs]e|copying|notice)/i;
const textsIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isFile() && TEXT.test(entry.name) ? entry.name : []))
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
