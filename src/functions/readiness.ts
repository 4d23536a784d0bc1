import { Readiness } from '../contract/health.ts';
import { issuersOf } from '../trust/policies.ts';
import { VERSION } from '../version.ts';
import { jsonEndpoint, type World } from './endpoint.ts';

/** `GET /api/health/ready`: are the settings right, and could keys be had of late? Asks nobody. */
export const readiness = jsonEndpoint({
  summary: 'Are the settings right, and could keys be had of late?',
  description: 'Needs no key. Tells what this instance knows already; nothing is fetched to answer it.',
  answers: { 200: Readiness, 503: Readiness },
  examples: [{ name: 'ready', summary: 'Ready' }],

  async answer(_call, world) {
    const { faults, unknown, settings } = world;
    const keys = await keysOf(world);
    const degraded = keys.unreachable > 0 || keys.snapshots === 'failing' || unknown.length > 0;
    const body: Readiness = {
      status: faults.length > 0 ? 'not-ready' : degraded ? 'degraded' : 'ready',
      version: VERSION,
      settings: { faults, unknown, openOrigins: [...settings.openOrigins] },
      keys,
    };
    return { status: faults.length > 0 ? 503 : 200, body };
  },
});

async function keysOf({ settings, sources }: World): Promise<Readiness['keys']> {
  const { keys, snapshots } = await sources();
  const seen = issuersOf(settings).map((issuer) => keys.lastSeen(issuer));
  const count = (state: (typeof seen)[number]) => seen.filter((other) => other === state).length;
  return {
    issuers: seen.length,
    reachable: count('reachable'),
    unreachable: count('unreachable'),
    notAsked: count('not-asked'),
    snapshots: snapshots?.state() ?? 'off',
  };
}
