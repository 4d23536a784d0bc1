import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryFolder } from '../local/child.ts';

/**
 * In place of the Azure CLI: `script` gets the arguments as `args` and answers on stdout as `az` does. `asked` tells the arguments
 * of each call so far; `env` has it found first.
 */
export function fakeAz(script: string): { env: NodeJS.ProcessEnv; asked(): string[][] } {
  const folder = temporaryFolder();
  const asked = join(folder, 'asked');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(asked, '');
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
  const head = `#!${process.execPath}\nconst args = process.argv.slice(2);\n`;
  const note = `require('node:fs').appendFileSync(${JSON.stringify(asked)}, JSON.stringify(args) + '\\n');\n`;
  writeFileSync(join(bin, 'az'), `${head}${note}${script}`, { mode: 0o755 });
  return {
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    asked: () =>
      readFileSync(asked, 'utf8')
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [JSON.parse(line)])),
  };
}
