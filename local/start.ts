import { parseArgs } from 'node:util';
import { buildBundle } from '../scripts/build.ts';
import { startFunctionsHost } from './functions-host.ts';
import { routePrefix } from './host-json.ts';
import { installLoopbackGuard } from './loopback-guard.ts';
import { guidOf } from './sandbox/azure-world.ts';
import { SANDBOX_HEADERS, startSandbox } from './sandbox/sandbox.ts';
import { SANDBOX_POLICIES } from './sandbox/world.ts';
import { loadSettingsFile, SETTINGS_FILE } from './settings-file.ts';
import { signedIn } from './signed-in.ts';

/**
 * `npm start`: builds the entry and serves its registrations on 127.0.0.1, with the sandbox as the far side. `--live` leaves
 * the sandbox out: the real network and the developer's own sign-in. `--function-key KEY` asks for the key as Azure does,
 * `--function-key NAME=KEY` for a key of that function alone, `--no-build` serves dist/ as it is.
 */

const DEFAULT_PORT = 7071;
const HIGHEST_PORT = 65_535;
const say = (line: string) => console.log(line);

const flags = readFlags();
const keys = functionKeys(flags['function-key']);
const port = portOf(process.env.PORT);

const settingsFile = loadSettingsFile();
if (typeof settingsFile === 'object') say(`Warning: ${settingsFile.fault}.`);
if (!flags.live) installLoopbackGuard((what) => say(`Refused, since the sandbox keeps to this machine: ${what}`));
// Without policies of one's own, the sandbox brings one, so that there is something to introspect by.
if (!flags.live) process.env.TOKEN_DOCTOR_POLICIES ||= SANDBOX_POLICIES;
const sandbox = flags.live ? undefined : await startSandbox();

if (!flags['no-build']) await buildBundle();
const host = await startFunctionsHost({
  entry: 'dist/index.js',
  port,
  routePrefix: routePrefix(),
  functionKeys: keys,
  log: say,
  ...(sandbox && { headers: SANDBOX_HEADERS, aside: sandbox.aside }),
}).catch((error: NodeJS.ErrnoException) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') return stop('There is no dist/ to serve: leave --no-build out once.');
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
  const why = error.code === 'EADDRINUSE' ? 'is in use' : 'may not be used by this user';
  return stop(
    `Port ${port} ${why}. Stop what uses it, or choose another: PORT=${port === HIGHEST_PORT ? DEFAULT_PORT : port + 1} npm start`,
  );
});

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    say('Stopping: calls under way are finished first.');
    void Promise.all([host.close(), sandbox?.close()]).then(() => process.exit(0));
  });
}
for (const line of await welcome()) say(line);

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        live: { type: 'boolean', default: false },
        'function-key': { type: 'string', multiple: true, default: [] },
        'no-build': { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    return stop(
      `${error instanceof Error ? error.message.split('\n')[0] : String(error)} There are: --live, --function-key [NAME=]KEY, --no-build.`,
    );
  }
}

/** By name of the function; `*` for all of them. */
function functionKeys(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name = '*', key] = /^(?:(\w+)=)?([\w+/.~-]+=*)$/.exec(text) ?? [];
      // Keys are printed into lines for a shell, so they may only have characters that a shell leaves alone.
      return key === undefined
        ? stop(
            '--function-key must be letters, digits and + / . ~ - _ only, = at the end, with NAME= before it or not.',
          )
        : [name, key];
    }),
  );
}

function stop(line: string): never {
  console.error(line);
  process.exit(1);
}

function portOf(text: string | undefined): number {
  const number = Number(text || DEFAULT_PORT);
  if (Number.isInteger(number) && number >= 0 && number <= HIGHEST_PORT) return number;
  return stop('PORT must be a number from 0 to 65535; 0 takes a free port.');
}

async function welcome(): Promise<string[]> {
  const keyOf = (name: string) => {
    const key = keys[name] ?? keys['*'];
    return key === undefined ? '' : ` -H 'x-functions-key: ${key}'`;
  };
  const analyze = `curl -s ${host.url}/api/tokens/analyze${keyOf('analyzeToken')} -H 'content-type: application/json'`;
  const sandboxToken = (recipe: string) => `'"$(curl -s '${host.url}/sandbox/tokens/${recipe}')"'`;
  // The sandbox's tokens are of the public cloud, whatever the setting says.
  const cloud = process.env.TOKEN_DOCTOR_CLOUD ? '"cloud":"public",' : '';
  const settings = {
    loaded: `${SETTINGS_FILE} (read)`,
    absent: `${SETTINGS_FILE} (none yet: copy local.settings.sample.json)`,
    faulty: `${SETTINGS_FILE} (not used, see above)`,
  }[typeof settingsFile === 'object' ? 'faulty' : settingsFile];
  return [
    '',
    `Token Doctor is ready: ${host.url}`,
    '',
    ...(sandbox
      ? [
          'The far side is a sandbox: invented tenant, cluster and keys; nothing leaves this machine.',
          '',
          'Why does AKS refuse the token that ServiceNow sends?',
          `  ${analyze} -d '{${cloud}"target":"aks-api-server","token":"${sandboxToken('entra-v1?aud=arm')}"}'`,
          'And the token it should send?',
          `  ${analyze} -d '{${cloud}"target":"aks-api-server","token":"${sandboxToken('entra-v1?aud=aks')}"}'`,
          'Why does Entra refuse the token of this pod? (AADSTS700211)',
          `  curl -s ${host.url}/api/federation/verify${keyOf('verifyFederation')} -H 'content-type: application/json' -d '{"workload":{"namespace":"shop","serviceAccount":"checkout"},"cluster":{"name":"aks-shop"},"identity":{"clientId":"${guidOf('client id-no-slash')}"}}'`,
          'Would the policy of the sandbox let this token in? (RFC 7662)',
          `  curl -s ${host.url}/api/introspect${keyOf('introspectToken')} -d "token=$(curl -s '${host.url}/sandbox/tokens/entra-v2')"`,
          'What is checked, in which order?',
          `  curl -s ${host.url}/api/checks${keyOf('listChecks')}`,
          '',
          'All scenarios, expected beside reported: npm run scenarios',
          'The real network and your own sign-in: npm start -- --live',
        ]
      : [
          'Live: issuers are asked over the real network.',
          `Signed in: ${await signedIn()}`,
          '',
          'Why is this token refused? (TOKEN holds it)',
          `  ${analyze} -d '{"target":"aks-api-server","token":"'"$TOKEN"'"}'`,
          'Would Entra exchange the token of this pod? (fill in the $NAMES)',
          `  curl -s ${host.url}/api/federation/verify${keyOf('verifyFederation')} -H 'content-type: application/json' -d '{"workload":{"namespace":"'$NAMESPACE'","serviceAccount":"'$ACCOUNT'"},"cluster":{"name":"'$CLUSTER'"},"identity":{"clientId":"'$CLIENT_ID'"}}'`,
          'Would Azure Resource Manager take the token of your own sign-in?',
          `  ${analyze} -d '{"target":"arm","token":"'"$(az account get-access-token --query accessToken -o tsv)"'"}'`,
          'What is checked, in which order?',
          `  curl -s ${host.url}/api/checks${keyOf('listChecks')}`,
        ]),
    `Settings: ${settings}`,
    'Stop: Ctrl+C',
  ];
}
