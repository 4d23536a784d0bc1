import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ANSWERS, type Answered } from '../local/functions-app.ts';

/**
 * What the whole suite made the product say, whichever process said it: every answer of the built entry, every log of a
 * server. Judged once, at the end (`suite-judgement.ts`).
 */

/** Names the folder of the record. */
export const SUITE_RECORD = 'SUITE_RECORD';
/** Holds a word that stands in every claim and header of a canary token, and nowhere else. */
export const SUITE_CANARY = 'SUITE_CANARY';

const folder = (): string | undefined => process.env[SUITE_RECORD] || undefined;

export interface RecordedAnswer {
  name: string;
  method: string;
  path: string;
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
}

/** From now on answers of the built entry in this process are recorded, and the signatures of the tokens sent to it. */
export function recordAnswers(): void {
  const into = folder();
  if (into === undefined) return;
  subscribe(ANSWERS, (message) => {
    const { entry, name, call, answer } = message as Answered;
    if (basename(dirname(entry)) !== 'dist') return;
    const recorded: RecordedAnswer = {
      name,
      method: call.method,
      path: call.url.pathname,
      status: answer.status,
      headers: answer.headers,
      body: Buffer.from(answer.body).toString(),
    };
    appendFileSync(join(into, 'answers'), `${JSON.stringify(recorded)}\n`);
    const signatures = signaturesIn(Buffer.from(call.body).toString());
    if (signatures.length > 0) appendFileSync(join(into, 'signatures'), `${signatures.join('\n')}\n`);
  });
}

/** Keeps what a server printed. */
export function recordLog(text: string): void {
  const into = folder();
  if (into !== undefined) appendFileSync(join(into, 'logs'), text);
}

/** Long enough to stand in no log by chance, short enough to be found when only part of a signature leaks. */
const SIGNATURE_CHARACTERS = 24;

const signaturesIn = (body: string): string[] =>
  [...body.matchAll(/(?<![\w-])[\w-]{8,}\.[\w-]{8,}\.([\w-]{40,})/g)].map(([, signature = '']) =>
    signature.slice(0, SIGNATURE_CHARACTERS),
  );
