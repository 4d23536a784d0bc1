import { XMLValidator } from 'fast-xml-parser';
import { beforeAll, describe, expect, it } from 'vitest';
import { AnalyzeTokenRequest } from '../../src/contract/analyze-token.ts';
import { RequestError } from '../../src/contract/problem.ts';
import { Report } from '../../src/contract/report.ts';
import { AKS_SERVER_APP_ID, TOKEN_EXCHANGE_AUDIENCE } from '../../src/contract/resources.ts';
import { TargetName, WITH_RESOURCE } from '../../src/contract/target.ts';
import { unwrapToken } from '../../src/evidence/token.ts';
import { analyzeToken } from '../../src/functions/analyze-token.ts';
import type { ReportEndpoint, World } from '../../src/functions/endpoint.ts';
import { junit } from '../../src/report/junit.ts';
import { markdown } from '../../src/report/markdown.ts';
import { text } from '../../src/report/text.ts';
import { readSettings } from '../../src/settings.ts';
import type { Port } from '../../src/trust/guarded-port.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import { noAzure } from '../azure.ts';
import { TENANT, type TestKey, testKey } from '../tokens.ts';
import { type Base, diceFor, INPUTS, type Input } from './any-text.ts';

const NOW = 1_800_000_000;
const API = 'a1a2a3a4-1111-4222-8333-444455556666';
const v1 = `https://sts.windows.net/${TENANT}/`;
const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const cluster = `https://westeurope.oic.prod-aks.azure.com/${TENANT}/${API}/`;
const rules = { issuers: [v1, v2, cluster], audiences: [API, TOKEN_EXCHANGE_AUDIENCE] };

const times = { iat: NOW - 300, nbf: NOW - 300, exp: NOW + 3600 };
const entra = { tid: TENANT, oid: API, sub: API, uti: 'invented', ...times };
const app = { ...entra, iss: v2, aud: API, ver: '2.0', azp: API, roles: ['Orders.Read'] };
const HEALTHY: readonly Pick<Base, 'claims' | 'ask'>[] = [
  { claims: app, ask: { target: { policy: 'default' } } },
  { claims: { ...app, roles: undefined, scp: 'read' }, ask: { target: { custom: rules } } },
  { claims: { ...entra, iss: v1, aud: AKS_SERVER_APP_ID, ver: '1.0', appid: API }, ask: { target: 'aks-api-server' } },
  {
    claims: {
      ...times,
      iss: cluster,
      aud: [TOKEN_EXCHANGE_AUDIENCE],
      sub: 'system:serviceaccount:a:b',
      'kubernetes.io': {},
    },
    ask: { target: { custom: rules } },
  },
];

let key: TestKey;
let bases: Base[];
let world: World;
beforeAll(async () => {
  key = await testKey('a');
  bases = await Promise.all(
    HEALTHY.map(async ({ claims, ask }) => {
      const token = await key.sign(claims);
      return { token, header: { alg: 'RS256', kid: 'a', typ: 'JWT' }, claims, ask };
    }),
  );
  const now = () => new Date(NOW * 1000);
  const keys = new KeyCache({ port: answering([key.jwk]), now, freshSeconds: 600 });
  const { settings, faults, unknown } = readSettings({ TOKEN_DOCTOR_POLICIES: JSON.stringify({ default: rules }) });
  expect(faults).toEqual([]);
  const sources = {
    keys,
    now,
    cloud: settings.cloud,
    issuers: settings.issuers,
    openOrigins: [],
    tenants: [],
    azure: noAzure(now),
  };
  world = { settings, faults, unknown, routes: [], secondsToWait: () => 0, sources: async () => sources };
});

/** Every issuer, out of memory: its metadata name it, and all have the same keys. */
const answering = (keys: object[]): Port => ({
  getJson: async (url) => {
    const [base] = url.split('/.well-known/');
    if (base === url) return { ok: true, body: { keys } };
    const { pathname } = new URL(url);
    const issuer = url.startsWith('https://login.') ? (pathname.includes('/v2.0/') ? base : v1) : `${base}/`;
    return { ok: true, body: { issuer, jwks_uri: `${base}/keys` } };
  },
});

const bugs: string[] = [];
const { diagnose } = analyzeToken as ReportEndpoint;
const report = async (body: object) =>
  await diagnose(
    {
      body: AnalyzeTokenRequest.parse(body),
      query: {},
      requestId: 'r-1',
      traceparent: undefined,
      origin: 'https://doctor.invalid',
      note: () => {},
      reportBug: (place, error) => bugs.push(`${place}: ${error}`),
    },
    world,
  );

/** All that is wrong with an answer, which is nothing. */
async function faultsOf(input: Input, ask: object): Promise<string[]> {
  bugs.length = 0;
  let told: Report;
  try {
    told = await report({ ...input, ...ask });
  } catch (error) {
    return error instanceof RequestError ? [] : [`thrown: ${error instanceof Error ? error.stack : error}`];
  }
  const json = JSON.stringify(told);
  const faults = [...bugs];
  const valid = Report.safeParse(JSON.parse(json));
  if (!valid.success) faults.push(`no report: ${valid.error.message}`);
  if ([markdown(told), text(told)].includes('')) faults.push('nothing rendered');
  if (XMLValidator.validate(junit(told)) !== true) faults.push('no XML');
  if ('token' in input) {
    const healthy = bases.some(({ token }) => token === unwrapToken(input.token).compact);
    const verdicts = [told.verdict, ...(told.receptions ?? []).map(({ verdict }) => verdict)];
    if (!healthy && verdicts.includes('pass')) faults.push('passes');
    if (repeats(json, input.token)) faults.push('repeats its input');
  }
  if (bases.some(({ token }) => repeatsSignature(json, token))) faults.push('repeats a signature');
  return faults;
}

/** A claim may be any text, so what is short could be one. */
const repeats = (json: string, token: string) =>
  token.length > 40 && [token, JSON.stringify(token).slice(1, -1)].some((form) => json.includes(form));

const bytesOf = (token: string) => token.split('.').map((part) => Buffer.from(part, 'base64url'));

const repeatsSignature = (json: string, token: string) => {
  const signature = token.split('.')[2] ?? '';
  return [signature.slice(0, 24), signature.slice(-24)].some((piece) => json.includes(piece));
};

/** How an input is asked about: mostly as its healthy token would pass, else in any other way there is. */
const ASKS: readonly object[] = [
  {},
  { cloud: 'china' },
  { cloud: 'usgovernment' },
  { at: '2027-01-15T08:00:00+01:00' },
  { target: { policy: 'no such policy' } },
  { target: { custom: {} } },
  { target: { custom: { audiences: [API], tokenKinds: ['app-only'], roles: { all: ['x'] }, maxTokenAgeSeconds: 1 } } },
  ...TargetName.options.flatMap((target) => [
    ...(target === 'mcp' ? [] : [{ target }]),
    ...(WITH_RESOURCE.includes(target) ? [{ target, resource: API }] : []),
  ]),
];

describe('whatever is handed in', () => {
  it('a healthy token passes, however it is wrapped', async () => {
    for (const { token, ask } of bases)
      for (const pasted of [token, `Bearer ${token}`, `%22${token}%22%0A`, token.replace('.', '.\n')])
        expect([ask, (await report({ token: pasted, ...ask })).verdict]).toEqual([ask, 'pass']);
  });

  it('a healthy token does not, with other unused bits at its end', async () => {
    for (const { token, ask } of bases) {
      const other = token.slice(0, -1) + { A: 'B', Q: 'R', g: 'h', w: 'x' }[token.slice(-1)];
      expect(bytesOf(other)).toEqual(bytesOf(token));
      expect((await report({ token: other, ...ask })).verdict).toBe('fail');
    }
  });

  it.each(Object.entries(INPUTS))(
    '%s are reported on, and neither passed nor repeated',
    async (name, { count, make }) => {
      const dice = diceFor(name);
      const found: object[] = [];
      for (let index = 0; index < count; index += 1) {
        const base = dice.one(bases);
        const ask = dice.number(2) === 0 ? base.ask : dice.one(ASKS);
        const input = await make(dice, base, (header, claims) => key.sign(claims, header));
        const faults = await faultsOf(input, ask);
        if (faults.length > 0) found.push({ faults, ask, input });
      }
      expect(found.slice(0, 3)).toEqual([]);
    },
  );

  it('makes 10 000 in all', () => {
    expect(Object.values(INPUTS).reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  });
});
