import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin, registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import * as z from 'zod';
import { ANSWERS, type Answered } from '../local/functions-app.ts';
import { startFunctionsHost } from '../local/functions-host.ts';
import { routePrefix } from '../local/host-json.ts';
import { installLoopbackGuard, refusals } from '../local/loopback-guard.ts';
import { startSandbox } from '../local/sandbox/sandbox.ts';
import { SANDBOX_POLICIES } from '../local/sandbox/world.ts';
import { runScenarios } from '../local/scenarios.ts';

/**
 * `scripts/smoke.ts FILE.zip`: unpacks a package into an empty folder, serves it on the Node this runs on and asks every route,
 * every story of the sandbox among it. It may take from nowhere but itself, Node and what the Functions worker supplies. CI
 * does so on the oldest supported Node.
 */

const [zip] = process.argv.slice(2);
if (zip === undefined) {
  console.error('Which package? node scripts/smoke.ts package/FILE.zip');
  process.exit(1);
}
installLoopbackGuard();
process.env.TOKEN_DOCTOR_POLICIES = SANDBOX_POLICIES;
// There are more stories than one caller may tell in a minute.
process.env.TOKEN_DOCTOR_RATE_LIMIT = '0';

const faults: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'token-doctor-smoke-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
const files = Object.entries(unzipSync(readFileSync(zip))).map(([path, bytes]) => {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return pathToFileURL(file).href;
});
const { main } = z.object({ main: z.string() }).parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
registerHooks({
  resolve(specifier, context, next) {
    const own = specifier.startsWith('./') || isBuiltin(specifier);
    if (!own && files.includes(context.parentURL ?? '')) faults.push(`it takes ${specifier} from elsewhere`);
    return next(specifier, context);
  },
});

const answered = new Set<string>();
subscribe(ANSWERS, (message) => {
  const { name, answer } = message as Answered;
  if (answer.status === 200) answered.add(name);
});

const sandbox = await startSandbox();
const host = await startFunctionsHost({
  entry: join(folder, main),
  port: 0,
  routePrefix: routePrefix(join(folder, 'host.json')),
  log: () => {},
  aside: sandbox.aside,
});
try {
  for (const file of files.filter((name) => name.endsWith('.js')))
    await import(file).catch((error: unknown) => faults.push(String(error)));

  const stories = await runScenarios(host.url);
  for (const { name, expected, reported, agrees } of stories)
    if (!agrees) faults.push(`${name}: expected ${expected}, reported ${reported}`);
  for (const accept of ['text/markdown', 'text/plain', 'application/junit+xml']) {
    const response = await fetch(`${host.url}/api/tokens/analyze`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ token: await (await fetch(`${host.url}/sandbox/tokens/entra-v2`)).text() }),
    });
    if (response.status !== 200 || !response.headers.get('content-type')?.startsWith(accept))
      faults.push(`analysis as ${accept} is answered ${response.status}`);
  }
  for (const { name, route } of host.functions) if (!answered.has(name)) await fetch(`${host.url}/${route}`);
  for (const { name } of host.functions) if (!answered.has(name)) faults.push(`${name} does not answer`);
  faults.push(...refusals().map((what) => `it tried to leave this machine, ${what}`));
  console.log(
    `Node ${process.versions.node}: ${host.functions.length} routes and ${stories.length} stories, served from the package`,
  );
} finally {
  await Promise.all([host.close(), sandbox.close()]);
}
for (const fault of faults) console.error(`Fault: ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
