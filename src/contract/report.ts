import * as z from 'zod';
import { Finding } from './finding.ts';

/** `inconclusive`: something that decides could not be seen. Nothing provided is never `pass`. */
export const Verdict = z.enum(['pass', 'fail', 'inconclusive']);
export type Verdict = z.infer<typeof Verdict>;

/** Whose word the deciding evidence is: seen by this service, handed in by the caller, or both. */
const Basis = z.enum(['observed', 'supplied', 'mixed']);

export const PredictedError = z
  .object({
    code: z.string().meta({ description: 'The code the receiver answers with, as its documents spell it.' }),
    certainty: z.enum(['documented', 'likely']),
  })
  .meta({ id: 'PredictedError' });
export type PredictedError = z.infer<typeof PredictedError>;

export const EvidenceItem = z
  .object({
    state: z.enum(['present', 'absent']),
    value: z.unknown().optional().meta({ description: 'What is known; only when present.' }),
    reason: z.string().optional().meta({ description: 'Why it is not known; only when absent.' }),
    detail: z.string().optional().meta({ description: 'The same in words; only when absent.' }),
    source: z.string(),
    observedAt: z.iso.datetime(),
  })
  .meta({ id: 'EvidenceItem' });
export type EvidenceItem = z.infer<typeof EvidenceItem>;

/** The one shape that every diagnosis is answered in. */
export const Report = z
  .object({
    verdict: Verdict,
    summary: z.string().meta({ description: 'One sentence a person can act on.' }),
    basis: Basis,
    rootCause: z
      .string()
      .nullable()
      .meta({ description: 'The first broken link in fix order; null unless verdict is fail.' }),
    predictedError: PredictedError.optional().meta({
      description: 'What the receiver would answer, where it can be told.',
    }),
    findings: z
      .array(Finding)
      .meta({ description: 'Every check, in fix order; one behind a broken link says so instead of failing too.' }),
    evidence: z.record(z.string(), EvidenceItem),
    requestId: z.string(),
    observedAt: z.iso.datetime(),
  })
  .meta({ id: 'Report' });
export type Report = z.infer<typeof Report>;
