import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Check, type Present, UNREADABLE } from '../../src/checks/check.ts';
import { federationChecks, federationQuestion } from '../../src/checks/federation-question.ts';
import { catalogue } from '../../src/checks/index.ts';
import { keyChecks, keyQuestion } from '../../src/checks/key-question.ts';
import { runChecks } from '../../src/checks/run.ts';
import {
  decidingByTarget,
  OF_HEADERS,
  OF_WHOLE_TOKENS,
  tokenChecks,
  tokenQuestion,
} from '../../src/checks/token-question.ts';
import { CloudName } from '../../src/contract/clouds.ts';
import type { Absence, TokenEvidence } from '../../src/contract/evidence.ts';
import type { FederationEvidence } from '../../src/contract/federation-evidence.ts';
import { type Target, TargetName, targetOf } from '../../src/contract/target.ts';
import {
  CLIENT,
  entra,
  evidenceWith,
  keysWith,
  NOW,
  cluster as podIssuer,
  secondsFromNow,
  signature,
  TENANT,
  tokenWith,
  v1,
  v2,
} from './builders.ts';

import {
  AUDIENCE,
  applicationOf,
  assertionOf,
  clusterIssuer,
  clusterOf,
  credentialOf,
  credentialsOf,
  identityOf,
  lookupOf,
  SUBJECT,
} from './federation-builders.ts';

const folder = join(import.meta.dirname, '../../src/checks');
/** Files of src/checks/ that hold no check; every other one must. */
const support = [
  'azure-commands.ts',
  'check.ts',
  'entra-issuers.ts',
  'federated-field.ts',
  'federated-match.ts',
  'federation-question.ts',
  'identity-links.ts',
  'index.ts',
  'key-documents.ts',
  'key-question.ts',
  'matching-expression.ts',
  'predicted-errors.ts',
  'predicted-federation-errors.ts',
  'questions.ts',
  'receiver-fields.ts',
  'ruled.ts',
  'run.ts',
  'times.ts',
  'token-question.ts',
  'token-requests.ts',
];
const files = readdirSync(folder).filter((file) => !support.includes(file));
const ids = tokenChecks.map(({ id }) => id);
const deciding = Object.values(decidingByTarget);

const objectNames = <T extends object>(value: T) => Object.keys(value) as (keyof T)[];

const isCheck = (value: unknown): value is Check =>
  typeof value === 'object' && value !== null && 'id' in value && 'needs' in value && 'run' in value;

const noBug = (id: string, error: unknown) => expect.unreachable(`${id} threw ${String(error)}`);

describe('the catalogue', () => {
  it('lists every file once, and nothing else', () => {
    expect(catalogue.map(({ id }) => id).sort()).toEqual(files.map((file) => file.replace(/\.ts$/, '')).sort());
  });

  it.each(files)('%s exports one check, under the id that is its name', async (file) => {
    const exported: unknown[] = Object.values(await import(join(folder, file)));
    expect(exported.filter(isCheck).map(({ id }) => `${id}.ts`)).toEqual([file]);
  });

  it.each(support)('%s holds no check', async (file) => {
    const exported: unknown[] = Object.values(await import(join(folder, file)));
    expect(exported.filter(isCheck)).toEqual([]);
  });

  it.each(catalogue.map(({ id }) => id))('%s has a test', (id) => {
    expect(existsSync(join(import.meta.dirname, `${id}.test.ts`))).toBe(true);
  });

  it.each(catalogue)('$id has words for a reader', ({ id, title, remediation, reference }) => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(title).not.toMatch(/\.$/);
    expect(remediation).toMatch(/^[A-Z].*\.$/);
    expect(new URL(reference).protocol).toBe('https:');
  });

  it.each(tokenChecks.map(({ id, behind }, place) => [id, behind, place] as const))(
    '%s stands behind earlier checks only',
    (_id, behind, place) => {
      expect(ids.slice(0, place)).toEqual(expect.arrayContaining([...behind]));
      expect(new Set(behind).size).toBe(behind.length);
    },
  );

  it.each(tokenChecks.filter(({ needs }) => needs.includes('token')))(
    '$id, which reads the token, stands behind the checks that say it cannot be read',
    ({ behind }) => {
      expect(behind).toEqual(expect.arrayContaining([...UNREADABLE]));
    },
  );

  it('lets every check of severity error decide for some target, and no other', () => {
    const errors = tokenChecks.filter(({ severity }) => severity === 'error').map(({ id }) => id);
    expect([...new Set(deciding.flat())].sort()).toEqual(errors.sort());
  });

  it('decides alike for every target, but for what only some do', () => {
    const common = decidingByTarget.unnamed;
    const more = Object.entries(decidingByTarget).map(([name, own]) => {
      expect(own).toEqual(expect.arrayContaining([...common]));
      return [name, own.filter((id) => !common.includes(id))];
    });
    const ruled = ['token-too-old', 'client-not-accepted', 'subject-not-accepted', 'scope-missing', 'role-missing'];
    expect(Object.fromEntries(more)).toEqual({
      ...Object.fromEntries(TargetName.options.map((name) => [name, ['principal-missing']])),
      'aks-api-server': ['principal-missing', 'group-overage'],
      'servicenow-jwt-bearer': ['principal-missing', 'token-id-missing'],
      mcp: [],
      custom: ruled,
      policy: ruled,
      unnamed: [],
    });
  });

  it('leaves out what only a whole token or a header shows, and knows it', () => {
    expect(ids).toEqual(expect.arrayContaining([...OF_WHOLE_TOKENS, ...OF_HEADERS]));
  });

  it.each(objectNames(decidingByTarget))('names each check that decides for %s once', (name) => {
    expect(new Set(decidingByTarget[name]).size).toBe(decidingByTarget[name].length);
  });
});

describe('the question about a key', () => {
  const keyIds = keyChecks.map(({ id }) => id);

  it.each(keyChecks.map(({ id, behind }, place) => [id, behind, place] as const))(
    '%s stands behind earlier checks only',
    (_id, behind, place) => {
      const later = behind.filter((id) => keyIds.indexOf(id) >= place);
      expect(later).toEqual([]);
    },
  );

  it('lets every check of severity error decide for some request, and no other', () => {
    const errors = keyChecks.filter(({ severity }) => severity === 'error').map(({ id }) => id);
    const document = { role: 'asked', address: { url: '', page: 'keys', family: 'entra' }, given: true } as const;
    const all = evidenceWith({
      keyDocuments: [{ ...document, served: 'key-set' }],
      receiver: { product: 'other', cannotFetch: true, keys: [] },
    });
    const never = ['application-signs-with-own-key', 'kid-misspelt', 'key-set-malformed', 'key-retired'];
    // These explain why a key is not found; where it is, the check that it is decides.
    expect([...keyQuestion.deciding(all), ...never].sort()).toEqual(errors.sort());
  });

  it('passes nothing of which nothing is known', () => {
    for (const reason of ['not-provided', 'unreachable', 'malformed', 'untrusted'] as const) {
      const findings = runChecks(keyQuestion, evidenceWith({}, {}, reason), noBug);
      expect(findings.filter(({ outcome }) => outcome === 'pass' || outcome === 'fail')).toEqual([]);
      expect(findings.some(({ deciding }) => deciding)).toBe(true);
    }
  });
});

describe('with nothing known', () => {
  it.each<Absence>(['not-provided', 'not-found', 'forbidden', 'unreachable', 'malformed', 'untrusted'])(
    'no check passes or fails: %s',
    (reason) => {
      const findings = runChecks(tokenQuestion, evidenceWith({}, {}, reason), noBug);
      const outcome = reason === 'not-provided' ? 'not-applicable' : 'unknown';
      expect(findings.map((finding) => [finding.id, finding.outcome])).toEqual(ids.map((id) => [id, outcome]));
      expect(findings.some((finding) => finding.deciding)).toBe(false);
    },
  );
});

/** All that is known of a token that this target takes. */
const healthy = (target: Target): Present<keyof TokenEvidence> => {
  const iss = target.cloud === 'china' ? `https://sts.chinacloudapi.cn/${TENANT}/` : v1(TENANT);
  const claims = {
    iss,
    aud: target.audiences[0] ?? CLIENT,
    tid: TENANT,
    oid: CLIENT,
    ver: '1.0',
    appid: CLIENT,
    idtyp: 'app',
    nbf: secondsFromNow(-60),
    exp: secondsFromNow(3_600),
  };
  return {
    now: NOW,
    target,
    tokenForm: { lengthBytes: 1_500, sha256: '0123456789abcdef', removed: [] },
    token: tokenWith(claims, { typ: 'JWT', alg: 'RS256', kid: 'k1' }),
    header: { typ: 'JWT', alg: 'RS256', kid: 'k1' },
    tokenKind: { kind: 'entra-access-token', title: 'an Entra access token', because: 'It says so.' },
    profile: { clouds: [target.cloud], audiences: [] },
    issuerFamily: 'entra',
    signingKey: { kty: 'RSA', bits: 2048, algorithms: ['RS256'] },
    trustedIssuer: { ...entra(), issuer: iss },
    allowedAlgorithms: ['RS256'],
    issuerMetadata: { url: 'https://login.example/metadata', issuer: iss, jwksUri: 'https://login.example/keys' },
    signingKeys: keysWith(['k1', 'k2'], 'k1'),
    signature: signature('verified'),
  };
};

/** Receivers of Entra’s access tokens, in every cloud they exist in. */
const everywhere = (['aks-api-server', 'arm', 'graph', 'key-vault', 'storage', 'sql', 'container-registry'] as const)
  .flatMap((name) => CloudName.options.map((cloud): [TargetName, CloudName] => [name, cloud]))
  .concat([['azure-devops', 'public']]);

describe.each(everywhere)('a healthy token for %s, %s', (name, cloud) => {
  const values = healthy(targetOf(name, cloud));

  it('passes every check that decides', () => {
    const findings = runChecks(tokenQuestion, evidenceWith(values), noBug).filter((finding) => finding.deciding);
    expect(findings.map(({ id, outcome }) => [id, outcome])).toEqual(
      ids.filter((id) => decidingByTarget[name].includes(id)).map((id) => [id, 'pass']),
    );
  });

  // The profile says in words what other evidence decides, and of the published key only warnings speak.
  it.each(objectNames(values).filter((item) => item !== 'profile' && item !== 'signingKey'))(
    'does not pass as a whole without %s',
    (missing) => {
      const { [missing]: _missing, ...rest } = values;
      // Without a token but with its claims, the claims decide.
      const left = missing === 'tokenForm' ? (['unreachable'] as const) : (['not-provided', 'unreachable'] as const);
      for (const reason of left) {
        const findings = runChecks(tokenQuestion, evidenceWith(rest, {}, reason), noBug);
        const decides = findings.filter((finding) => finding.deciding);
        expect(decides.length > 0 && decides.every(({ outcome }) => outcome === 'pass')).toBe(false);
        expect(findings.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
      }
    },
  );
});

describe('the question about an exchange', () => {
  const federationIds = federationChecks.map(({ id }) => id);

  it.each(federationChecks.map(({ id, behind }, place) => [id, behind, place] as const))(
    '%s stands behind earlier checks only',
    (_id, behind, place) => {
      expect(behind.filter((id) => federationIds.indexOf(id) >= place)).toEqual([]);
      expect(new Set(behind).size).toBe(behind.length);
    },
  );

  it('lets every check of severity error decide for some request, and no other', () => {
    const errors = federationChecks.filter(({ severity }) => severity === 'error').map(({ id }) => id);
    const observation = { required: true, supplied: [] };
    // Of a service connection, which Entra vouches for.
    const assertion = assertionOf({ issuer: v2(TENANT), subject: '/eid1/c/pub/t/abc' });
    const ofEntra = { assertion, observation };
    const whole = federationQuestion.deciding(evidenceWith(ofEntra));
    const tokenless = federationQuestion.deciding(evidenceWith(ofEntra, { token: 'not-provided' }));
    expect([...new Set([...whole, ...tokenless])].sort()).toEqual(errors.sort());
    for (const decides of [whole, tokenless]) expect(new Set(decides).size).toBe(decides.length);
  });

  it('asks of the cluster what was asked for: not of one that nobody named', () => {
    const decides = (more: Parameters<typeof lookupOf>[0]) =>
      federationQuestion.deciding(evidenceWith({ clusterLookup: lookupOf(more) }));
    expect(decides({})).toContain('cluster-not-found');
    expect(decides({ unasked: true })).not.toContain('cluster-not-found');
    expect(federationQuestion.deciding({})).toEqual([]);
  });

  it.each<Absence>(['not-provided', 'not-found', 'forbidden', 'unreachable', 'malformed', 'untrusted', 'throttled'])(
    'passes nothing of which nothing is known: %s',
    (reason) => {
      const findings = runChecks(federationQuestion, evidenceWith({}, {}, reason), noBug);
      expect(findings.filter(({ outcome }) => outcome === 'pass' || outcome === 'fail')).toEqual([]);
      expect(findings.some(({ deciding }) => deciding)).toBe(true);
    },
  );

  /** All that is known of an exchange that succeeds: of a pod, with its token. */
  const iss = clusterIssuer();
  const claims = {
    iss,
    sub: SUBJECT,
    aud: [AUDIENCE],
    nbf: secondsFromNow(-60),
    iat: secondsFromNow(-60),
    exp: secondsFromNow(3_540),
  };
  const values: Present<keyof FederationEvidence> = {
    ...healthy(targetOf('token-exchange', 'public')),
    token: tokenWith(claims, { alg: 'RS256', kid: 'k1' }),
    header: { alg: 'RS256', kid: 'k1' },
    tokenKind: { kind: 'kubernetes-service-account-token', title: 'a token of a pod', because: 'It says so.' },
    issuerFamily: 'aks',
    trustedIssuer: { ...podIssuer, issuer: iss },
    issuerMetadata: { url: `${iss}.well-known/openid-configuration`, issuer: iss, jwksUri: `${iss}openid/v1/jwks` },
    workload: { subject: SUBJECT, issuer: iss, audience: AUDIENCE },
    assertion: assertionOf({ claims }),
    clusterLookup: lookupOf(),
    cluster: clusterOf(),
    publication: { issuer: iss, metadataUrl: `${iss}.well-known/openid-configuration` },
    identityLookup: lookupOf({ by: 'clientId', named: CLIENT }),
    identity: identityOf(),
    askedTenant: TENANT,
    federatedCredentials: credentialsOf([credentialOf({ createdAt: new Date(0) })]),
    identityBindings: [],
    deadIssuers: [],
    observation: { required: true, supplied: [] },
  };

  it.each([
    ['identity', values],
    ['application', { ...values, identity: applicationOf() }],
  ])('passes every check that decides, where all is well: %s', (_name, all) => {
    const findings = runChecks(federationQuestion, evidenceWith(all), noBug);
    const decides = findings.filter(({ deciding }) => deciding);
    expect(decides.filter(({ outcome }) => outcome !== 'pass').map(({ id, outcome }) => [id, outcome])).toEqual([]);
    expect(decides.length).toBeGreaterThan(25);
    expect(findings.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  });

  // The profile says in words what other evidence decides; of the rest only warnings speak, or the family decides what is asked.
  const beside = ['profile', 'signingKey', 'identityBindings', 'deadIssuers', 'observation', 'now'];
  it.each(objectNames(values).filter((item) => !beside.includes(item)))(
    'does not pass as a whole without %s',
    (missing) => {
      const { [missing]: _missing, ...rest } = values;
      const findings = runChecks(federationQuestion, evidenceWith(rest), noBug);
      const decides = findings.filter(({ deciding }) => deciding);
      expect(decides.length > 0 && decides.every(({ outcome }) => outcome === 'pass')).toBe(false);
      expect(findings.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    },
  );
});
