import { startFunctionsHost } from '../local/functions-host.ts';
import { routePrefix } from '../local/host-json.ts';
import { installLoopbackGuard, refusals } from '../local/loopback-guard.ts';
import { startSandbox } from '../local/sandbox/sandbox.ts';

/** Starts the built entry on the Node this runs on and asks it once: CI does so on the oldest supported version. */
installLoopbackGuard();
const sandbox = await startSandbox();
const host = await startFunctionsHost({
  entry: 'dist/index.js',
  port: 0,
  routePrefix: routePrefix(),
  log: console.error,
  aside: sandbox.aside,
});
const token = await (await fetch(`${host.url}/sandbox/tokens/entra-v1?aud=aks`)).text();
const response = await fetch(`${host.url}/api/tokens/analyze`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ target: 'aks-api-server', token }),
});
const report = (await response.json()) as { verdict?: unknown };
await Promise.all([host.close(), sandbox.close()]);
console.log(
  `Node ${process.versions.node}: the built entry answered ${response.status}, verdict ${String(report.verdict)}`,
);
for (const what of refusals()) console.error(`Refused: it tried to leave this machine, ${what}`);
process.exit(response.status === 200 && report.verdict === 'pass' && refusals().length === 0 ? 0 : 1);
