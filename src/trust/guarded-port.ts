import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { parseJson } from '../contract/json.ts';
import { mayBePublic, NotPublicError, publicLookup } from './public-address.ts';

/** One upstream answer, from the name look-up to the last byte; two of them fit into the 10 s of any answer. */
export const UPSTREAM_DEADLINE_MS = 3_000;
/** The largest key document seen is Entra's, below 30 KiB; eight times that leaves room and bounds memory. */
export const UPSTREAM_MAX_BYTES = 256 * 1024;
/** Nobody is left alone for longer than this, whatever they ask for. */
export const MAX_RETRY_AFTER_SECONDS = 24 * 60 * 60;

/** What a GET brought, or why it brought nothing. `detail` repeats nothing the other side sent. */
export type Fetched =
  | { ok: true; body: unknown }
  | {
      ok: false;
      reason: 'refused' | 'not-found' | 'forbidden' | 'unreachable' | 'malformed';
      detail: string;
      /** Of an answer that says when to come back; {@link MAX_RETRY_AFTER_SECONDS} at most. */
      retryAfterSeconds?: number;
      /** A page for people in place of JSON. */
      served?: 'html';
    };

/** The outside world, narrowed to what gathering needs. Tests pass their own. */
export interface Port {
  /**
   * GETs JSON: https only, public addresses only (looked at after DNS, at connect time), no redirects, 3 s and 256 KiB at
   * most, on the wire and decompressed. Origins opened by settings are exempt from the first two. Rejects only on our own bugs.
   */
  getJson(url: string): Promise<Fetched>;
}

/** The port used in production. `openOrigins`: origins (scheme, host, port) that settings let through as they are. */
export function guardedPort(openOrigins: readonly string[]): Port {
  return {
    getJson: async (address) => {
      if (!URL.canParse(address)) return refused('the address is not a URL');
      const url = new URL(address);
      const open = openOrigins.includes(url.origin);
      if (url.username || url.password) return refused('the address carries user information');
      if (!open && url.protocol !== 'https:') return refused('only https is asked');
      if (!['http:', 'https:'].includes(url.protocol)) return refused('only http and https are asked');
      if (!open && !mayBePublic(url.hostname)) return refused('the address is not a public one');
      return await get(url, open ? undefined : publicLookup);
    },
  };
}

const refused = (detail: string): Fetched => ({ ok: false, reason: 'refused', detail: `Not asked: ${detail}.` });

const unreachable = (url: URL, detail: string) =>
  ({ ok: false, reason: 'unreachable', detail: `${url.host} ${detail}.` }) satisfies Fetched;

const malformed = (url: URL, detail: string) =>
  ({ ok: false, reason: 'malformed', detail: `The answer of ${url.host} ${detail}.` }) satisfies Fetched;

const LIMIT = `${UPSTREAM_MAX_BYTES / 1024} KiB`;

/** Some compress whatever they are asked for. Raw deflate without the zlib wrapping of RFC 9110 §8.4.1.2 is not read. */
const DECODERS = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

function get(url: URL, lookup: LookupFunction | undefined): Promise<Fetched> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;

  return new Promise((resolve) => {
    let answer: IncomingMessage | undefined;
    let body: { destroy(): unknown } | undefined;
    const call = request(url, {
      // A connection of its own: an address checked once must not serve another name later.
      agent: false,
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
      ...(lookup && { lookup }),
    });
    /** Whichever way out comes first counts; nothing is read, decompressed or waited for after it. */
    const end = (outcome: Fetched) => {
      clearTimeout(deadline);
      call.destroy();
      body?.destroy();
      resolve(outcome);
    };
    const deadline = setTimeout(() => {
      const missed = `did not ${answer ? 'finish' : 'answer'} within ${UPSTREAM_DEADLINE_MS / 1000} s`;
      end(unreachable(url, missed));
    }, UPSTREAM_DEADLINE_MS);
    call.on('error', (error) => {
      if (!answer) end(failed(url, error));
    });
    call.on('upgrade', (_response, socket) => {
      socket.destroy();
      end(unreachable(url, 'wants to speak another protocol'));
    });
    // Whatever else ends the call. A whole answer may still be on its way through the decoder then.
    call.on('close', () => {
      if (!answer?.complete)
        end(unreachable(url, answer ? 'broke off its answer' : 'ended the connection without an answer'));
    });
    call.on('response', (response) => {
      answer = response;
      response.on('error', () => end(unreachable(url, 'broke off its answer')));
      const unusable = judged(url, response);
      if (unusable) end(unusable);
      else body = read(url, response, end);
    });
    call.end();
  });
}

/** Reads the body up to the limit, which holds for the bytes on the wire as for what they decompress to; tells what it reads. */
function read(url: URL, response: IncomingMessage, end: (outcome: Fetched) => void): { destroy(): unknown } {
  const chunks: Buffer[] = [];
  const counted = (tooLarge: string, take: (chunk: Buffer) => void) => {
    let bytes = 0;
    return (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > UPSTREAM_MAX_BYTES) end(malformed(url, `${tooLarge} ${LIMIT}`));
      else take(chunk);
    };
  };
  const decoder = DECODERS.get(encodingOf(response.headers))?.();
  if (decoder) {
    const onTheWire = counted('is larger than', () => {});
    decoder.on('error', () => end(malformed(url, 'has a compression that is broken')));
    response.on('data', onTheWire).pipe(decoder);
  }
  const body = decoder ?? response;
  const kept = counted(decoder ? 'decompresses to more than' : 'is larger than', (chunk) => chunks.push(chunk));
  body.on('data', kept);
  body.on('end', () => end(parsed(url, Buffer.concat(chunks), response.headers)));
  return body;
}

/** What status and header alone make of an answer; undefined where its body is to be read. */
function judged(url: URL, { statusCode = 0, headers }: IncomingMessage): Fetched | undefined {
  const answered = (words: string) => `${url.host} answered ${words}.`;
  if (statusCode === 404) return { ok: false, reason: 'not-found', detail: answered('404') };
  if (statusCode === 401 || statusCode === 403)
    return { ok: false, reason: 'forbidden', detail: answered(`${statusCode}`) };
  if (statusCode >= 300 && statusCode < 400)
    return unreachable(url, `answered ${statusCode}; redirects are not followed`);
  if (statusCode === 429 || statusCode === 503) {
    const retryAfterSeconds = retryAfter(headers['retry-after']);
    const words = statusCode === 429 ? 'answered 429: it is asked too often' : 'answered 503';
    return { ...unreachable(url, words), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  if (statusCode !== 200) return unreachable(url, `answered ${statusCode}`);
  const encoding = encodingOf(headers);
  if (encoding !== 'identity' && !DECODERS.has(encoding))
    return unreachable(url, 'encodes its answer in a way that was not asked for');
  if (Number(headers['content-length']) > UPSTREAM_MAX_BYTES)
    return malformed(url, `is announced as larger than ${LIMIT}`);
  return undefined;
}

const encodingOf = (headers: IncomingHttpHeaders) => headers['content-encoding']?.trim().toLowerCase() || 'identity';

/** The three forms of an HTTP-date (RFC 9110 §5.6.7); the last one lacks its time zone. */
const HTTP_DATE = [
  /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^\w{6,9}, \d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
];

/** Retry-After (RFC 9110 §10.2.3) in seconds from now, a date that is over as 0; undefined where it says neither. */
function retryAfter(value = ''): number | undefined {
  const date = HTTP_DATE.some((form) => form.test(value))
    ? Date.parse(value.replace(/(?: GMT)?$/, ' GMT'))
    : Number.NaN;
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.max(0, Math.ceil((date - Date.now()) / 1000));
  return Number.isNaN(seconds) ? undefined : Math.min(seconds, MAX_RETRY_AFTER_SECONDS);
}

const NOT_TRUSTED = 'has a certificate that is not trusted here';
/** Words for the failures that say where the fault is; the others are told by their code. */
const FAILURES: Record<string, string> = {
  ENOTFOUND: 'is a name that is not known',
  ECONNRESET: 'reset the connection before an answer',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
  CERT_UNTRUSTED: NOT_TRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
};

function failed(url: URL, error: NodeJS.ErrnoException): Fetched {
  if (error instanceof NotPublicError) return refused(`${url.host} resolves to an address that is not public`);
  const { code = 'connection failed' } = error;
  return unreachable(url, FAILURES[code] ?? `could not be reached (${code})`);
}

function parsed(url: URL, bytes: Buffer, headers: IncomingHttpHeaders): Fetched {
  const text = decoded(bytes);
  const json = text === undefined ? undefined : parseJson(text);
  if (json?.ok) return { ok: true, body: json.value };
  if (isHtml(bytes, headers)) return { ...malformed(url, 'is an HTML page, where JSON is due'), served: 'html' };
  if (!json) return malformed(url, 'is not UTF-8');
  return malformed(url, text ? `is not the JSON it should be: ${json.fault.detail}` : 'is empty');
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** By its type or its first mark, behind a byte order mark and white space. Asked only of what is no JSON. */
const isHtml = (bytes: Buffer, headers: IncomingHttpHeaders) =>
  /^\s*text\/html\b/i.test(headers['content-type'] ?? '') || /^(?:\xef\xbb\xbf)?\s*</.test(bytes.toString('latin1'));
