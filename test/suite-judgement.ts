import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OBJECT_ID } from '../local/sandbox/world.ts';
import { LogLine } from '../src/contract/log-line.ts';
import { type Conformity, conformityTo } from './openapi-conformity.ts';
import { type RecordedAnswer, SUITE_CANARY } from './suite-record.ts';

/** Values of the sandbox's tokens that no log has a reason to hold. */
const TOKEN_VALUES = ['inventedUti0000000000A', 'k2RgYGB2invented', 'inventedNonce', 'AAAAAinvented', OBJECT_ID];

/** A JSON object in base64url, as header and payload of a token are. */
const TOKEN_PART = /eyJ[\w-]{20,}/;

export interface Judged {
  answers: number;
  faults: string[];
}

/**
 * What is wrong with the record in `from`: each answer is judged by the OpenAPI document; no log and no problem document may
 * hold a value of a claim or of a header of a token, nor part of a signature; each line of ours in a log must be one that is described.
 */
export function judgeRecord(from: string, openapi: object): Judged {
  const lines = (file: string) => {
    const path = join(from, file);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  };
  const conformity = conformityTo(openapi);
  const answers = lines('answers').map((line) => JSON.parse(line) as RecordedAnswer);
  const secrets = new Set([...lines('signatures'), ...TOKEN_VALUES, process.env[SUITE_CANARY]].filter(Boolean));
  const problems = answers.filter(({ headers }) => headers['content-type'] === 'application/problem+json');
  const logs = lines('logs');
  const leaks = [...logs, ...problems.map(({ body }) => body)].flatMap((text) => leaksIn(text, secrets));
  leaks.push(
    ...logs.filter((line) => TOKEN_PART.test(line)).map((line) => `A log holds part of a token: ${line.slice(0, 200)}`),
  );
  return {
    answers: answers.length,
    faults: [
      ...new Set([
        ...answers.flatMap((answer) => faultsOf(answer, conformity)),
        ...leaks,
        ...logs.flatMap(undescribed),
      ]),
    ],
  };
}

function faultsOf({ name, method, path, status, headers, body }: RecordedAnswer, conformity: Conformity): string[] {
  const where = `${method} ${path} (${name}) answered ${status}`;
  const contentType = String(headers['content-type']);
  const faults = conformity({ path, method, status, contentType, body });
  if (headers['cache-control'] !== 'no-store') faults.push('may be kept by a cache');
  if (headers['x-request-id'] === undefined) faults.push('has no request id');
  return faults.map((fault) => `${where}: ${fault}`);
}

/** A line of ours begins with its event; the local host writes level and function before it. */
function undescribed(line: string): string[] {
  const start = line.indexOf('{"event":');
  // A server that was killed may have left half a line.
  if (start < 0 || !line.endsWith('}')) return [];
  const { error } = LogLine.safeParse(JSON.parse(line.slice(start)));
  const faults = error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join(', ');
  return faults === undefined ? [] : [`A line of the log is not described: ${faults}: ${line.slice(0, 200)}`];
}

function leaksIn(text: string, secrets: ReadonlySet<string | undefined>): string[] {
  return [...secrets]
    .filter((secret) => secret !== undefined && text.includes(secret))
    .map((secret) => `A log or problem document holds part of a token (${secret}): ${text.slice(0, 200)}`);
}
