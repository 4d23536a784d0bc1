import { generateKeyPairSync } from 'node:crypto';
import { parseArgs } from 'node:util';
import { installLoopbackGuard } from '../../local/loopback-guard.ts';
import { NAMES, type Name, offerIssuers, verifier } from './contenders.ts';
import { startKeyServer } from './key-server.ts';
import { makeKey } from './tokens.ts';

/**
 * One contender in a process of its own, since memory is told of processes: `--probe large` verifies a token while the key document
 * has 64 MB, `--probe issuers` offers 10 000 issuers. Prints what became of it, and megabytes, as JSON.
 */

const LARGE_BYTES = 64 * 1024 * 1024;
const ISSUERS = 10_000;
const MB = 1024 * 1024;

installLoopbackGuard();
const { values } = parseArgs({ options: { probe: { type: 'string' }, contender: { type: 'string' } } });
const name = NAMES.find((candidate) => candidate === values.contender);
if (name === undefined) throw new Error('--contender is missing.');
console.log(JSON.stringify(await (values.probe === 'large' ? large(name) : issuers(name))));
process.exit(0);

/** The highest that the process grew to while the document was read. */
async function large(contender: Name): Promise<object> {
  const server = await startKeyServer();
  const key = await makeKey('a');
  server.keys = [key.jwk];
  // What is loaded at the first use is no part of it.
  await verifier(contender)(key.token);
  server.padBytes = LARGE_BYTES;
  const before = collected().rss;
  let highest = before;
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 2);
  const { outcome } = await verifier(contender)(key.token);
  clearInterval(watch);
  return { outcome, megabytes: Math.round((Math.max(highest, process.memoryUsage.rss()) - before) / MB) };
}

/** What stays when garbage is gone. */
async function issuers(contender: Name): Promise<object> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keySet = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig', alg: 'RS256' }] };
  await offerIssuers(contender, 10, keySet);
  const before = collected().heapUsed;
  const kept = await offerIssuers(contender, ISSUERS, keySet);
  const megabytes = (collected().heapUsed - before) / MB;
  return { outcome: kept === undefined ? 'none' : 'kept', megabytes: Math.round(megabytes * 10) / 10 };
}

function collected(): NodeJS.MemoryUsage {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage();
}
