/** The healthy tokens that altered ones are made of, and how each is asked about. */
export interface Base {
  token: string;
  header: object;
  claims: object;
  /** What a request says beside the token. */
  ask: object;
}

/** Pseudo-random numbers that are the same in every run (mulberry32). */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** From 0 to `below` - 1. */
  number(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }
  one<T>(things: readonly T[]): T {
    return things[this.number(things.length)]!;
  }
  /** Mostly short, at times beyond the longest token. */
  length(): number {
    return 1 + this.number(this.one([4, 16, 64, 256, 1024, 20_000]));
  }
  text(alphabet: readonly string[], length = this.length()): string {
    return Array.from({ length }, () => this.one(alphabet)).join('');
  }
}

const BASE64URL = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
const characters = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => String.fromCharCode(from + index));
const ALPHABETS: readonly (readonly string[])[] = [
  BASE64URL,
  [...BASE64URL, '.', '.', '.'],
  characters(0x20, 0x7f),
  characters(0, 0x100),
  characters(0x400, 0x500),
  [...characters(0xd7f0, 0xe010), ...characters(0xfff0, 0x10000)],
  [...'🔑🧾👩‍🔬', '\u200b', '\u202e', '\ufeff'],
  [' ', '\t', '\r', '\n', '\u00a0', '\u2028'],
  ['eyJ', '.', '{', '}', '"', ':', ',', '[', ']', '%22', '%0A', '%', 'Bearer ', 'authorization:', '`', "'", '='],
  ['::', '##[', '##vso[', ']]>', '<', '&', '\\u{', '`', '|', '*', '\n'],
];

const b64 = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const NAMES = [
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'tid', 'ver', 'oid', 'azp', 'appid', 'roles', 'scp', 'wids', 'groups'],
  ...['idtyp', 'cnf', 'events', 'upn', 'puid', 'altsecid', 'xms_mirid', 'tfp', 'acr', 'nonce', 'at_hash', 'at', 'typ'],
  ...[
    'repository',
    'workflow_ref',
    'project_path',
    'hasgroups',
    '_claim_names',
    '_claim_sources',
    'auth_time',
    'xms_cc',
  ],
  ...['kubernetes.io', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '', ' ', '\u0000', '::', 'client_id'],
];
const HEADER_NAMES = [
  'alg',
  'kid',
  'typ',
  'crit',
  'b64',
  'jku',
  'jwk',
  'x5u',
  'x5c',
  'x5t',
  'cty',
  'zip',
  'enc',
  'nonce',
];
/** Claims without which, as they are, no token here is accepted; nothing of {@link odd} does in their place. */
const DECIDING = ['iss', 'aud', 'exp', 'nbf', 'iat'];

/** Values of every type, and none that a healthy token has. */
function odd(dice: Dice, { token }: Base): unknown {
  return dice.one<() => unknown>([
    () => dice.one([null, true, false, -1, -0.5, 1e308, -1e308, 253_402_300_800]),
    () =>
      dice.one([
        '',
        ' ',
        'null',
        '1795168500',
        '\u0000',
        '\ud800',
        '\u202e',
        '[]',
        '{}',
        '__proto__',
        'system:serviceaccount:',
      ]),
    () =>
      dice.one([
        [],
        {},
        [[]],
        [null],
        ['', 1],
        [{}],
        { a: { b: [1] } },
        { kid: 1 },
        { namespace: 1, serviceaccount: {} },
      ]),
    () =>
      dice.one([
        token,
        [token],
        { [token]: token },
        `Bearer ${token}`,
        `https://x.invalid/?t=${token}&u=1`,
        `${token}\n`,
      ]),
    () =>
      dice.one([
        'https://',
        'https://sts.windows.net/',
        '//',
        'https://login.microsoftonline.com/common/v2.0',
        'http://[',
        'spn:',
      ]),
    () => dice.text(dice.one(ALPHABETS), 1 + dice.number(80)),
    () => JSON.parse(`${'['.repeat(20)}${']'.repeat(20)}`),
  ])();
}

const altered = (dice: Dice, base: Base, members: object, names: readonly string[]) =>
  Object.fromEntries([
    ...Object.entries(members).filter(() => dice.number(12) > 0),
    ...Array.from({ length: 1 + dice.number(4) }, () => [dice.one(names), odd(dice, base)]),
  ]);

/** One bit of one byte, or all of it. */
function flipped(dice: Dice, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = dice.number(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (dice.number(3) === 0 ? 1 + dice.number(255) : 1 << dice.number(8));
  return copy;
}

const WRAPPED: readonly ((token: string, dice: Dice) => string)[] = [
  (token) => `Bearer ${token}`,
  (token) => `"Authorization: bearer ${token}"\r\n`,
  (token, dice) => [...token].map((letter) => (dice.number(40) === 0 ? `${letter}\n` : letter)).join(''),
  (token) => token.replaceAll('.', '%2E'),
  (token) => `%22${token}%22%0D%0A`,
  (token) => encodeURIComponent(token),
  (token) => JSON.stringify({ token_type: 'Bearer', access_token: token }),
  (token) => JSON.stringify({ accessToken: token }, null, 2),
  (token) => `access_token=${token}&token_type=Bearer`,
  (token) => `${token}\n${token}`,
  (token) => token + token,
  (token) => `${b64({ alg: 'RS256', cty: 'JWT' })}.${b64(token)}.c2ln`,
  (token) => `${b64({ alg: 'dir', enc: 'A256GCM' })}..${token.split('.').slice(1).join('.')}.AA`,
  (token) => {
    const [header, payload, signature] = token.split('.');
    return JSON.stringify({ payload, protected: header, signature });
  },
  (token) => `-----BEGIN CERTIFICATE-----\n${token}\n-----END CERTIFICATE-----`,
  (token) => `<saml:Assertion>${token}</saml:Assertion>`,
  (token) => Buffer.from(token).toString('base64'),
  (token) => `${token}=`,
  (token) => `${token}\u200b`,
  (token) => `curl -H 'Authorization: Bearer ${token}' https://x.invalid/`,
];

/** An input: a token, or claims in its place. */
export type Input = { token: string } | { header?: object; claims: object };
type Signer = (header: object, claims: object) => Promise<string>;

/** How many inputs of each kind there are, and how one is made. */
export const INPUTS: Readonly<
  Record<string, { count: number; make: (dice: Dice, base: Base, sign: Signer) => Input | Promise<Input> }>
> = {
  'texts of any alphabet and length': {
    count: 2500,
    make: (dice) => ({
      token:
        dice.number(4) === 0
          ? Array.from({ length: 1 + dice.number(6) }, () => dice.text(dice.one(ALPHABETS), dice.number(60))).join(
              '.',
            ) || '.'
          : dice.text(dice.one(ALPHABETS)),
    }),
  },
  'tokens that are cut off': {
    count: 1500,
    make: (dice, { token }) => {
      const from = dice.number(3) === 0 ? dice.number(token.length) : 0;
      return { token: token.slice(from, from + 1 + dice.number(token.length - from)) };
    },
  },
  'tokens with a bit or a byte that differs': {
    count: 2500,
    make: (dice, { token }) => {
      if (dice.number(2) === 0) return { token: flipped(dice, Buffer.from(token)).toString('latin1') };
      const parts = token.split('.');
      const at = dice.number(3);
      parts[at] = flipped(dice, Buffer.from(parts[at] ?? '', 'base64url')).toString('base64url');
      return { token: parts.join('.') };
    },
  },
  'tokens with members of odd types': {
    count: 1800,
    make: (dice, base) => {
      const header = dice.number(2) === 0 ? base.header : altered(dice, base, base.header, HEADER_NAMES);
      const signature = dice.one([base.token.split('.')[2], 'AA', '']);
      return { token: `${b64(header)}.${b64(altered(dice, base, base.claims, NAMES))}.${signature}` };
    },
  },
  'tokens signed with odd values where it matters': {
    count: 500,
    make: async (dice, base, sign) => {
      const claims = { ...altered(dice, base, base.claims, NAMES), [dice.one(DECIDING)]: odd(dice, base) };
      return { token: await sign(base.header, claims) };
    },
  },
  'what is pasted along with a token or in its place': {
    count: 900,
    make: (dice, { token }) => {
      const pasted = dice.number(3) === 0 ? flipped(dice, Buffer.from(token)).toString('latin1') : token;
      const once = dice.one(WRAPPED)(pasted, dice);
      // Nothing tells a damaged token that stands in a claim from any other text.
      return { token: pasted === token && dice.number(3) === 0 ? dice.one(WRAPPED)(once, dice) : once };
    },
  },
  'claims without a token': {
    count: 300,
    make: (dice, base) => ({
      claims: altered(dice, base, base.claims, NAMES),
      ...(dice.number(2) === 0 && { header: altered(dice, base, base.header, HEADER_NAMES) }),
    }),
  },
};

/** Dice of their own for each kind, so that none depends on another. */
export const diceFor = (name: string): Dice =>
  new Dice([...name].reduce((seed, letter) => Math.imul(seed, 31) + letter.charCodeAt(0), 20_261_120));
