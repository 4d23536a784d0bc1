import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { parseJson } from '../contract/json.ts';

/** One upstream answer, from the name look-up to the last byte; two of them fit into the 10 s of any answer. */
export const UPSTREAM_DEADLINE_MS = 3_000;
/** The largest key document seen is Entra's, below 30 KiB; eight times that leaves room and bounds memory. */
export const UPSTREAM_MAX_BYTES = 256 * 1024;

/** What a GET brought, or why it brought nothing. `detail` repeats nothing the other side sent. */
export type Fetched =
  | { ok: true; body: unknown }
  | {
      ok: false;
      reason: 'refused' | 'not-found' | 'forbidden' | 'unreachable' | 'malformed';
      detail: string;
      /** Of an answer that says when to come back. */
      retryAfterSeconds?: number;
      /** A page for people in place of JSON. */
      served?: 'html';
    };

/** The outside world, narrowed to what gathering needs. Tests pass their own. */
export interface Port {
  /**
   * GETs JSON: https only, public addresses only (looked at after DNS, at connect time), no redirects, 3 s and 256 KiB at
   * most. Origins opened by settings are exempt from the first two. Rejects only on our own bugs.
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
      const literal = url.hostname.replace(/^\[|\]$/g, '');
      if (!open && isIP(literal) && !isPublic(literal)) return refused('the address is not a public one');
      return await get(url, open ? undefined : publicLookup);
    },
  };
}

const refused = (detail: string): Fetched => ({ ok: false, reason: 'refused', detail: `Not asked: ${detail}.` });

function get(url: URL, lookup: LookupFunction | undefined): Promise<Fetched> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const unreachable = (detail: string): Fetched => ({
    ok: false,
    reason: 'unreachable',
    detail: `${url.host} ${detail}.`,
  });

  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(UPSTREAM_DEADLINE_MS);
    let answering = false;
    const call = request(url, {
      // A connection of its own: an address checked once must not serve another name later.
      agent: false,
      signal,
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
      ...(lookup && { lookup }),
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (answering) return;
      if (signal.aborted) resolve(unreachable(`did not answer within ${UPSTREAM_DEADLINE_MS / 1000} s`));
      else if (error instanceof NotPublicError)
        resolve(refused(`${url.host} resolves to an address that is not public`));
      else resolve(unreachable(`could not be reached (${error.code ?? 'connection failed'})`));
    });
    call.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(unreachable('wants to speak another protocol'));
    });
    // Whatever else ends the call without an answer; nothing, where one of the others has resolved.
    call.on('close', () => resolve(unreachable(answering ? cutShort() : 'ended the connection without an answer')));
    const cutShort = () =>
      signal.aborted ? `did not finish within ${UPSTREAM_DEADLINE_MS / 1000} s` : 'broke off its answer';
    call.on('response', (response) => {
      answering = true;
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let bytes = 0;
      const end = (outcome: Fetched) => {
        call.destroy();
        resolve(outcome);
      };
      if (status === 404) return end({ ok: false, reason: 'not-found', detail: `${url.host} answered 404.` });
      if (status === 401 || status === 403)
        return end({ ok: false, reason: 'forbidden', detail: `${url.host} answered ${status}.` });
      if (status >= 300 && status < 400) return end(unreachable(`answered ${status}; redirects are not followed`));
      if (status !== 200) return end(unreachable(`answered ${status}`));
      if (!['identity', undefined].includes(response.headers['content-encoding']))
        return end(unreachable('sent a compressed answer, which was not asked for'));
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > UPSTREAM_MAX_BYTES) return end(malformed(url, `is larger than ${UPSTREAM_MAX_BYTES / 1024} KiB`));
        chunks.push(chunk);
      });
      response.on('error', () => end(unreachable(cutShort())));
      response.on('end', () => end(parsed(url, Buffer.concat(chunks))));
    });
    call.end();
  });
}

const malformed = (url: URL, detail: string): Fetched => ({
  ok: false,
  reason: 'malformed',
  detail: `The answer of ${url.host} ${detail}.`,
});

function parsed(url: URL, bytes: Buffer): Fetched {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return malformed(url, 'is not UTF-8');
  }
  const json = parseJson(text);
  return json.ok
    ? { ok: true, body: json.value }
    : malformed(url, `is not the JSON it should be: ${json.fault.detail}`);
}

class NotPublicError extends Error {}

/** Looks the name up and refuses it unless every address is public, so that no name can lead inside (DNS rebinding too). */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, found: LookupAddress[] = []) => {
    if (error) return callback(error, '', 0);
    if (!found.every((item) => isPublic(item.address))) return callback(new NotPublicError(), '', 0);
    const [first] = found;
    if (options.all) callback(null, found);
    else callback(null, first?.address ?? '', first?.family ?? 0);
  });
};

/** Everything that is not the public internet: IANA special-purpose registries (RFC 6890) and cloud metadata addresses. */
const notPublic = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // The wire server of every Azure machine stands on a public address.
  ['168.63.129.16', 32],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4');
}

/** Global unicast is `2000::/3`; within it, these lead elsewhere: Teredo, documentation, 6to4. */
const notPublic6 = new BlockList();
notPublic6.addSubnet('2001::', 23, 'ipv6');
notPublic6.addSubnet('2001:db8::', 32, 'ipv6');
notPublic6.addSubnet('2002::', 16, 'ipv6');
notPublic6.addSubnet('3fff::', 20, 'ipv6');
const globalUnicast6 = new BlockList();
globalUnicast6.addSubnet('2000::', 3, 'ipv6');

/** Whether an address literal is on the public internet. IPv4 mapped into IPv6 is outside `2000::/3` and refused whole. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !notPublic.check(address, 'ipv4');
  return isIP(address) === 6 && globalUnicast6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}
