import type { HttpRequest } from '@azure/functions';
import type * as z from 'zod';
import { parseJson } from '../contract/json.ts';
import { type Problem, RequestError } from '../contract/problem.ts';

/** Room for one token of the largest size, the rest of a request and its escapes; more is no question about one token. */
export const MAX_BODY_BYTES = 256 * 1024;
/** A name the caller invented is repeated so far, and no further: it may be a token pasted in the wrong place. */
const LONGEST_SHOWN_NAME = 40;
/** More faults than this help nobody and cost an answer as large as the request. */
const MOST_SHOWN_FAULTS = 20;

type Fault = NonNullable<Problem['errors']>[number];

/** Reads a JSON body by its schema, or throws the `RequestError` that names the place of the fault. Repeats no value. */
export async function jsonBody<Schema extends z.ZodType>(
  request: HttpRequest,
  schema: Schema,
): Promise<z.output<Schema>> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length === 0) throw emptyBody(request);
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new RequestError(
      {
        type: '/problems/unsupported-media-type',
        title: 'The body is not declared as JSON',
        status: 415,
        detail: "Send JSON and say so: `content-type: application/json` (curl: `-H 'content-type: application/json'`).",
      },
      { accept: 'application/json' },
    );
  }
  if (bytes.length > MAX_BODY_BYTES) {
    throw new RequestError({
      type: '/problems/body-too-large',
      title: 'The body is too large',
      status: 413,
      detail: `The body has ${bytes.length} bytes; at most ${MAX_BODY_BYTES} are read.`,
    });
  }
  const json = parseJson(utf8(bytes));
  if (!json.ok) {
    const { line, column, detail } = json.fault;
    throw invalid('The body is not valid JSON', [
      { pointer: '', detail: `Line ${line}, column ${column}: ${detail}.` },
    ]);
  }
  const parsed = schema.safeParse(json.value);
  if (!parsed.success)
    throw invalid(
      'The body does not have the shape asked for',
      parsed.error.issues.flatMap(faultsOf).slice(0, MOST_SHOWN_FAULTS),
    );
  return parsed.data;
}

const invalid = (title: string, errors: Fault[]) =>
  new RequestError({
    type: '/problems/invalid-request',
    title,
    status: 400,
    detail: errors.map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer}: ${detail}`)).join(' '),
    errors,
  });

/** The platform hands on no chunked body while streaming is off: that caller must be told, not asked for what it sent. */
function emptyBody(request: HttpRequest): RequestError {
  if (/chunked/i.test(request.headers.get('transfer-encoding') ?? '')) {
    return new RequestError({
      type: '/problems/length-required',
      title: 'The body was sent in chunks',
      status: 411,
      detail: 'Send the body whole, with a Content-Length (curl: `-d @file` or `--data-binary @file` instead of `-T`).',
    });
  }
  return invalid('The body is empty', [
    {
      pointer: '',
      detail: 'Send a JSON object. A body sent in chunks arrives empty too: send it with a Content-Length.',
    },
  ]);
}

function utf8(bytes: Uint8Array): string {
  if (decodes(bytes, false)) return new TextDecoder().decode(bytes);
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  throw invalid('The body is not UTF-8', [
    { pointer: '', detail: `Byte ${bad} does not belong to a UTF-8 character.` },
  ]);
}

/** `cut`: whether a character may be left unfinished at the end. */
function decodes(bytes: Uint8Array, cut: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
    return true;
  } catch {
    return false;
  }
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const place = issue.path.map(pointerStep).join('');
  if (issue.code !== 'unrecognized_keys') return [{ pointer: place, detail: `${issue.message}.` }];
  return issue.keys.map((name) => ({ pointer: place + pointerStep(name), detail: 'There is no such field.' }));
}

/** One step of a JSON pointer (RFC 6901 §3), cut where a name is longer than any of ours. */
function pointerStep(name: PropertyKey): string {
  const escaped = String(name).replaceAll('~', '~0').replaceAll('/', '~1');
  return `/${escaped.length <= LONGEST_SHOWN_NAME ? escaped : `${escaped.slice(0, LONGEST_SHOWN_NAME)}…`}`;
}
