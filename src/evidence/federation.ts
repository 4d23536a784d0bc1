import type { Asker } from '../azure/reads.ts';
import { audiences, stringClaim } from '../contract/claims.ts';
import type { CloudName } from '../contract/clouds.ts';
import type { Gathered, TokenEvidence } from '../contract/evidence.ts';
import type { Assertion, Cluster, Workload } from '../contract/federation.ts';
import type { FederationEvidence } from '../contract/federation-evidence.ts';
import { TOKEN_EXCHANGE_AUDIENCE } from '../contract/resources.ts';
import { subjectOf } from '../contract/service-account.ts';
import { targetOf } from '../contract/target.ts';
import type { VerifyFederationRequest } from '../contract/verify-federation.ts';
import { trustedIssuer } from '../trust/families.ts';
import type { IssuerKeys } from '../verify/kept-keys.ts';
import type { Azure } from './azure.ts';
import { type ClusterEvidence, gatherCluster } from './clusters.ts';
import { gatherBindings, gatherCredentials } from './federated-credentials.ts';
import { gatherTokenEvidence, type Sources, type TokenSources } from './gather.ts';
import { presentValue, type Witness, witnessAt } from './gathered.ts';
import { withHandedIn } from './handed-in-keys.ts';
import { gatherIdentity } from './identities.ts';
import { lookForIssuers, publicationOf } from './publication.ts';

/** For everything together, so that the answer stays within the deadline of any. */
const GATHERING_MS = 8_500;
/** For the issuers of other credentials together: they only make a warning. */
const LOOKING_MS = 3_000;

/** Everything the question about an exchange looks at: token, cluster, issuer, identity, credentials. Nothing is judged. */
export async function gatherFederationEvidence(
  request: VerifyFederationRequest,
  sources: Sources,
  asker: Asker,
): Promise<FederationEvidence> {
  const clock = sources.now();
  const witness = witnessAt(clock);
  const { present, absent } = witness;
  const { workload } = request;
  const handedIn = givenOf(request);
  const cloud = request.cloud ?? sources.cloud;
  const signal = AbortSignal.timeout(GATHERING_MS);
  const azure: Azure = {
    reader: cloud === sources.cloud ? sources.azure : undefined,
    reading: { ...asker, refresh: request.refresh, signal },
    tenants: sources.tenants,
    witness,
  };
  const keys = refreshing(within(withHandedIn(handedIn, sources), signal, sources), request.refresh);
  const tokenSources = { now: sources.now, cloud, issuers: sources.issuers, keys };

  const reading = tokenEvidence(request, tokenSources, witness);
  const named = request.cluster !== undefined || handedIn.cluster !== undefined;
  const [token, { clusterLookup, cluster }, { identityLookup, identity, federatedCredentials }] = await Promise.all([
    reading,
    named ? gatherCluster(request.cluster, handedIn.cluster, azure) : reading.then((read) => ofToken(read)),
    gatherIdentity(request.identity, handedIn, azure).then(async (found) => ({
      ...found,
      federatedCredentials: await gatherCredentials(found.identity, handedIn.federatedCredentials, azure),
    })),
  ]);
  const described = workload && workloadOf(workload);
  const assertion = assertionOf(request, token, described, presentValue(cluster), witness);
  const [publication, identityBindings, deadIssuers] = await Promise.all([
    publicationOf(request, token, presentValue(assertion)?.issuer, tokenSources, witness),
    gatherBindings(cluster, handedIn.identityBindings, azure),
    lookForIssuers(
      federatedCredentials,
      presentValue(assertion)?.issuer,
      {
        ...tokenSources,
        keys: within(sources.keys, AbortSignal.any([signal, AbortSignal.timeout(LOOKING_MS)]), sources),
      },
      witness,
    ),
  ]);
  const asked = request.identity?.tenantId;
  return {
    ...token,
    ...publication,
    workload: described ? present('request', described) : absent('request', 'not-provided', 'No workload was named.'),
    assertion,
    clusterLookup,
    cluster,
    identityLookup,
    identity,
    askedTenant:
      asked === undefined
        ? absent('request', 'not-provided', 'The tenant whose token endpoint is asked was not named.')
        : present('request', asked.trim().toLowerCase()),
    federatedCredentials,
    identityBindings,
    deadIssuers,
    observation: present('request', {
      required: request.requireObserved,
      supplied: [
        ...(request.claims === undefined ? [] : ['claims']),
        ...Object.keys(handedIn).filter((name) => name !== 'identityBindings'),
      ],
    }),
  };

  /** A cluster that nobody named is looked for by the issuer of the token, where that is one of a cluster. */
  async function ofToken({ token: decoded }: TokenEvidence): Promise<ClusterEvidence> {
    const iss = presentValue(decoded)?.claims.iss;
    const known = typeof iss === 'string' && trustedIssuer(iss, cloud, sources.issuers)?.family === 'aks';
    const found = await gatherCluster(known ? { issuer: iss } : undefined, undefined, azure);
    if (!known) return found;
    const { clusterLookup: lookup } = found;
    // Nobody asked for it: what could not be seen of it leaves nothing open.
    if (lookup.state === 'absent' || !lookup.value.found) {
      const why = lookup.state === 'absent' ? ` ${lookup.detail}` : '';
      const detail = `No cluster was named, and which one the token is from could not be seen.${why}`;
      const none = absent('arm', 'not-provided', detail);
      return { clusterLookup: none, cluster: none };
    }
    return { ...found, clusterLookup: { ...lookup, value: { ...lookup.value, unasked: true } } };
  }
}

/** What was handed in; null is nothing, as `jq` writes it. */
const givenOf = ({ evidence = {} }: VerifyFederationRequest): NonNullable<VerifyFederationRequest['evidence']> =>
  Object.fromEntries(Object.entries(evidence).filter(([, value]) => value !== undefined && value !== null));

const NO_TOKEN = 'No token was handed in.';

/** Of a token, or its claims, as the exchange reads it; what the credential names decides about kinds that are not known. */
async function tokenEvidence(
  { token, header, claims, at, cloud }: VerifyFederationRequest,
  sources: TokenSources,
  { present, absent }: Witness,
): Promise<TokenEvidence> {
  const target = present('request', exchangeOf(cloud ?? sources.cloud));
  if (token !== undefined || claims !== undefined) {
    const request = { token, header, claims, at, cloud, target: 'token-exchange' } as const;
    return { ...(await gatherTokenEvidence(request, sources, new Map())), target };
  }
  const none = absent('request', 'not-provided', NO_TOKEN);
  return {
    now: at === undefined ? present('clock', sources.now()) : present('request', new Date(at)),
    target,
    tokenForm: none,
    token: none,
    header: none,
    tokenKind: none,
    profile: none,
    issuerFamily: none,
    trustedIssuer: none,
    allowedAlgorithms: none,
    issuerMetadata: none,
    signingKeys: none,
    signingKey: none,
    signature: none,
  };
}

function exchangeOf(cloud: CloudName) {
  const target = targetOf('token-exchange', cloud);
  return {
    ...target,
    kinds: [...target.kinds, 'unknown' as const],
    kindsUnsettled: target.kindsUnsettled.filter((kind) => kind !== 'unknown'),
  };
}

function workloadOf({
  namespace,
  serviceAccount,
  subject = namespace !== undefined && serviceAccount !== undefined
    ? subjectOf({ namespace, name: serviceAccount })
    : undefined,
  issuer,
  audience,
}: NonNullable<VerifyFederationRequest['workload']>): Workload {
  return {
    ...(subject !== undefined && { subject }),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
}

/** What the token says; without one, what a token of the workload would say. */
function assertionOf(
  { token, cluster: named, evidence }: VerifyFederationRequest,
  read: TokenEvidence,
  workload: Workload | undefined,
  cluster: Cluster | undefined,
  { present, absent }: Witness,
): Gathered<Assertion> {
  if (read.token.state === 'present') {
    const { claims } = read.token.value;
    const iss = stringClaim(claims, 'iss');
    const sub = stringClaim(claims, 'sub');
    const aud = audiences(claims);
    return present(read.token.source, {
      from: token === undefined ? 'claims' : 'token',
      ...(iss !== undefined && { issuer: iss }),
      ...(sub !== undefined && { subject: sub }),
      ...(aud && { audiences: aud }),
      claims,
    });
  }
  if (token !== undefined) return read.token;
  const issuer = workload?.issuer ?? cluster?.oidcIssuer ?? named?.issuer;
  const written =
    workload?.issuer !== undefined || cluster?.oidcIssuer === undefined || typeof evidence?.cluster === 'string';
  if (!workload && issuer === undefined)
    return absent(
      'request',
      'not-provided',
      'Nothing is said of the workload: send its token, or name it as `workload`.',
    );
  const subject = workload?.subject;
  return present('request', {
    from: 'workload',
    ...(issuer !== undefined && { issuer }),
    ...(issuer !== undefined && written && { issuerWritten: true }),
    ...(subject !== undefined && { subject }),
    audiences: [workload?.audience ?? TOKEN_EXCHANGE_AUDIENCE],
    claims: subject === undefined ? {} : { sub: subject },
  });
}

/** A token has its keys fetched as it needs them, unless everything is to be read anew. */
const refreshing = (keys: TokenSources['keys'], refresh: VerifyFederationRequest['refresh']): TokenSources['keys'] =>
  refresh === 'force' ? { get: (place, wanted) => keys.get(place, { ...wanted, refresh }) } : keys;

/** Keys as far as they are had in time. */
function within(
  keys: TokenSources['keys'],
  signal: AbortSignal,
  { now }: Pick<TokenSources, 'now'>,
): TokenSources['keys'] {
  return {
    async get(place, wanted) {
      const late = new Promise<IssuerKeys>((resolve) => {
        const give = () => {
          const absent = witnessAt(now()).absent(
            'issuer',
            'unreachable',
            'It did not answer within the time of a request.',
          );
          resolve({ metadata: absent, signingKeys: absent, keys: [], nextRefreshAt: now(), seen: new Map() });
        };
        if (signal.aborted) give();
        else signal.addEventListener('abort', give, { once: true });
      });
      return await Promise.race([keys.get(place, wanted), late]);
    },
  };
}
