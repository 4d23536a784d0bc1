import type { HttpRequest } from '@azure/functions';
import type * as z from 'zod';
import { parseJson } from '../contract/json.ts';
import { type Fault, jsonPointer, MOST_TOLD_FAULTS, RequestError, understand } from '../contract/problem.ts';

/** Room for one token of the largest size, the rest of a request and its escapes; more is no question about one token. */
export const MAX_BODY_BYTES = 256 * 1024;

/** What a route takes, by content type. JSON is what documents and examples show. */
export interface Bodies<Body> {
  json: z.ZodType<Body>;
  /** `application/x-www-form-urlencoded`: each parameter once. */
  form?: z.ZodType<Body>;
  /** Default {@link MAX_BODY_BYTES}. */
  maxBytes?: number;
}

/** Reads the body by its content type and schema, or throws the `RequestError` that names the place of the fault. Repeats no value. */
export async function readBody<Body>(request: HttpRequest, bodies: Bodies<Body>): Promise<Body> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length === 0) throw emptyBody(request);
  const form = hasType(request, 'application/x-www-form-urlencoded') ? bodies.form : undefined;
  if (!form && !hasType(request, 'application/json')) throw unsupportedType(bodies);
  const { maxBytes = MAX_BODY_BYTES } = bodies;
  if (bytes.length > maxBytes) {
    throw new RequestError({
      type: '/problems/body-too-large',
      title: 'The body is too large',
      status: 413,
      detail: `The body has ${bytes.length} bytes; at most ${maxBytes} are read.`,
    });
  }
  const text = utf8(bytes);
  const understood = form ? understand(form, formValue(text)) : understand(bodies.json, jsonValue(text));
  if (understood.ok) return understood.value;
  throw invalidRequest('The body does not have the shape asked for', understood.faults);
}

/** The 400 of a request that cannot be understood, each fault with its place. */
export function invalidRequest(title: string, faults: readonly Fault[]): RequestError {
  const errors = faults.slice(0, MOST_TOLD_FAULTS);
  const placed = ({ pointer, parameter, detail }: Fault) =>
    [parameter === undefined ? pointer : `?${parameter}`, detail].filter(Boolean).join(': ');
  return new RequestError({
    type: '/problems/invalid-request',
    title,
    status: 400,
    detail: errors.map(placed).join(' '),
    errors,
  });
}

const hasType = (request: HttpRequest, type: string): boolean =>
  request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === type;

function unsupportedType({ form }: Bodies<unknown>): RequestError {
  const types = ['application/json', ...(form ? ['application/x-www-form-urlencoded'] : [])];
  return new RequestError(
    {
      type: '/problems/unsupported-media-type',
      title: 'The body is of a type that is not read here',
      status: 415,
      detail: `Send ${types.join(' or ')} and say so (curl: \`-H 'content-type: application/json'\`).`,
    },
    { accept: types.join(', ') },
  );
}

function jsonValue(text: string): unknown {
  const json = parseJson(text);
  if (json.ok) return json.value;
  const { line, column, detail } = json.fault;
  throw invalidRequest('The body is not valid JSON', [
    { pointer: '', detail: `Line ${line}, column ${column}: ${detail}.` },
  ]);
}

/** Parameters by name. One that stands twice is refused (RFC 6749 §3.2), one without a value counts as left out. */
function formValue(text: string): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (values.has(name)) {
      throw invalidRequest('The body does not have the shape asked for', [
        { pointer: jsonPointer([name]), detail: 'This parameter stands there twice.' },
      ]);
    }
    values.set(name, value);
  }
  return Object.fromEntries([...values].filter(([, value]) => value !== ''));
}

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
  return invalidRequest('The body is empty', [
    {
      pointer: '',
      detail: 'Send a body. One sent in chunks arrives empty too: send it with a Content-Length.',
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
  throw invalidRequest('The body is not UTF-8', [
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

/** A policy that is named and not there. */
export const policyUnknown = (place: Pick<Fault, 'pointer' | 'parameter'>, names: readonly string[]): RequestError =>
  invalidRequest('There is no such policy', [
    {
      ...place,
      detail:
        names.length === 0
          ? 'This deployment has no policies. Set TOKEN_DOCTOR_POLICIES.'
          : `There is no policy of this name. There are: ${names.join(', ')}.`,
    },
  ]);
