import * as z from 'zod';

const Fault = z
  .object({
    pointer: z
      .string()
      .optional()
      .meta({ description: 'Where in the request body, as a JSON pointer (RFC 6901); "" is the whole body.' }),
    parameter: z.string().optional().meta({ description: 'Which query parameter.' }),
    detail: z.string(),
  })
  .meta({ id: 'Fault' });
export type Fault = z.infer<typeof Fault>;

/** A problem document (RFC 9457): the answer to a request that cannot be understood, allowed or served. */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'A stable name of the kind of problem, as a relative reference.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What happened, and what to do about it.' }),
    errors: z.array(Fault).optional().meta({ description: 'One entry a fault, with its place.' }),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** Thrown where a request cannot be understood; `functions/handler.ts` turns it into the answer. Carries no input. */
export class RequestError extends Error {
  readonly problem: Omit<Problem, 'requestId'>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Omit<Problem, 'requestId'>, headers: Readonly<Record<string, string>> = {}) {
    super(problem.title);
    this.problem = problem;
    this.headers = headers;
  }
}

/** A name the caller invented is repeated so far, and no further: it may be a token pasted in the wrong place. */
const LONGEST_SHOWN_NAME = 24;

/** A JSON pointer (RFC 6901 §3), with names cut that are longer than any of ours. */
export const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((name) => `/${shownName(String(name)).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** A name of the caller's own making, cut where it is longer than any of ours. */
export const shownName = (name: string): string =>
  name.length <= LONGEST_SHOWN_NAME ? name : `${name.slice(0, LONGEST_SHOWN_NAME)}…`;

/** More faults than this help nobody and cost an answer as large as the request. */
export const MOST_TOLD_FAULTS = 20;

export interface PlacedFault {
  pointer: string;
  detail: string;
}

/** What `value` is by `schema`, or what is wrong with it, each fault with its place. Repeats no value. */
export function understand<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { ok: true; value: T } | { ok: false; faults: PlacedFault[] } {
  const parsed = schema.safeParse(value, { error: inWords });
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, faults: parsed.error.issues.flatMap(faultsOf) };
}

/** Says what is wrong where the schema itself does not; zod's own words are for programmers. */
const inWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'Is missing';
      return `Must be ${NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `Must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'Must not be empty' : `Must be at least ${issue.minimum}`;
    case 'too_big':
      return `Must be at most ${issue.maximum}`;
    case 'invalid_format':
      return issue.format === 'datetime' ? 'Must be a time with its zone, such as 2026-11-20T10:00:00Z' : undefined;
    default:
      return undefined;
  }
};

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'an object',
  int: 'a whole number',
  number: 'a number',
};

function faultsOf(issue: z.core.$ZodIssue): PlacedFault[] {
  if (issue.code === 'invalid_union') {
    // The member of the union that was meant is the one whose faults lie inside it.
    const meant = issue.errors.find((faults) =>
      faults.every(({ code }) => code !== 'invalid_type' && code !== 'invalid_value'),
    );
    const inside = issue.errors.find((faults) => faults.some(({ path }) => path.length > 0));
    return (meant ?? inside ?? issue.errors[0] ?? []).flatMap((fault) =>
      faultsOf({ ...fault, path: [...issue.path, ...fault.path] }),
    );
  }
  if (issue.code !== 'unrecognized_keys') {
    // Of a name that may not be one, zod says so, and in it why.
    const { message } = (issue.code === 'invalid_key' && issue.issues[0]) || issue;
    return [{ pointer: jsonPointer(issue.path), detail: `${message}.` }];
  }
  return issue.keys.map((name) => ({
    pointer: jsonPointer([...issue.path, name]),
    detail: 'Is not known here.',
  }));
}
