import * as z from 'zod';

/** `unknown`: the evidence could not be had, or does not settle the question. It is never folded into `pass`. */
export const Outcome = z.enum(['pass', 'fail', 'unknown', 'not-applicable']);
export type Outcome = z.infer<typeof Outcome>;

/** Only a failed check of severity `error` makes a verdict `fail`. */
export const Severity = z.enum(['error', 'warning', 'info']);
export type Severity = z.infer<typeof Severity>;

/** What kind of slip turns the expected string into the actual one. */
export const DifferenceKind = z.enum([
  'trailing-slash',
  'letter-case',
  'white-space',
  'homoglyph',
  'encoding',
  'host-alias',
  'other-cluster',
  'other-region',
  'other-tenant',
  'cloud',
  'namespace',
  'service-account',
  'subject-format',
  'other',
]);
export type DifferenceKind = z.infer<typeof DifferenceKind>;

export const Difference = z
  .object({
    kind: DifferenceKind,
    at: z
      .int()
      .nonnegative()
      .meta({ description: 'Index of the first character that differs, counted from 0 in UTF-16 units.' }),
  })
  .meta({ id: 'Difference' });
export type Difference = z.infer<typeof Difference>;

export const Remediation = z
  .object({
    text: z.string().meta({ description: 'What to change, starting with a verb; further lines say where.' }),
    commands: z.array(z.string()).optional().meta({
      description: 'POSIX shell commands with the real values filled in; what only the reader knows is a $VARIABLE.',
    }),
  })
  .meta({ id: 'Remediation' });
export type Remediation = z.infer<typeof Remediation>;

export const Finding = z
  .object({
    id: z.string().meta({ description: 'Stable name of the check; never renamed, never reused.' }),
    title: z.string().meta({ description: 'The healthy state, as a sentence.' }),
    severity: Severity,
    outcome: Outcome,
    deciding: z
      .boolean()
      .meta({ description: 'Whether `pass` of the whole needs this one to pass, for the question asked.' }),
    summary: z.string().meta({ description: 'What was seen, in one sentence.' }),
    expected: z.string().optional(),
    actual: z.string().optional(),
    difference: Difference.optional().meta({ description: 'Where `actual` parts from `expected`, and by which slip.' }),
    remediation: Remediation.optional().meta({ description: 'Present when outcome is `fail`.' }),
    reference: z.url().meta({ description: 'The rule this check enforces.' }),
  })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof Finding>;
