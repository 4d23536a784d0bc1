import type { KeyPlace } from '../contract/evidence.ts';
import type { VerifyFederationRequest } from '../contract/verify-federation.ts';
import { canVerify, MAX_KEYS, readKeys, type VerifyingKey } from '../verify/jwk-set.ts';
import { type IssuerKeys, publicMembers } from '../verify/kept-keys.ts';
import type { Wanted } from '../verify/key-cache.ts';
import type { TokenSources } from './gather.ts';
import { witnessAt } from './gathered.ts';

type HandedIn = Pick<NonNullable<VerifyFederationRequest['evidence']>, 'discovery' | 'keys'>;

/** Metadata and keys as they were handed in; what was not is had from the issuer. Whom they are trusted for is not theirs to say. */
export function withHandedIn(
  { discovery, keys }: HandedIn,
  sources: Pick<TokenSources, 'keys' | 'now'>,
): TokenSources['keys'] {
  if (!discovery && !keys) return sources.keys;
  return {
    async get(place: KeyPlace, wanted: Wanted): Promise<IssuerKeys> {
      const now = sources.now();
      const { present, absent } = witnessAt(now);
      const read = discovery && keys ? undefined : await sources.keys.get(place, wanted);
      // Keys are had from the real place: metadata that name another are not of it.
      const elsewhere =
        discovery && !keys && read?.metadata.state === 'present' && read.metadata.value.jwksUri !== discovery.jwks_uri;
      if (elsewhere) {
        const told = absent(
          'request',
          'untrusted',
          'The metadata that were handed in name other keys than those that are published.',
        );
        return { ...read, metadata: told, signingKeys: told };
      }
      const metadata = discovery
        ? present('request', { url: place.metadataUrl, issuer: discovery.issuer, jwksUri: discovery.jwks_uri })
        : read?.metadata;
      if (!keys && read) return { ...read, metadata: metadata ?? read.metadata };
      const published = readKeys(keys?.keys ?? []);
      const kids = published.flatMap(({ jwk }) => jwk.kid ?? []);
      const jwksUri = discovery?.jwks_uri ?? 'the keys handed in';
      const cache = { state: 'fresh', fetchedAt: now, ageSeconds: 0, nextRefreshAt: now, kidsAvailable: kids } as const;
      return {
        metadata: metadata ?? present('request', { url: place.metadataUrl, issuer: place.issuer, jwksUri }),
        keys: published,
        nextRefreshAt: now,
        seen: new Map(),
        signingKeys: published.some((key) => canVerify(key) && isOfFamily(key, place))
          ? present('request', {
              jwksUri,
              keys: published.map(publicMembers),
              keysLeftOut: Math.max(0, (keys?.keys.length ?? 0) - MAX_KEYS),
              ...(wanted.kid !== undefined && { kidPublished: kids.includes(wanted.kid) }),
              cache,
            })
          : absent('request', 'malformed', 'The keys that were handed in hold none that verifies signatures.'),
      };
    },
  };
}

/** The families that are built in sign with RSA alone. */
const isOfFamily = ({ jwk }: VerifyingKey, { family }: KeyPlace): boolean =>
  family === 'configured' || jwk.kty === 'RSA';
