import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { federationQuestion } from '../../src/checks/federation-question.ts';
import { runChecks } from '../../src/checks/run.ts';
import { VerifyFederationRequest } from '../../src/contract/verify-federation.ts';
import { gatherFederationEvidence } from '../../src/evidence/federation.ts';
import { outcomeOf } from '../../src/report/build-report.ts';
import type { Port } from '../../src/trust/guarded-port.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import { noAzure } from '../azure.ts';
import { type TestKey, testKey } from '../tokens.ts';

const NOW = 1_795_168_800;
const now = () => new Date(NOW * 1000);
const EXCHANGE = 'api://AzureADTokenExchange';

let key: TestKey;
beforeAll(async () => {
  key = await testKey('a');
});

/** A chain that is healthy by construction: one value stands wherever it has to be the same. */
interface Chain {
  /** What ARM, metadata, token and credential say. */
  armIssuer: string;
  metadataIssuer: string;
  tokenIssuer: string;
  credentialIssuer: string;
  tokenSubject: string;
  credentialSubject: string;
  tokenAudience: string;
  credentialAudiences: string[];
  oidcEnabled: boolean;
  workloadIdentityEnabled: boolean;
  powerState: string;
  notBefore: number;
  expires: number;
  kind: string;
  others: { issuer: string; subject: string }[];
  withToken: boolean;
}

const guid = fc.uuid({ version: 4 });
const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/);
const region = fc.constantFrom('westeurope', 'eastus2', 'uksouth');

const healthy: fc.Arbitrary<Chain> = fc
  .record({
    region,
    tenant: guid,
    cluster: guid,
    namespace: label,
    account: label,
    others: fc.array(label, { maxLength: 4 }),
    withToken: fc.boolean(),
  })
  .map(({ region: at, tenant, cluster, namespace, account, others, withToken }) => {
    const issuer = `https://${at}.oic.prod-aks.azure.com/${tenant}/${cluster}/`;
    const subject = `system:serviceaccount:${namespace}:${account}`;
    return {
      armIssuer: issuer,
      metadataIssuer: issuer,
      tokenIssuer: issuer,
      credentialIssuer: issuer,
      tokenSubject: subject,
      credentialSubject: subject,
      tokenAudience: EXCHANGE,
      credentialAudiences: [EXCHANGE],
      oidcEnabled: true,
      workloadIdentityEnabled: true,
      powerState: 'Running',
      notBefore: NOW - 300,
      expires: NOW + 3600,
      kind: 'Microsoft.ManagedIdentity/userAssignedIdentities',
      others: others
        .map((name) => ({ issuer, subject: `system:serviceaccount:${namespace}-other:${name}` }))
        .filter((other) => other.subject !== subject),
      withToken,
    };
  });

/** One small change to a text: a letter more, less, another, in another case, or white space around it. */
const slip = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('insert', 'delete', 'replace', 'case', 'before', 'after', 'slash'),
  letter: fc.constantFrom('a', '0', '-', '/', ':', ' ', '​', 'е'),
});
type Slip = typeof slip extends fc.Arbitrary<infer T> ? T : never;
function slipped(text: string, { at, how, letter }: Slip): string {
  const place = at % text.length;
  const letterThere = text.charAt(place);
  const otherCase = letterThere === letterThere.toUpperCase() ? letterThere.toLowerCase() : letterThere.toUpperCase();
  const changed = {
    insert: text.slice(0, place) + letter + text.slice(place),
    delete: text.slice(0, place) + text.slice(place + 1),
    replace: text.slice(0, place) + letter + text.slice(place + 1),
    case: text.slice(0, place) + otherCase + text.slice(place + 1),
    before: ` ${text}`,
    after: `${text} `,
    slash: text.endsWith('/') ? text.slice(0, -1) : `${text}/`,
  }[how];
  return changed === text ? `${text}x` : changed;
}

const TEXTS = [
  'armIssuer',
  'metadataIssuer',
  'tokenIssuer',
  'credentialIssuer',
  'tokenSubject',
  'credentialSubject',
  'tokenAudience',
] as const;
const OF_TOKENS: readonly (keyof Chain)[] = ['tokenIssuer', 'tokenSubject', 'tokenAudience', 'notBefore', 'expires'];

const mutation: fc.Arbitrary<{ name: keyof Chain; apply(chain: Chain): Chain }> = fc.oneof(
  fc.record({ name: fc.constantFrom(...TEXTS), by: slip }).map(({ name, by }) => ({
    name,
    apply: (chain: Chain) => ({ ...chain, [name]: slipped(chain[name], by) }),
  })),
  fc.record({ by: slip }).map(({ by }) => ({
    name: 'credentialAudiences' as const,
    apply: (chain: Chain) => ({ ...chain, credentialAudiences: [slipped(EXCHANGE, by)] }),
  })),
  fc
    .constantFrom<Partial<Chain>>(
      { credentialAudiences: [] },
      { credentialAudiences: [EXCHANGE, 'api://another'] },
      { oidcEnabled: false },
      { workloadIdentityEnabled: false },
      { powerState: 'Stopped' },
      { kind: 'SystemAssigned' },
      { expires: NOW - 601 },
      { expires: NOW },
      { notBefore: NOW + 601 },
    )
    .map((change) => ({
      name: Object.keys(change)[0] as keyof Chain,
      apply: (chain: Chain) => ({ ...chain, ...change }),
    })),
);

async function verdictOf(chain: Chain): Promise<string> {
  const { tokenIssuer: iss, tokenSubject: sub, notBefore, expires } = chain;
  const claims = {
    iss,
    sub,
    aud: [chain.tokenAudience],
    iat: notBefore,
    nbf: notBefore,
    exp: expires,
    'kubernetes.io': {},
  };
  const issuerOfMetadata = chain.withToken ? iss : chain.armIssuer;
  const port: Port = {
    getJson: async (url) =>
      url.endsWith('/.well-known/openid-configuration')
        ? { ok: true, body: { issuer: chain.metadataIssuer, jwks_uri: `${issuerOfMetadata}openid/v1/jwks` } }
        : { ok: true, body: { keys: [key.jwk] } },
  };
  const keys = new KeyCache({ port, now, freshSeconds: 600 });
  const request = VerifyFederationRequest.parse({
    ...(chain.withToken
      ? { token: await key.sign(claims) }
      : { workload: { subject: chain.tokenSubject, audience: chain.tokenAudience } }),
    evidence: {
      cluster: {
        name: 'aks',
        oidcIssuerProfile: { enabled: chain.oidcEnabled, issuerURL: chain.armIssuer },
        securityProfile: { workloadIdentity: { enabled: chain.workloadIdentityEnabled } },
        powerState: { code: chain.powerState },
      },
      identity: {
        name: 'id',
        type: chain.kind,
        clientId: '0a1b2c3d-3333-4222-8333-444455556666',
        principalId: '0a1b2c3d-4444-4222-8333-444455556666',
      },
      federatedCredentials: [
        ...chain.others.map((other, index) => ({ name: `other-${index}`, ...other, audiences: [EXCHANGE] })),
        {
          name: 'checkout',
          issuer: chain.credentialIssuer,
          subject: chain.credentialSubject,
          audiences: chain.credentialAudiences,
        },
      ],
      identityBindings: [],
    },
  });
  const sources = {
    keys,
    now,
    cloud: 'public',
    issuers: [],
    openOrigins: [],
    tenants: [],
    azure: noAzure(now),
  } as const;
  const evidence = await gatherFederationEvidence(request, sources, { requestId: 'request' });
  const noBug = (id: string, error: unknown) => expect.unreachable(`${id} threw ${String(error)}`);
  return outcomeOf(runChecks(federationQuestion, evidence, noBug)).verdict;
}

const SEED = 20_261_125;

describe('a chain', () => {
  it('that is healthy by construction passes', async () => {
    await fc.assert(
      fc.asyncProperty(healthy, async (chain) => {
        expect(await verdictOf(chain)).toBe('pass');
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('with any single change of issuer, subject, audience, flag or time never does', async () => {
    await fc.assert(
      fc.asyncProperty(healthy, mutation, async (chain, { name, apply }) => {
        // Without a token there is nothing of one to change; what the workload is said to be is the subject and audience then.
        const whole = OF_TOKENS.includes(name) ? { ...chain, withToken: true } : chain;
        expect(await verdictOf(apply(whole))).not.toBe('pass');
      }),
      { seed: SEED, numRuns: 1500 },
    );
  });
});
