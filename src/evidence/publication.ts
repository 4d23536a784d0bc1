import type { Gathered, TokenEvidence } from '../contract/evidence.ts';
import { type FederatedCredentials, isOfBinding, type Publication } from '../contract/federation.ts';
import type { FederationEvidence } from '../contract/federation-evidence.ts';
import type { VerifyFederationRequest } from '../contract/verify-federation.ts';
import { trustedIssuer } from '../trust/families.ts';
import type { IssuerKeys } from '../verify/kept-keys.ts';
import type { TokenSources } from './gather.ts';
import type { Witness } from './gathered.ts';

/** Issuers of other credentials that are looked for; an identity has twenty credentials at most. */
const MOST_ISSUERS_LOOKED_FOR = 20;

type Published = Pick<FederationEvidence, 'publication' | 'trustedIssuer' | 'issuerMetadata' | 'signingKeys'>;

const UNTRUSTED =
  'The issuer is of no trusted family, so what it publishes was not looked at; one of your own is trusted through the setting TOKEN_DOCTOR_ISSUERS.';

/** What the issuer publishes; of a whole token it was read already. */
export async function publicationOf(
  { token }: VerifyFederationRequest,
  read: TokenEvidence,
  issuer: string | undefined,
  { keys, cloud, issuers }: TokenSources,
  { present, absent }: Witness,
): Promise<Published> {
  const none = absent(
    'request',
    'not-provided',
    'The issuer of its tokens is not known: send a token, or name the cluster or the `issuer` of the workload.',
  );
  if (issuer === undefined)
    return {
      publication: none,
      trustedIssuer: read.token.state === 'present' ? read.trustedIssuer : none,
      issuerMetadata: none,
      signingKeys: none,
    };
  const trusted = trustedIssuer(issuer, cloud, issuers);
  if (!trusted) {
    const untrusted = absent('issuer', 'untrusted', UNTRUSTED);
    return {
      publication: untrusted,
      trustedIssuer: read.token.state === 'present' ? read.trustedIssuer : untrusted,
      issuerMetadata: untrusted,
      signingKeys: untrusted,
    };
  }
  const whole = token !== undefined && read.issuerMetadata.source !== 'token';
  const { metadata: issuerMetadata, signingKeys }: Pick<IssuerKeys, 'metadata' | 'signingKeys'> = whole
    ? { metadata: read.issuerMetadata, signingKeys: read.signingKeys }
    : await keys.get(trusted, { purpose: 'diagnosing' });
  const unread =
    issuerMetadata.state === 'absent'
      ? ({ page: 'metadata', item: issuerMetadata } as const)
      : signingKeys.state === 'absent'
        ? ({ page: 'keys', item: signingKeys } as const)
        : undefined;
  const publication: Publication = {
    issuer,
    metadataUrl: trusted.metadataUrl,
    ...(unread && { unread: { page: unread.page, reason: unread.item.reason, detail: unread.item.detail } }),
  };
  return {
    publication: { ...signingKeys, state: 'present', value: publication },
    trustedIssuer: read.trustedIssuer.state === 'present' ? read.trustedIssuer : present('request', trusted),
    issuerMetadata,
    signingKeys,
  };
}

/** Which issuers of other credentials answer that they publish nothing: clusters that are gone. */
export async function lookForIssuers(
  credentials: Gathered<FederatedCredentials>,
  presented: string | undefined,
  { keys, cloud, issuers }: TokenSources,
  { present }: Witness,
): Promise<Gathered<readonly string[]>> {
  if (credentials.state === 'absent') return credentials;
  const others = credentials.value.credentials.filter((credential) => !isOfBinding(credential));
  const named = [...new Set(others.map(({ issuer }) => issuer))].filter((issuer) => issuer !== presented);
  const places = named
    .flatMap((issuer) => trustedIssuer(issuer, cloud, issuers) ?? [])
    .filter(({ family }) => family === 'aks')
    .slice(0, MOST_ISSUERS_LOOKED_FOR)
    .map((place) => ({ ...place, passing: true as const }));
  const dead = await Promise.all(
    places.map(async (place) => {
      const { metadata } = await keys.get(place, { refresh: 'auto', purpose: 'diagnosing' });
      return metadata.state === 'absent' && metadata.reason === 'not-found' ? [place.issuer] : [];
    }),
  );
  return present('issuer', dead.flat());
}
