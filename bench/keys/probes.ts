import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { SnapshotStore } from '../../src/verify/snapshot-store.ts';
import { advance, stopwatch } from './clock.ts';
import { type Name, type Outcome, type Verify, verifier } from './contenders.ts';
import type { KeyServer } from './key-server.ts';
import { type Key, makeKey } from './tokens.ts';

/** A key set is older than anybody keeps it fresh by default, and younger than ours may decide by. */
const LATER_SECONDS = 15 * 60;
/** An answer within this did not wait for an allowance. */
const AT_ONCE_MS = 1_000;
/** One upstream answer may take 3 s; nobody waits longer for one that does not come. */
const DEADLINE_MS = 3_500;
const FLOOD = 1_000;
const FLOOD_AT_ONCE = 20;

export interface Cell {
  text: string;
  /** Whether it is what is asked of ours. */
  met: boolean;
}

export interface Probe {
  id: string;
  title: string;
  /** What ours must show. */
  asked: string;
  run(name: Name, world: World): Promise<Cell>;
}

export interface World {
  server: KeyServer;
  /** Published at first. */
  old: Key;
  /** Published later. */
  rotated: Key;
  /** By a stranger’s key, each under a name of its own. */
  flood: readonly string[];
}

export async function makeWorld(server: KeyServer): Promise<World> {
  const [old, rotated, stranger] = await Promise.all([makeKey('old'), makeKey('rotated'), makeKey('stranger')]);
  const flood = await Promise.all(Array.from({ length: FLOOD }, (_, index) => stranger.tokenAs(`unknown-${index}`)));
  return { server, old, rotated, flood };
}

/** The issuer as it was, before each run of a probe. */
function reset({ server, old }: World): void {
  Object.assign(server, { keys: [old.jwk], status: 200, silent: false, padBytes: 0, fetches: 0 });
}

const count = (outcomes: readonly Outcome[], wanted: Outcome['outcome']) =>
  outcomes.filter(({ outcome }) => outcome === wanted).length;
const times = (fetches: number) => `${fetches} ${fetches === 1 ? 'fetch' : 'fetches'}`;

/** One that has fetched the keys. */
async function warm(name: Name, world: World): Promise<Verify> {
  const verify = verifier(name);
  await verify(world.old.token);
  world.server.fetches = 0;
  return verify;
}

/** The longest that one of them waited, in milliseconds. */
async function flood(verify: Verify, tokens: readonly string[]): Promise<number> {
  let longest = 0;
  for (let from = 0; from < tokens.length; from += FLOOD_AT_ONCE) {
    const batch = tokens.slice(from, from + FLOOD_AT_ONCE).map(async (token) => {
      const elapsed = stopwatch();
      await verify(token);
      longest = Math.max(longest, elapsed());
    });
    await Promise.all(batch);
  }
  return longest;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const isOurs = (name: Name) => name === 'Token Doctor';

export const probes: readonly Probe[] = [
  {
    id: 'A',
    title: 'cold, 200 verifications at once',
    asked: '1 fetch',
    run: async (name, { server, old }) => {
      const verify = verifier(name);
      const outcomes = await Promise.all(Array.from({ length: 200 }, () => verify(old.token)));
      const accepted = count(outcomes, 'accepted');
      return { text: `${times(server.fetches)}, ${accepted} accepted`, met: server.fetches === 1 && accepted === 200 };
    },
  },
  {
    id: 'B',
    title: 'warm, then 1 000 unknown kids, 20 at a time',
    asked: '≤ 3 fetches, nobody waits',
    run: async (name, world) => {
      const verify = await warm(name, world);
      const longest = await flood(verify, world.flood);
      const { fetches } = world.server;
      return {
        text: `${times(fetches)}, longest ${Math.round(longest)} ms`,
        met: fetches <= 3 && longest < AT_ONCE_MS,
      };
    },
  },
  {
    id: 'B2',
    title: 'a rotated token in the midst of B',
    asked: 'accepted within 10 s',
    run: async (name, world) => {
      const { server, old, rotated, flood: unknown } = world;
      const verify = await warm(name, world);
      await flood(verify, unknown.slice(0, 100));
      server.keys = [old.jwk, rotated.jwk];
      for (let seconds = 0; seconds <= 60; seconds += 1) {
        const { outcome } = await verify(rotated.token);
        if (outcome === 'accepted') return { text: `accepted after ${seconds} s`, met: seconds <= 10 };
        await flood(verify, unknown.slice(100 + seconds * 10, 110 + seconds * 10));
        // Its penalty is a timer, which only real time ends.
        if (name === 'aws-jwt-verify') await pause(1000);
        else advance(1);
        if (name === 'aws-jwt-verify' && seconds >= 12) break;
      }
      return { text: 'refused for longer than was waited', met: false };
    },
  },
  {
    id: 'C',
    title: 'rotation right after a fetch',
    asked: 'accepted',
    run: async (name, world) => {
      const verify = await warm(name, world);
      world.server.keys = [world.old.jwk, world.rotated.jwk];
      const { outcome } = await verify(world.rotated.token);
      return { text: `${outcome}, ${times(world.server.fetches)}`, met: outcome === 'accepted' };
    },
  },
  {
    id: 'D',
    title: '503 after the fresh time, 50 tokens',
    asked: '50 accepted, flagged stale, ≤ 5 fetches',
    run: async (name, world) => {
      const verify = await warm(name, world);
      advance(LATER_SECONDS);
      world.server.status = 503;
      const outcomes: Outcome[] = [];
      for (let index = 0; index < 50; index += 1) outcomes.push(await verify(world.old.token));
      const accepted = count(outcomes, 'accepted');
      const { fetches } = world.server;
      const flagged = outcomes.every(({ keys }) => keys === 'stale');
      return {
        text: `${accepted} accepted${isOurs(name) && flagged ? ', stale' : ''}, ${times(fetches)}`,
        met: accepted === 50 && flagged && fetches <= 5,
      };
    },
  },
  {
    id: 'E',
    title: 'cold and down: 503 to 100, silence to 20 at once',
    asked: '≤ 5 fetches, each answered in time',
    run: async (name, { server, old }) => {
      server.status = 503;
      const verify = verifier(name);
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => verify(old.token)));
      for (let index = 0; index < 80; index += 1) outcomes.push(await verify(old.token));
      const { fetches } = server;
      server.silent = true;
      const patient = verifier(name);
      const late = pause(DEADLINE_MS);
      const waited = await Promise.all(
        Array.from({ length: 20 }, () => Promise.race([patient(old.token), late.then(() => undefined)])),
      );
      const inTime = waited.filter((outcome) => outcome !== undefined).length;
      return {
        text: `${times(fetches)}; ${inTime} of 20 in time`,
        met: fetches <= 5 && inTime === 20 && count(outcomes, 'undecided') === 100,
      };
    },
  },
  {
    id: 'F',
    title: '`{"keys":[]}` after the fresh time',
    asked: 'accepted, flagged degraded',
    run: async (name, world) => {
      const verify = await warm(name, world);
      advance(LATER_SECONDS);
      world.server.keys = [];
      // An unknown kid has those ask again who do so for nothing else.
      for (const token of world.flood.slice(0, 1)) await verify(token);
      const { outcome, keys } = await verify(world.old.token);
      return {
        text: `${outcome}${keys === undefined ? '' : `, ${keys}`}`,
        met: outcome === 'accepted' && keys === 'degraded',
      };
    },
  },
  {
    id: 'G',
    title: 'key removed, after the fresh time',
    asked: 'refused',
    run: async (name, world) => {
      const verify = await warm(name, world);
      advance(LATER_SECONDS);
      world.server.keys = [world.rotated.jwk];
      const { outcome } = await verify(world.old.token);
      return { text: outcome, met: outcome === 'refused' };
    },
  },
  {
    id: 'H',
    title: '64 MB key document',
    asked: 'refused, no memory growth',
    run: async (name) => {
      const { outcome, megabytes } = inOwnProcess('large', name);
      return {
        text: `${outcome === 'undecided' ? 'refused' : outcome}, ${megabytes} MB`,
        met: outcome === 'undecided' && megabytes < 16,
      };
    },
  },
  {
    id: 'I',
    title: 'cold, snapshot present, issuer down',
    asked: 'accepted, flagged stale',
    run: async (name, { server, old }) => {
      if (!isOurs(name)) return { text: '–', met: false };
      const snapshots = memoryStore();
      await verifier(name, snapshots)(old.token);
      advance(LATER_SECONDS);
      server.status = 503;
      const { outcome, keys } = await verifier(name, snapshots)(old.token);
      return { text: `${outcome}, ${keys}`, met: outcome === 'accepted' && keys === 'stale' };
    },
  },
  {
    id: 'J',
    title: '10 000 issuers offered',
    asked: '≤ 20 MB kept',
    run: async (name) => {
      const { megabytes } = inOwnProcess('issuers', name);
      return { text: `${megabytes} MB kept`, met: megabytes <= 20 };
    },
  },
];

/** Runs a probe of one contender, from the same beginning for each. */
export async function run(probe: Probe, name: Name, world: World): Promise<Cell> {
  reset(world);
  return await probe.run(name, world);
}

const Measured = z.object({ outcome: z.string(), megabytes: z.number() });

function inOwnProcess(probe: 'large' | 'issuers', name: Name): z.infer<typeof Measured> {
  const script = fileURLToPath(new URL('./memory.ts', import.meta.url));
  const ran = spawnSync(process.execPath, ['--expose-gc', script, '--probe', probe, '--contender', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Measured.parse(JSON.parse(ran.stdout));
}

/** What another instance finds is text, as from a real store. */
function memoryStore(): SnapshotStore {
  const texts = new Map<string, string>();
  const parsed = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));
  return {
    read: async (name) => parsed(texts.get(name)),
    update: async (name, change) => {
      const made = change(parsed(texts.get(name)));
      if (made !== undefined) texts.set(name, JSON.stringify(made));
    },
    state: () => 'reachable',
  };
}
