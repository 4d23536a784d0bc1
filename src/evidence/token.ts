import { decodeCompactJws, tokenHash } from '../contract/compact-jws.ts';
import type { DecodedToken, TokenForm } from '../contract/evidence.ts';
import { isJsonObject } from '../contract/json.ts';
import { recognizePasted } from '../contract/pasted-form.ts';

/** The token as it goes on the wire, and what stood around it. */
export interface UnwrappedToken {
  compact: string;
  /** The same with its white space: what is no token may need it to be recognized. */
  pasted: string;
  removed: readonly string[];
}

/**
 * Takes away what people paste along with a token: white space and line breaks, `Authorization:` and `Bearer `, quotes,
 * percent-encoding. For diagnosis only: what decides about a caller must be strict.
 */
export function unwrapToken(pasted: string): UnwrappedToken {
  let compact = pasted;
  const removed: string[] = [];
  const take = (name: string, next: string) => {
    if (next !== compact && !removed.includes(name)) removed.push(name);
    compact = next;
  };
  take(
    'URL-encoding',
    compact.replace(/%(?:0[9ad]|2[0267bdef]|3d|5f)/gi, (code) => decodeURIComponent(code)),
  );
  take('white space', compact.trim());
  take('quotes', compact.replace(/^(["'`])(.*)\1$/s, '$2').trim());
  take('`Authorization:`', compact.replace(/^authorization:\s*/i, ''));
  take('`Bearer `', compact.replace(/^bearer\s+/i, ''));
  take('quotes', compact.replace(/^(["'`])(.*)\1$/s, '$2'));
  const withSpace = compact;
  take('white space', compact.replace(/\s+/g, ''));
  return { compact, pasted: withSpace, removed };
}

export type Decoded = { form: TokenForm; token?: DecodedToken };

/** Decodes a compact JWS, with every signature dropped: its own, and those of tokens that stand in its claims. */
export function decodeToken({ compact, pasted, removed }: UnwrappedToken): Decoded {
  const form = {
    lengthBytes: Buffer.byteLength(compact),
    sha256: tokenHash(compact),
    removed,
  };
  const decoded = decodeCompactJws(compact);
  if (!decoded.ok) {
    const { recognized = recognizePasted(pasted), ...fault } = decoded.fault;
    return { form: { ...form, fault, ...(recognized && { recognized }) } };
  }
  return { form, token: withoutSignatures(decoded) };
}

/** The same without the signatures of tokens that stand in it. */
export const withoutSignatures = ({ header, claims }: DecodedToken): DecodedToken => ({
  header: unsigned(header),
  claims: unsigned(claims),
});

/** A run of base64url parts with dots between; it begins where none is before it, so that a long text is read once. */
const DOTTED_PARTS = /(?<![\w.-])[\w-]+(?:\.[\w-]*){2,}/g;

/** A token may carry tokens (PoP does); their signatures are dropped too, in names, values and inside longer texts. */
function unsigned<T>(value: T): T;
function unsigned(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(DOTTED_PARTS, withoutSignature);
  if (Array.isArray(value)) return value.map((item) => unsigned(item));
  if (!isJsonObject(value)) return value;
  // RFC 7515 §7.2: the same in JSON serialisation.
  const serialized = ['payload', 'protected', 'header'].some((name) => Object.hasOwn(value, name));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      unsigned(name),
      serialized && name === 'signature' ? SIGNATURE_REMOVED : unsigned(item),
    ]),
  );
}

const SIGNATURE_REMOVED = '(signature removed)';

/** Cuts a run of parts behind the payload that follows a part with a JSON object in it: there the header is. */
function withoutSignature(run: string): string {
  const parts = run.split('.');
  const header = parts.findIndex((part) => /^\s*\{/.test(Buffer.from(part, 'base64url').toString()));
  return header < 0 || header + 2 >= parts.length ? run : [...parts.slice(0, header + 2), SIGNATURE_REMOVED].join('.');
}
