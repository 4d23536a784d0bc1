import * as z from 'zod';
import { type AzureReadName, azureReads } from './azure-reads.ts';
import type { Absence, KeyCacheState } from './evidence.ts';
import { Verdict } from './report.ts';

/**
 * What the log may hold: one JSON object a line, by `event`. Words and numbers of ours, the hash of a token and the id of the caller's
 * trace, never a token nor a value out of one. The types bind whoever writes a line; the tests judge every line of the suite and every saved query by the schemas.
 */

const CACHE_STATES = [
  'fresh',
  'refreshed',
  'stale',
  'throttled',
  'negative',
  'degraded',
] as const satisfies readonly KeyCacheState['state'][];
const ABSENCES = [
  'not-provided',
  'not-found',
  'forbidden',
  'unreachable',
  'malformed',
  'untrusted',
  'throttled',
] as const satisfies readonly Absence[];

const text = (description: string) => z.string().meta({ description });
const count = (description: string) => z.int().nonnegative().meta({ description });
const ids = (description: string) => z.array(z.string()).meta({ description });

/** One read that a request began, or joined. */
export const SourceRead = z.strictObject({
  source: z.enum(['issuer', 'arm', 'graph']).meta({ description: 'Who was asked.' }),
  what: z
    .enum(['keys', ...(Object.keys(azureReads) as AzureReadName[])])
    .meta({ description: 'For what: `keys` and metadata of an issuer, or a read of the list of permissions.' }),
  outcome: z.enum(['present', 'unfinished', ...CACHE_STATES, ...ABSENCES]).meta({
    description:
      'Of keys the state of the cache, of Azure `present`; of both why there is nothing, of keys also why nothing new. `unfinished`: the request ended first.',
  }),
  durationMs: count('To the end of the read, or of the request; near 0 where it was kept from before.'),
  reads: count(
    'Where a request read much, alike reads are told as one: how many. `durationMs` is that of the longest.',
  ).optional(),
});
export type SourceRead = z.infer<typeof SourceRead>;

const RequestLine = z
  .strictObject({
    event: z.literal('request'),
    requestId: text('The `x-request-id` of the answer: the invocation id of the platform.'),
    traceId: text(
      '32 hex digits: the trace of the caller, which the calls of ARM and Graph belong to as well.',
    ).optional(),
    route: text('The function, such as `introspectToken`.'),
    method: text('The HTTP method.'),
    status: count('The HTTP status.'),
    durationMs: count('From the call to the answer.'),
    problem: text('Type of the problem document, where the answer is one.').optional(),
    token: text('16 hex digits: the beginning of the SHA-256 of the token.').optional(),
    verdict: Verdict.meta({ description: 'Of a report.' }).optional(),
    rootCause: text('Of a report: id of the first broken check.').optional(),
    failed: ids('Of a report: ids of the checks that failed.').optional(),
    unknown: ids('Of a report: ids of the deciding checks that could not be judged.').optional(),
    target: text('Of an analysis: name of the target.').optional(),
    cloud: text('Of an analysis: the cloud of the target.').optional(),
    kind: text('Of an analysis: what the token is.').optional(),
    documents: count('Of a key: places of keys that were looked into.').optional(),
    gatheredMs: count('Of a report: how long gathering took.').optional(),
    keys: z.enum(CACHE_STATES).meta({ description: 'How the keys of the issuer were had.' }).optional(),
    refreshFailed: z
      .enum(ABSENCES)
      .meta({
        description: 'Of a decision: why the keys could not be had anew. `stale` keys without it: the issuer is slow.',
      })
      .optional(),
    sources: z
      .array(SourceRead)
      .meta({ description: 'Each read that the call began or joined, kept ones too.' })
      .optional(),
    policy: text('Of a decision: name of the policy.').optional(),
    policyHash: text(
      'Of a decision: 16 hex digits of the hash of the policy, as the `start` line tells it.',
    ).optional(),
    active: z.boolean().meta({ description: 'Of a decision.' }).optional(),
    reason: text('Of a decision: why the token is not active.').optional(),
    because: z
      .enum([...ABSENCES, 'too-old'])
      .meta({ description: 'Of a decision that could not be made: why the keys would not do.' })
      .optional(),
    issuer: text('Of a decision that could not be made: place of the issuer in the setting of policies.').optional(),
  })
  .meta({
    description:
      'Of each call that reaches Token Doctor. What the platform turns away, such as a wrong function key, writes none.',
  });
export type RequestLine = z.infer<typeof RequestLine>;

const StartLine = z
  .strictObject({
    event: z.literal('start'),
    version: text('Of Token Doctor.'),
    region: text('`REGION_NAME`, where the platform sets it.').optional(),
    policies: z.record(z.string(), z.string()).meta({ description: 'Hashes of the policies by name.' }),
    cloud: text('The setting.'),
    tenants: count('How many may be asked about; 0: the one that the own sign-in reads.'),
    subscriptions: count('How many may be asked about; 0: all that the own sign-in reads.'),
    issuers: count('How many are configured.'),
    openOrigins: ids('The setting.'),
    keysFreshSeconds: count('The setting.'),
    snapshots: text('Kind of the store, or `off`.'),
    rateLimit: count('The setting.'),
    openRoutes: ids('The setting.'),
    platformAuthentication: z.boolean().meta({ description: 'The setting.' }),
  })
  .meta({ description: 'Of each process that starts.' });

const BugLine = z
  .strictObject({
    event: z.literal('bug'),
    requestId: text('As in `request`.'),
    place: text('The function or the check.'),
    name: text('Name of the error; its message may repeat input and is left out.'),
    at: ids('Where it was thrown: frames of the stack.'),
  })
  .meta({
    description:
      'Of an error that nobody expected. A check that throws costs its own finding alone, anything else the answer (500).',
  });

const SettingInvalidLine = z
  .strictObject({
    event: z.literal('setting-invalid'),
    setting: text('The variable.'),
    place: text('Where in it: a JSON pointer, or which item of a list.'),
    detail: text('What is wrong, without the value.'),
  })
  .meta({ description: 'At the start, of each fault of a setting. Routes that need the setting answer 503.' });

const SettingUnknownLine = z
  .strictObject({
    event: z.literal('setting-unknown'),
    variable: text('One that has our prefix and is no setting.'),
  })
  .meta({ description: 'At the start, of each variable that looks like a setting and is none.' });

const SnapshotsFailingLine = z
  .strictObject({
    event: z.literal('snapshots-failing'),
    what: text('Code of the failure of the store.'),
  })
  .meta({ description: 'Where the store of key snapshots fails, once in each pause. Decisions go on without it.' });

export const LogLine = z.discriminatedUnion('event', [
  RequestLine,
  StartLine,
  BugLine,
  SettingInvalidLine,
  SettingUnknownLine,
  SnapshotsFailingLine,
]);
export type LogLine = z.infer<typeof LogLine>;
