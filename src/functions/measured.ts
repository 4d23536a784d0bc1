import { type AzureReadName, azureReads } from '../contract/azure-reads.ts';
import type { SourceRead } from '../contract/log-line.ts';
import type { Sources } from '../evidence/gather.ts';

/** So many reads of a request are told one by one; a search through many subscriptions would make a line longer than the platform keeps. */
const MOST_TOLD_READS = 20;

interface Timed extends Pick<SourceRead, 'source' | 'what' | 'outcome'> {
  started: number;
  /** Undefined while it is under way. */
  ended?: number;
}

/** What one request read, and how long it waited for each. */
export class SourceReads {
  readonly #reads: Timed[] = [];

  /** What `run` gives, with its time taken. */
  async time<T>(
    source: SourceRead['source'],
    what: SourceRead['what'],
    run: () => Promise<T>,
    outcomeOf: (got: T) => SourceRead['outcome'],
  ): Promise<T> {
    const timed: Timed = { source, what, outcome: 'unfinished', started: performance.now() };
    this.#reads.push(timed);
    const got = await run();
    timed.ended = performance.now();
    timed.outcome = outcomeOf(got);
    return got;
  }

  /** As far as they are known now; more than {@link MOST_TOLD_READS} are told together by source, what and outcome. */
  told(): SourceRead[] {
    const now = performance.now();
    const reads = this.#reads.map(({ started, ended = now, source, what, outcome }) => ({
      source,
      what,
      outcome,
      durationMs: Math.round(ended - started),
    }));
    if (reads.length <= MOST_TOLD_READS) return reads;
    const alike = Map.groupBy(reads, ({ source, what, outcome }) => `${source} ${what} ${outcome}`);
    return [...alike.values()].flatMap((group) => {
      const [longest] = group.toSorted((one, other) => other.durationMs - one.durationMs);
      return longest ? [{ ...longest, reads: group.length }] : [];
    });
  }
}

/** The same sources, with each read put down in `reads`. */
export const measured = (sources: Sources, reads: SourceReads): Sources => ({
  ...sources,
  keys: {
    get: (place, wanted) =>
      reads.time(
        'issuer',
        'keys',
        () => sources.keys.get(place, wanted),
        ({ signingKeys }) => {
          if (signingKeys.state === 'absent') return signingKeys.reason;
          const { state, refreshFailed } = signingKeys.value.cache;
          return refreshFailed?.reason ?? state;
        },
      ),
    lastSeen: (issuer) => sources.keys.lastSeen(issuer),
  },
  azure: measuredAzure(sources.azure, reads),
});

function measuredAzure(azure: Sources['azure'], reads: SourceReads): Sources['azure'] {
  const time = <T extends { ok: true } | { ok: false; reason: SourceRead['outcome'] }>(
    what: AzureReadName,
    run: () => Promise<T>,
  ): Promise<T> => reads.time(azureReads[what].of, what, run, (read) => (read.ok ? 'present' : read.reason));
  return {
    cluster: (...by) => time('clusters', () => azure.cluster(...by)),
    clusters: (...by) => time('clusters', () => azure.clusters(...by)),
    identityBindings: (...by) => time('identityBindings', () => azure.identityBindings(...by)),
    identity: (...by) => time('identities', () => azure.identity(...by)),
    identities: (...by) => time('identities', () => azure.identities(...by)),
    federatedCredentials: (...by) => time('federatedCredentials', () => azure.federatedCredentials(...by)),
    subscriptions: (...by) => time('subscriptions', () => azure.subscriptions(...by)),
    application: (...by) => time('applications', () => azure.application(...by)),
    applicationCredentials: (...by) => time('applications', () => azure.applicationCredentials(...by)),
    servicePrincipal: (...by) => time('applications', () => azure.servicePrincipal(...by)),
  };
}
