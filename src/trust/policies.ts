import { hash } from 'node:crypto';
import * as z from 'zod';
import { type CloudName, clouds } from '../contract/clouds.ts';
import type { TrustedIssuer } from '../contract/evidence.ts';
import { isJsonObject } from '../contract/json.ts';
import { PolicyContent } from '../contract/policy.ts';
import { type ConfiguredIssuer, trustedIssuer } from './families.ts';

/** A policy as parsed, with the name it is asked for by and the hash of its content: the same content, the same hash. */
export interface Policy extends Readonly<z.infer<typeof PolicyContent>> {
  name: string;
  /** SHA-256 in hex. */
  hash: string;
}

/** Names stand in paths and queries, so they are plain. */
const PolicyName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    'Must be a name of 1 to 64 letters, digits, - and _, with a letter or digit first',
  );

/** The setting TOKEN_DOCTOR_POLICIES: policies by name. */
export const Policies = z
  .record(PolicyName, PolicyContent, 'Must be an object of policies by name')
  .transform(
    (byName): ReadonlyMap<string, Policy> =>
      new Map(
        Object.entries(byName).map(([name, content]) => [name, { ...content, name, hash: contentHash(content) }]),
      ),
  );

/** Defaults are written in before, so that saying one and leaving it out is the same content. */
const contentHash = (content: z.infer<typeof PolicyContent>): string => hash('sha256', JSON.stringify(sorted(content)));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [name, sorted(value[name])]),
  );
}

/** What a policy is judged beside. */
interface Surroundings {
  policies: ReadonlyMap<string, Policy>;
  cloud: CloudName;
  issuers: readonly ConfiguredIssuer[];
  openOrigins: readonly string[];
  keysFreshSeconds: number;
}

/** What policies ask for that no token could ever fulfil, as far as the other settings tell; each with its place. */
export function policyFaults({ policies, ...around }: Surroundings): { place: string; detail: string }[] {
  return [...policies.values()].flatMap(({ name, issuers, keyStalenessSeconds }) => [
    ...issuers.flatMap((issuer, index) => {
      const detail = objectionTo(issuer, around);
      return detail === undefined ? [] : [{ place: `/${name}/issuers/${index}`, detail }];
    }),
    ...(keyStalenessSeconds < around.keysFreshSeconds
      ? [
          {
            place: `/${name}/keyStalenessSeconds`,
            detail: 'Must not be less than TOKEN_DOCTOR_KEYS_FRESH_SECONDS: keys are not fetched again before.',
          },
        ]
      : []),
  ]);
}

type Around = Omit<Surroundings, 'policies'>;

function objectionTo(issuer: string, { cloud, issuers, openOrigins }: Around): string | undefined {
  const trusted = (candidate: string) => trustedIssuer(candidate, cloud, issuers);
  const found = trusted(issuer);
  if (found) {
    const { protocol, origin } = new URL(found.jwksUri ?? found.metadataUrl);
    return protocol === 'https:' || openOrigins.includes(origin)
      ? undefined
      : 'Its keys are never asked for: http is only used for origins in TOKEN_DOCTOR_OPEN_ORIGINS.';
  }
  const slips = [
    [`${issuer}/`, 'with a slash at its end it would be one'],
    [issuer.replace(/\/$/, ''), 'without the slash at its end it would be one'],
    [issuer.toLowerCase(), 'in lower case it would be one'],
    [issuer.trim(), 'without white space around it, it would be one'],
  ] as const;
  const [, slip] = slips.find(([candidate]) => trusted(candidate)) ?? [];
  const entra = Object.values(clouds).some(({ authorityHost, v1IssuerHost, authorityAliases }) =>
    [authorityHost, v1IssuerHost, ...authorityAliases].some((host) => issuer.startsWith(`https://${host}/`)),
  );
  return `Is no issuer that is trusted here, letter for letter: ${
    slip ??
    (entra
      ? 'one of Entra names its tenant by the GUID, https://login.microsoftonline.com/{tenant id}/v2.0 or https://sts.windows.net/{tenant id}/'
      : 'name one of your own in TOKEN_DOCTOR_ISSUERS first')
  }.`;
}

/** The issuers that policies accept, each once. */
export function issuersOf({
  policies,
  cloud,
  issuers,
}: Omit<Surroundings, 'openOrigins' | 'keysFreshSeconds'>): TrustedIssuer[] {
  const accepted = new Set([...policies.values()].flatMap((policy) => policy.issuers));
  return [...accepted].flatMap((issuer) => trustedIssuer(issuer, cloud, issuers) ?? []);
}
