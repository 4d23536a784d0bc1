import { spawn } from 'node:child_process';
import { buildBundle } from './build.ts';

/** `npm run start:func`: the same entry under Azure Functions Core Tools, where the user has them. */
await buildBundle();
const child = spawn('func', ['start', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
child.on('error', () => {
  console.error(
    'Azure Functions Core Tools (func) are not on the PATH: https://learn.microsoft.com/azure/azure-functions/functions-run-local. `npm start` needs none.',
  );
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));
