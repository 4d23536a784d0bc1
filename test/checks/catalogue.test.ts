import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Check, type EvidenceName, type Present, UNREADABLE } from '../../src/checks/check.ts';
import { tokenChecks, tokenQuestion } from '../../src/checks/index.ts';
import { runChecks } from '../../src/checks/run.ts';
import { CloudName } from '../../src/contract/clouds.ts';
import type { Absence } from '../../src/contract/evidence.ts';
import { type Target, TargetName, targetOf } from '../../src/contract/target.ts';
import {
  CLIENT,
  entra,
  evidenceWith,
  keysWith,
  NOW,
  secondsFromNow,
  signature,
  TENANT,
  tokenWith,
  v1,
} from './builders.ts';

const folder = join(import.meta.dirname, '../../src/checks');
/** Files of src/checks/ that hold no check; every other one must. */
const support = [
  'check.ts',
  'entra-issuers.ts',
  'index.ts',
  'predicted-errors.ts',
  'questions.ts',
  'ruled.ts',
  'run.ts',
  'times.ts',
  'token-requests.ts',
];
const files = readdirSync(folder).filter((file) => !support.includes(file));
const ids = tokenChecks.map(({ id }) => id);
const deciding = Object.values(tokenQuestion.deciding);

const objectNames = <T extends object>(value: T) => Object.keys(value) as (keyof T)[];

const isCheck = (value: unknown): value is Check =>
  typeof value === 'object' && value !== null && 'id' in value && 'needs' in value && 'run' in value;

const noBug = (id: string, error: unknown) => expect.unreachable(`${id} threw ${String(error)}`);

describe('the catalogue', () => {
  it('lists every file once, and nothing else', () => {
    expect([...ids].sort()).toEqual(files.map((file) => file.replace(/\.ts$/, '')).sort());
  });

  it.each(files)('%s exports one check, under the id that is its name', async (file) => {
    const exported: unknown[] = Object.values(await import(join(folder, file)));
    expect(exported.filter(isCheck).map(({ id }) => `${id}.ts`)).toEqual([file]);
  });

  it.each(support)('%s holds no check', async (file) => {
    const exported: unknown[] = Object.values(await import(join(folder, file)));
    expect(exported.filter(isCheck)).toEqual([]);
  });

  it.each(ids)('%s has a test', (id) => {
    expect(existsSync(join(import.meta.dirname, `${id}.test.ts`))).toBe(true);
  });

  it.each(tokenChecks)('$id has words for a reader', ({ id, title, remediation, reference }) => {
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
    const common = tokenQuestion.deciding.unnamed;
    const more = Object.entries(tokenQuestion.deciding).map(([name, own]) => {
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
    expect(ids).toEqual(expect.arrayContaining([...tokenQuestion.ofWholeTokens, ...tokenQuestion.ofHeaders]));
  });

  it.each(objectNames(tokenQuestion.deciding))('names each check that decides for %s once', (name) => {
    expect(new Set(tokenQuestion.deciding[name]).size).toBe(tokenQuestion.deciding[name].length);
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
const healthy = (target: Target): Present<EvidenceName> => {
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
      ids.filter((id) => tokenQuestion.deciding[name].includes(id)).map((id) => [id, 'pass']),
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
