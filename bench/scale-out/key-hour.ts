import type { TrustedIssuer } from '../../src/contract/evidence.ts';
import { trustedIssuer } from '../../src/trust/families.ts';
import type { Port } from '../../src/trust/guarded-port.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import { below, chance, gap } from './chance.ts';
import { playedBlobs } from './played-blobs.ts';
import { PlayedTime } from './played-time.ts';

/** The defaults of TOKEN_DOCTOR_KEYS_FRESH_SECONDS, and of a policy’s `keyStalenessSeconds`. */
const FRESH_SECONDS = 600;
const STALENESS_SECONDS = 7_200;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = Date.UTC(2027, 0, 1);
/** A GET to an issuer, as it is played. */
const ISSUER_MS = 50;
/** An instance is asked once in so long, half of the time about the busy tenant, else about any. */
const ASKED_EVERY_MS = 2_000;
/** At the rotation the old key is gone from the document at once; until the outage so many tokens of the tenant still name it. */
const ROTATION_MS = 15 * MINUTE_MS;
const SHARE_OF_OLD = 0.1;
const OUTAGE = { fromMs: 20 * MINUTE_MS, untilMs: 50 * MINUTE_MS };
/** Amid the outage every second instance goes and a cold one comes. */
const REPLACEMENT_MS = 35 * MINUTE_MS;

export interface KeyHour {
  introspections: number;
  /** Attempts to read keys: at the issuer of the busy tenant, and at all. */
  fetchesBusy: number;
  fetches: number;
  /** Those that the outage let fail. */
  failed: number;
  blobs: { reads: number; writes: number; conflicts: number; givenUp: number };
  /** Tokens of the new key that were not accepted. */
  newKeyRefused: number;
  /** Seconds from the rotation until every instance had accepted one. */
  newKeyEverywhereSeconds: number;
  /** Seconds from the rotation until the old key was accepted for the last time. */
  oldKeyAcceptedSeconds: number;
  /** Tokens of the busy tenant in the outage, and those that could not be decided. */
  inOutage: number;
  undecided: number;
}

/** So many tenants of Entra. */
export function issuersOf(tenants: number): TrustedIssuer[] {
  return Array.from({ length: tenants }, (_, index) => {
    const tenant = `0a1b2c3d-1111-4222-8333-${index.toString(16).padStart(12, '0')}`;
    const found = trustedIssuer(`https://login.microsoftonline.com/${tenant}/v2.0`, 'public', []);
    if (!found) throw new Error('An issuer of the simulation is none that is trusted.');
    return found;
  });
}

/**
 * One hour of so many instances whose key caches share snapshots or have none: all of them cold at its start, asked at random, with
 * a rotation at the busy tenant and then an outage of its issuer, in which half of the instances are replaced.
 */
export async function keyHour(instances: number, tenants: number, snapshots: boolean): Promise<KeyHour> {
  const time = new PlayedTime(START_MS);
  const random = chance(1);
  const blobs = playedBlobs(time, random);
  const issuers = issuersOf(tenants);
  const [busy] = issuers;
  if (!busy) throw new RangeError('There is at least one tenant.');
  const hour = {
    introspections: 0,
    fetchesBusy: 0,
    fetches: 0,
    failed: 0,
    newKeyRefused: 0,
    inOutage: 0,
    undecided: 0,
  };
  let newKeyEverywhereSeconds = 0;
  let oldKeyAcceptedSeconds = 0;
  const rotated = () => time.ms >= ROTATION_MS;
  const beforeOutage = () => time.ms < OUTAGE.fromMs;
  const inOutage = () => !beforeOutage() && time.ms < OUTAGE.untilMs;

  const ofMetadata = new Map(issuers.map((issuer) => [issuer.metadataUrl, issuer]));
  const ofKeys = new Map(issuers.map((issuer) => [keysUrl(issuer), issuer]));
  const port: Port = {
    getJson: async (url) => {
      const asked = ofMetadata.get(url);
      const issuer = asked ?? ofKeys.get(url);
      if (asked) hour.fetches += 1;
      if (asked === busy) hour.fetchesBusy += 1;
      await time.sleep(ISSUER_MS);
      if (issuer === busy && inOutage()) {
        hour.failed += 1;
        return { ok: false, reason: 'unreachable', detail: 'out' };
      }
      if (asked) return { ok: true, body: { issuer: asked.issuer, jwks_uri: keysUrl(asked) } };
      return { ok: true, body: { keys: [jwk(issuer === busy && rotated() ? 'new' : 'old'), jwk('other')] } };
    },
  };
  const cold = () => ({
    keys: new KeyCache({
      port,
      now: time.now,
      freshSeconds: FRESH_SECONDS,
      neverForgotten: issuers,
      snapshots: snapshots ? blobs.store : undefined,
      random,
    }),
    acceptedNewKey: false,
  });
  const running = Array.from({ length: instances }, cold);

  /** As `src/verify/decide.ts` judges, but for the signature. */
  async function introspect(): Promise<void> {
    const instance = running[below(running.length, random)];
    const issuer = random() < 0.5 ? busy : issuers[below(issuers.length, random)];
    if (!instance || !issuer) return;
    const old = issuer !== busy || !rotated() || (beforeOutage() && random() < SHARE_OF_OLD);
    const during = issuer === busy && inOutage();
    const wanted = { kid: old ? 'old' : 'new', purpose: 'deciding', oldestSeconds: STALENESS_SECONDS } as const;
    hour.introspections += 1;
    const { signingKeys } = await instance.keys.get(issuer, wanted);
    const usable = signingKeys.state === 'present' && signingKeys.value.cache.ageSeconds <= STALENESS_SECONDS;
    const accepted = usable && signingKeys.value.kidPublished === true;
    if (during) hour.inOutage += 1;
    if (during && !usable) hour.undecided += 1;
    if (issuer !== busy || !rotated() || !beforeOutage()) return;
    const seconds = (time.ms - ROTATION_MS) / 1000;
    if (old && accepted) oldKeyAcceptedSeconds = seconds;
    if (!old && !accepted) hour.newKeyRefused += 1;
    if (!old && accepted && !instance.acceptedNewKey) {
      instance.acceptedNewKey = true;
      newKeyEverywhereSeconds = seconds;
    }
  }

  const ask = () => {
    void introspect();
    time.after(gap(ASKED_EVERY_MS / instances, random), ask);
  };
  ask();
  time.after(REPLACEMENT_MS, () => {
    for (let index = 0; index < running.length; index += 2) running[index] = cold();
  });
  await time.playUntil(HOUR_MS);
  return { ...hour, blobs: blobs.counts, newKeyEverywhereSeconds, oldKeyAcceptedSeconds };
}

/** Long enough to be used; no signature is verified here. */
const MODULUS = Buffer.alloc(256, 0xa5).toString('base64url');
const jwk = (kid: string) => ({ kty: 'RSA', kid, use: 'sig', n: MODULUS, e: 'AQAB' });

const keysUrl = ({ metadataUrl }: TrustedIssuer): string =>
  metadataUrl.replace('/v2.0/.well-known/openid-configuration', '/discovery/v2.0/keys');
