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

/** One thing a reader wants to know of what was asked about, in words; the data are in `evidence`. */
export const Fact = z
  .object({
    name: z.string(),
    value: z.string(),
    because: z.string().optional().meta({ description: 'What tells it.' }),
  })
  .meta({ id: 'Fact' });
export type Fact = z.infer<typeof Fact>;

/** What one receiver would make of the token. */
export const Reception = z
  .object({
    target: z.string().meta({ description: 'A name that `target` of a request takes.' }),
    title: z.string(),
    verdict: Verdict,
    rootCause: z.string().nullable(),
    predictedError: PredictedError.optional().meta({ description: 'What it would answer, where that can be told.' }),
  })
  .meta({ id: 'Reception' });
export type Reception = z.infer<typeof Reception>;

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
    facts: z.array(Fact).optional().meta({ description: 'What was asked about, in words.' }),
    receptions: z.array(Reception).optional().meta({
      description: 'Where no target was named: what the receivers a token is commonly tried on would make of it.',
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
