import type { Evidence } from '../contract/evidence.ts';
import type { Finding, Outcome, Remediation, Severity } from '../contract/finding.ts';

export type EvidenceName = keyof Evidence;
export type Present<S extends EvidenceName> = { [K in S]: Extract<Evidence[K], { state: 'present' }>['value'] };

/** What `run` decides. The runner adds the check's own words around it. */
export interface Ruling extends Pick<Finding, 'summary'> {
  outcome: Outcome;
  expected?: string | undefined;
  actual?: string | undefined;
  difference?: Finding['difference'] | undefined;
  /** Where the values of this very case make a better advice than the check's own. */
  remediation?: Remediation | undefined;
  /** Commands with the values of this very case, beside the check's own advice. */
  commands?: string[] | undefined;
}

/** One rule: what it needs, how it decides, and what to tell the reader. */
export interface Check<S extends EvidenceName = EvidenceName> {
  /** Names the fault. Public: never renamed, never reused. */
  id: string;
  /** States the healthy case. */
  title: string;
  severity: Severity;
  needs: readonly S[];
  /** Checks whose failure makes this one meaningless: then it is not judged, so that one fault is not blamed twice. */
  behind: readonly string[];
  /** Starts with a verb. */
  remediation: string;
  reference: string;
  /** Pure: same evidence, same ruling. No clock, no network, no logging. */
  run(evidence: Present<S>): Ruling;
}

/** Infers what `run` receives from `needs`. */
export const defineCheck = <const S extends EvidenceName>(check: Check<S>): Check<S> => check;

type More = Omit<Ruling, 'outcome' | 'summary'>;
export const pass = (summary: string, more?: More): Ruling => ({ ...more, outcome: 'pass', summary });
export const fail = (summary: string, more?: More): Ruling => ({ ...more, outcome: 'fail', summary });
/** The evidence is there and does not settle it. */
export const unknown = (summary: string, more?: More): Ruling => ({ ...more, outcome: 'unknown', summary });

/** A value from a token, for a reader: whole as long as it is not absurdly long. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'absent');
  return text.length <= 200 ? text : `${text.slice(0, 200)}… (${text.length} characters)`;
}

/** Checks that fail when nothing inside the token can be read. */
export const UNREADABLE = ['token-too-large', 'token-malformed'] as const;
