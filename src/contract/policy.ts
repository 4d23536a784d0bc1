import * as z from 'zod';
import { isGuid, isScopeToken } from './claims.ts';

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

const ClockTolerance = seconds(0, MAX_CLOCK_TOLERANCE_SECONDS);

/** Beside issuer and audience: a list that is empty restricts nothing, one that is not restricts every token. */
const demands = {
  tokenKinds: z.array(AcceptedKind).default([]),
  scopes: Grants,
  roles: Grants,
  clients: z.array(ClientId).default([]),
  subjects: z.array(Text).default([]),
  /** Counted from `iat`; null: no limit but `exp`. */
  maxTokenAgeSeconds: z.int().min(1).nullable().default(null),
};

const Audience = Text.refine((text) => text === text.trim(), 'Must not have white space around it');

/**
 * What a receiver asks of a token, each rule of which `acceptance.ts` judges. As it stands: a receiver of the caller's own,
 * where an empty list of issuers or audiences is a gap in what the caller told.
 */
export const AcceptanceRules = z.strictObject({
  issuers: z.array(Text).default([]),
  audiences: z.array(Audience).default([]),
  ...demands,
  /** Left out: not known, so that close to `exp` and `nbf` nothing can be told. */
  clockToleranceSeconds: ClockTolerance.optional(),
});
export type AcceptanceRules = z.infer<typeof AcceptanceRules>;

/** Who is let in by this deployment. Issuers and audiences are exact strings, and one of each must fit. */
export const PolicyContent = z.strictObject({
  issuers: z.array(Text).min(1, 'Must name at least one issuer'),
  audiences: z.array(Audience).min(1, 'Must name at least one audience'),
  ...demands,
  clockToleranceSeconds: ClockTolerance.default(60),
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
export type PolicyContent = z.infer<typeof PolicyContent>;
