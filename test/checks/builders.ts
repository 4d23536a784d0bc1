import type { EvidenceName, Present } from '../../src/checks/check.ts';
import type {
  Absence,
  DecodedToken,
  Evidence,
  SignatureVerification,
  SigningKeys,
  TrustedIssuer,
} from '../../src/contract/evidence.ts';
import type { JsonObject } from '../../src/contract/json.ts';

export const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';
export const OTHER_TENANT = '0a1b2c3d-2222-4222-8333-444455556666';
export const CLIENT = '0a1b2c3d-3333-4222-8333-444455556666';
export const AKS_SERVER = '6dae42f8-4368-4678-94ff-3960e28e3630';

export const NOW = new Date('2026-11-20T10:00:00Z');
/** A NumericDate so many seconds after {@link NOW}, or before it when negative. */
export const secondsFromNow = (seconds: number) => NOW.getTime() / 1000 + seconds;

export const v1 = (tenant: string) => `https://sts.windows.net/${tenant}/`;
export const v2 = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`;

/** Claim values that must never reach a command line. */
export const HOSTILE = [
  '$(id)',
  '`id`',
  '"; rm -rf ~',
  `${TENANT}$(id)`,
  `${TENANT}\n; rm -rf ~`,
  `"${TENANT}"`,
  ` ${TENANT}`,
];

export const tokenWith = (claims: JsonObject, header: JsonObject = {}): DecodedToken => ({ header, claims });

export const entra = (version: '1.0' | '2.0' = '1.0'): TrustedIssuer => ({
  issuer: version === '1.0' ? v1(TENANT) : v2(TENANT),
  family: 'entra',
  version,
  tenant: TENANT,
  metadataUrl: 'https://login.microsoftonline.com/metadata',
  keyHosts: ['login.microsoftonline.com'],
  algorithms: ['RS256'],
});

export const configured: TrustedIssuer = {
  issuer: 'https://issuer.example/',
  family: 'configured',
  metadataUrl: 'https://issuer.example/.well-known/openid-configuration',
  keyHosts: ['issuer.example'],
  algorithms: ['RS256', 'ES256'],
};

/** A cluster's issuer names a tenant in its path, and its tokens have neither `tid` nor `ver`. */
export const cluster: TrustedIssuer = {
  issuer: `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${CLIENT}/`,
  family: 'aks',
  tenant: TENANT,
  metadataUrl: 'https://westeurope.oic.prod-aks.azure.com/metadata',
  keyHosts: ['westeurope.oic.prod-aks.azure.com'],
  algorithms: ['RS256'],
};

export const signature = (result: SignatureVerification['result']): SignatureVerification => ({
  result,
  detail: 'Seen so.',
});

export const keysWith = (
  kids: readonly (string | undefined)[],
  kid?: string,
  state: SigningKeys['cache']['state'] = 'fresh',
): SigningKeys => ({
  jwksUri: 'https://login.microsoftonline.com/keys',
  keys: kids.map((name) => ({ kty: 'RSA', ...(name !== undefined && { kid: name }) })),
  ...(kid !== undefined && { kidPublished: kids.includes(kid) }),
  keysLeftOut: 0,
  cache: {
    state,
    fetchedAt: NOW,
    ageSeconds: 30,
    nextRefreshAt: NOW,
    kidsAvailable: kids.flatMap((name) => name ?? []),
  },
});

const evidenceNames = Object.keys({
  now: true,
  target: true,
  tokenForm: true,
  token: true,
  header: true,
  tokenKind: true,
  profile: true,
  issuerFamily: true,
  trustedIssuer: true,
  allowedAlgorithms: true,
  issuerMetadata: true,
  signingKeys: true,
  signingKey: true,
  signature: true,
  soughtKey: true,
  keyDocuments: true,
  keyNames: true,
  receiver: true,
  workload: true,
  assertion: true,
  clusterLookup: true,
  cluster: true,
  publication: true,
  identityLookup: true,
  identity: true,
  askedTenant: true,
  federatedCredentials: true,
  identityBindings: true,
  deadIssuers: true,
  observation: true,
} satisfies Record<EvidenceName, true>) as EvidenceName[];

/** Evidence in which only `values` are present; the rest is absent, for the reason given by name or else `otherwise`. */
export function evidenceWith(
  values: Partial<Present<EvidenceName>>,
  reasons: Partial<Record<EvidenceName, Absence>> = {},
  otherwise: Absence = 'unreachable',
): Evidence {
  const seen = { source: 'request', observedAt: NOW };
  const items = evidenceNames.map((name) => [
    name,
    name in values
      ? { state: 'present', value: values[name], ...seen }
      : { state: 'absent', reason: reasons[name] ?? otherwise, detail: `No ${name}.`, ...seen },
  ]);
  return Object.fromEntries(items);
}
