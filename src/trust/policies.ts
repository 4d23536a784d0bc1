import { hash } from 'node:crypto';
import * as z from 'zod';
import { isGuid, isScopeToken } from '../contract/claims.ts';
import { type CloudName, clouds } from '../contract/clouds.ts';
import type { TrustedIssuer } from '../contract/evidence.ts';
import { isJsonObject } from '../contract/json.ts';
import { type ConfiguredIssuer, trustedIssuer } from './families.ts';

/** `ClockSkew` of Microsoft.IdentityModel: no receiver of Entra tokens allows for more. */
const MAX_CLOCK_TOLERANCE_SECONDS = 300;
/** How long a revoked token may live on in a cache of decisions; longer than this is not a cache but a hole. */
const MAX_CACHE_SECONDS = 300;
/** Keys older than a day explain tokens at best; a decision on them would undo any revocation of a key. */
const MAX_KEY_STALENESS_SECONDS = 24 * 3600;

/** A scope is one word (RFC 6749 §3.3), and Entra's roles are too: one with a space in it could never be granted. */
const Word = z.string().refine(isScopeToken, 'Must be one word, as tokens carry it');
const Text = z.string().min(1, 'Must not be empty');
/** Entra writes ids of applications in lower case and compares nothing: a GUID in capitals would never match. */
const ClientId = Text.refine((text) => !isGuid(text) || text === text.toLowerCase(), 'Must be in lower case');

/** Which of these must be granted: at least one of `any`, each of `all`. An empty list asks for nothing. */
const Grants = z.strictObject({ any: z.array(Word).default([]), all: z.array(Word).default([]) }).prefault({});
export type Grants = z.infer<typeof Grants>;

/** Kinds of access tokens a policy can tell apart. ID tokens let nobody in, whatever a policy says. */
const AcceptedKind = z.enum(['app-only', 'delegated', 'kubernetes']);

/** Whole segments of unreserved and delimiting characters; `*` as the last one stands for everything below. */
const PathPattern = z
  .string()
  .regex(
    /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~!$&'()+,;=:@-]+)*(?:\/\*?)?$/,
    'Must be a plain path such as /orders/* without escapes',
  )
  .min(1, 'Must not be empty');

const PathRule = z.strictObject({
  path: PathPattern,
  methods: z.array(z.string().regex(/^[A-Z]+$/, 'Must be a method in capitals, such as GET')).default([]),
  scopes: Grants,
  roles: Grants,
});

const Paths = z.strictObject({
  /** The one place the original path comes from: a header in lower case, or `path`, the rest of the route itself. */
  from: z.string().regex(/^[a-z][a-z0-9-]*$/, 'Must be a header name in lower case, or path'),
  default: z.enum(['deny', 'allow']).default('deny'),
  rules: z.array(PathRule).default([]),
});

const seconds = (lowest: number, highest: number) => z.int().min(lowest).max(highest);

/**
 * Who is let in. Issuers and audiences are exact strings, and one of each must fit; every other list that is empty
 * restricts nothing, every other list that is not restricts every token.
 */
const PolicyContent = z.strictObject({
  issuers: z.array(Text).min(1, 'Must name at least one issuer'),
  audiences: z
    .array(Text.refine((text) => text === text.trim(), 'Must not have white space around it'))
    .min(1, 'Must name at least one audience'),
  tokenKinds: z.array(AcceptedKind).default([]),
  scopes: Grants,
  roles: Grants,
  clients: z.array(ClientId).default([]),
  subjects: z.array(Text).default([]),
  clockToleranceSeconds: seconds(0, MAX_CLOCK_TOLERANCE_SECONDS).default(60),
  /** Counted from `iat`; null: no limit but `exp`. */
  maxTokenAgeSeconds: z.int().min(1).nullable().default(null),
  /** The oldest key set that may still let somebody in while its issuer cannot be reached. */
  keyStalenessSeconds: seconds(60, MAX_KEY_STALENESS_SECONDS).default(7200),
  cacheSeconds: seconds(0, MAX_CACHE_SECONDS).default(30),
  /** RFC 9728 §1.2: the resource identifier is an https address without a fragment. */
  resource: z
    .url({ protocol: /^https$/, error: 'Must be an https address' })
    .refine((text) => !text.includes('#'), 'Must not have a fragment')
    .optional(),
  paths: Paths.optional(),
});

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
