import { Reads } from '../../src/azure/reads.ts';
import { rateLimit } from '../../src/functions/rate-limit.ts';
import { below, chance, gap } from './chance.ts';
import { PlayedTime } from './played-time.ts';

/** The default of TOKEN_DOCTOR_RATE_LIMIT. */
const PER_MINUTE = 600;
/** What the one caller tries, more than a hundred instances let through. */
const TRIED_PER_MINUTE = 120_000;
const MINUTE_MS = 60_000;
const MINUTES = 10;
/** Clusters with an identity each, all in one subscription, of which any is diagnosed. */
const CHAINS = 100;
/** What `/api/federation/verify` reads of one whose resource ids are named. */
const READ_OF_CHAIN = ['clusters', 'identityBindings', 'identities', 'federatedCredentials'] as const;
/** A GET to Azure Resource Manager, as it is played. */
const ARM_MS = 100;

/** Calls a minute of one caller that so many instances let through, each at random, once the first burst is spent. */
export function letThrough(instances: number): number {
  const random = chance(1);
  let ms = 0;
  const limits = Array.from({ length: instances }, () => rateLimit(PER_MINUTE, () => new Date(ms)));
  let passed = 0;
  for (; ms < MINUTES * MINUTE_MS; ms += MINUTE_MS / TRIED_PER_MINUTE) {
    const waitSeconds = limits[below(instances, random)]?.('caller');
    if (waitSeconds === 0 && ms >= MINUTE_MS) passed += 1;
  }
  return passed / (MINUTES - 1);
}

/** Reads a minute that reach Azure Resource Manager, of those that so many diagnoses a minute want; each instance keeps its own for 30 s. */
export async function armReads(
  instances: number,
  diagnosesPerMinute: number,
): Promise<{ asked: number; wanted: number }> {
  const time = new PlayedTime(0);
  const random = chance(1);
  const running = Array.from({ length: instances }, () => new Reads(time.now));
  let asked = 0;
  let wanted = 0;
  const diagnose = () => {
    const reads = running[below(instances, random)];
    const chain = below(CHAINS, random);
    const reading = { refresh: 'auto', requestId: 'played', signal: new AbortController().signal } as const;
    for (const name of READ_OF_CHAIN) {
      wanted += 1;
      void reads?.get(
        `${name} ${chain}`,
        reading,
        async () => {
          asked += 1;
          await time.sleep(ARM_MS);
        },
        () => ({ reason: 'unreachable', detail: 'not played' }),
      );
    }
    time.after(gap(MINUTE_MS / diagnosesPerMinute, random), diagnose);
  };
  diagnose();
  await time.playUntil(MINUTES * MINUTE_MS);
  return { asked: asked / MINUTES, wanted: wanted / MINUTES };
}
