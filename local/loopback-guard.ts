import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net, { isIP, type LookupFunction } from 'node:net';

/**
 * Keeps this process on the loopback: every connection and every name look-up beyond it is refused and recorded. Hostile
 * tokens name outside addresses, and none may ever be contacted from a test, a scenario or the sandbox.
 *
 * A host may be played instead: then its name resolves to a public address, so that what looks at addresses sees a healthy
 * one, and a connection to it ends at a loopback port. This sits below every network client of the process.
 */

/** A host of the far side that this machine plays. */
export interface PlayedHost {
  /** Loopback port that connections to the host end at, whatever port they ask for. */
  port: number;
  /** What its name resolves to, when a test is about that; else a public address that is never connected to. */
  address?: string;
}

/** Names a file; each refusal of this process and its children is a line in it. */
export const GUARD_RECORD = 'LOOPBACK_GUARD_RECORD';

/** Public, so that address checks let it pass. No packet is ever sent to it. */
const PLAYED_ADDRESS = '20.0.0.1';

/** So many refusals are kept to be told; more say nothing new. */
const MOST_KEPT = 1000;

interface GuardState {
  played: Map<string, PlayedHost>;
  refused: string[];
  installed: boolean;
}

/** One state a process, however often this module is loaded: a test runner loads it apart from the preload. */
const KEY = Symbol.for('token-doctor.loopback-guard');
const processWide: typeof globalThis & { [KEY]?: GuardState } = globalThis;
processWide[KEY] ??= { played: new Map(), refused: [], installed: false };
const state: GuardState = processWide[KEY];

/** From now on connections and look-ups of `host` are answered by this machine. */
export function playHost(host: string, as: PlayedHost): void {
  state.played.set(host, as);
}

/** What this process was refused so far, the oldest first. */
export const refusals = (): readonly string[] => state.refused;

/** Installs the guard once; `onRefusal` is told each refusal, besides the record file. */
export function installLoopbackGuard(onRefusal: (what: string) => void = () => {}): void {
  if (state.installed) return;
  state.installed = true;

  const refuse = (what: string): Error => {
    const record = process.env[GUARD_RECORD];
    if (record) appendFileSync(record, `${what}\n`);
    if (state.refused.length < MOST_KEPT) state.refused.push(what);
    onRefusal(what);
    return Object.assign(new Error(`Refused by the loopback guard: ${what}`), { code: 'ELOOPBACKONLY' });
  };
  guardLookups(refuse);
  guardConnections(refuse);
  guardDatagrams(refuse);
  syncBuiltinESMExports();
}

type Refuse = (what: string) => Error;

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
const isBindAll = (host: string) => host === '0.0.0.0' || host === '::';

function guardConnections(refuse: Refuse): void {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    // `net.connect` hands on an already normalised array, everything else the caller's own arguments.
    const normalised = Array.isArray(args[0]) ? args[0] : undefined;
    const [first, second] = normalised ?? args;
    const options: net.TcpSocketConnectOpts & { path?: string | null } =
      typeof first === 'object' && first !== null
        ? first
        : { port: Number(first), host: typeof second === 'string' ? second : 'localhost' };
    // A local socket or pipe. HTTP agents write `path: null` to say that it is none.
    if (
      (typeof first === 'string' && Number.isNaN(Number(first))) ||
      (typeof options.path === 'string' && options.path !== '')
    )
      return Reflect.apply(connect, this, args);

    const host = (options.host ?? 'localhost').replace(/^\[|\]$/g, '');
    if (isLoopback(host)) {
      // A look-up of the caller's own may lead elsewhere under this name.
      const { lookup } = options;
      if (lookup) Object.assign(options, { lookup: loopbackLookup(lookup, refuse) });
      return Reflect.apply(connect, this, args);
    }
    const part = state.played.get(host);
    if (!part) {
      const error = refuse(`connection to ${host}:${options.port}`);
      process.nextTick(() => this.destroy(error));
      return this;
    }
    const redirected = { ...options, port: part.port, lookup: redirectedLookup(options.lookup) };
    if (normalised) normalised[0] = redirected;
    else args[0] = redirected;
    return Reflect.apply(connect, this, args);
  } as typeof connect;
}

function loopbackLookup(own: LookupFunction, refuse: Refuse): LookupFunction {
  return (hostname, options, callback) => {
    own(hostname, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((item) => item.address) : [address];
      const outside = error ? undefined : found.find((item) => !isLoopback(item));
      if (outside === undefined) callback(error, address, family);
      else callback(refuse(`connection to ${outside}`), address, family);
    });
  };
}

/** Lets the client's own look-up judge the played address, then leads to the loopback. */
function redirectedLookup(own: LookupFunction = dns.lookup): LookupFunction {
  return (hostname, options, callback) => {
    own(hostname, options, (error, ...found) => {
      if (error) callback(error, ...found);
      else if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    });
  };
}

/** `send(message, …, port, address, callback)` and `connect(port, address, callback)`: without an address, the loopback. */
function guardDatagrams(refuse: Refuse): void {
  for (const name of ['send', 'connect'] as const) {
    const original = dgram.Socket.prototype[name];
    Object.assign(dgram.Socket.prototype, {
      [name](this: dgram.Socket, ...args: unknown[]) {
        const address = args.slice(1).find((argument) => typeof argument === 'string');
        if (address === undefined || isLoopback(address)) return Reflect.apply(original, this, args);
        const error = refuse(`datagram to ${address}`);
        const callback = args.at(-1);
        if (typeof callback === 'function') process.nextTick(callback, error);
        else process.nextTick(() => this.emit('error', error));
        return undefined;
      },
    });
  }
}

function guardLookups(refuse: Refuse): void {
  const lookup = dns.lookup;
  const guarded = (hostname: string, ...rest: unknown[]): unknown => {
    const callback = rest.at(-1) as (error: Error | null, address?: unknown, family?: number) => void;
    const options = rest.length > 1 ? rest[0] : {};
    if (isLoopback(hostname) || isBindAll(hostname)) return Reflect.apply(lookup, dns, [hostname, ...rest]);
    const answer = addressOf(hostname);
    if (answer === undefined) return process.nextTick(callback, refuse(`look-up of ${hostname}`));
    const all = wantsAll(options);
    const family = isIP(answer);
    if (all) process.nextTick(callback, null, [{ address: answer, family }]);
    else process.nextTick(callback, null, answer, family);
    return undefined;
  };
  dns.lookup = guarded as typeof lookup;
  Object.assign(dns.promises, {
    lookup: (hostname: string, options: unknown = {}) =>
      new Promise((resolve, reject) => {
        guarded(hostname, options, (error: Error | null, address?: unknown, family?: number) => {
          if (error) reject(error);
          else resolve(wantsAll(options) ? address : { address, family });
        });
      }),
  });

  Object.assign(dns, {
    // It would put fresh, unguarded questions in place of these.
    setServers: (servers: readonly string[]) => {
      throw refuse(`name servers ${servers.join()}`);
    },
    lookupService: (address: string, port: number, callback: (error: Error) => void) =>
      process.nextTick(callback, refuse(`lookupService of ${address}:${port}`)),
  });

  // Nothing here asks a name server by itself, so every such question is a fault.
  for (const asker of [dns, dns.Resolver.prototype])
    replaceQuestions(asker, (what, rest) => {
      const error = refuse(what);
      const callback = rest.at(-1);
      if (typeof callback === 'function') process.nextTick(callback as () => void, error);
    });
  for (const asker of [dns.promises, dns.promises.Resolver.prototype])
    replaceQuestions(asker, (what) => Promise.reject(refuse(what)));
}

const wantsAll = (options: unknown): boolean =>
  typeof options === 'object' && options !== null && 'all' in options && options.all === true;

/** Every `resolve…` and `reverse` of the module or class. */
function replaceQuestions(asker: object, answer: (what: string, rest: readonly unknown[]) => unknown): void {
  for (const name of Object.getOwnPropertyNames(asker).filter((member) => /^resolve|^reverse$/.test(member))) {
    Object.assign(asker, { [name]: (hostname: string, ...rest: unknown[]) => answer(`${name} of ${hostname}`, rest) });
  }
}

const addressOf = (hostname: string) => {
  const part = state.played.get(hostname);
  return part && (part.address ?? PLAYED_ADDRESS);
};
