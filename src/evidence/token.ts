import { hash } from 'node:crypto';
import { type DecodedToken, MAX_TOKEN_BYTES, type TokenForm } from '../contract/evidence.ts';
import { isJsonObject, type JsonObject, parseJson } from '../contract/json.ts';

/** The token as it goes on the wire, and what stood around it. */
export interface UnwrappedToken {
  compact: string;
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
    compact.replace(/%(20|2e|2d|5f|3d|2b|2f)/gi, (code) => decodeURIComponent(code)),
  );
  take('white space', compact.trim());
  take('quotes', compact.replace(/^(["'`])(.*)\1$/s, '$2').trim());
  take('`Authorization:`', compact.replace(/^authorization:\s*/i, ''));
  take('`Bearer `', compact.replace(/^bearer\s+/i, ''));
  take('quotes', compact.replace(/^(["'`])(.*)\1$/s, '$2'));
  take('white space', compact.replace(/\s+/g, ''));
  return { compact, removed };
}

export type Decoded = { form: TokenForm; token?: DecodedToken };

/**
 * Splits and decodes a compact JWS (RFC 7515 §7.1). Does not verify anything. The signature is dropped here. Strict:
 * canonical base64url without padding (RFC 4648 §5, §3.5), UTF-8, JSON objects without duplicate members.
 */
export function decodeToken({ compact, removed }: UnwrappedToken): Decoded {
  const lengthBytes = Buffer.byteLength(compact);
  const outside = { lengthBytes, sha256: hash('sha256', compact).slice(0, 16), removed };
  const faulty = (fault: NonNullable<TokenForm['fault']>) => ({ form: { ...outside, fault } });

  if (lengthBytes > MAX_TOKEN_BYTES) {
    return faulty({
      part: 'token',
      detail: `it has ${lengthBytes} bytes, more than the ${MAX_TOKEN_BYTES} that are read`,
    });
  }
  const parts = compact.split('.');
  if (parts.length !== 3) return faulty({ part: 'token', detail: describeParts(compact, parts.length) });

  const [headerPart = '', payloadPart = '', signaturePart = ''] = parts;
  const header = decodeObject(headerPart);
  if ('detail' in header) return faulty({ part: 'header', detail: header.detail });
  const payload = decodeObject(payloadPart);
  if ('detail' in payload) return faulty({ part: 'payload', detail: payload.detail });
  // An unsecured JWS (RFC 7515 §6) has an empty third part: its algorithm is the fault, not its form.
  const signatureFault =
    signaturePart === '' && header.object.alg === 'none' ? undefined : base64urlFault(signaturePart);
  if (signatureFault) return faulty({ part: 'signature', detail: signatureFault });
  return { form: outside, token: { header: unsigned(header.object), claims: unsigned(payload.object) } };
}

/** A run of base64url parts with dots between; it begins where none is before it, so that a long text is read once. */
const DOTTED_PARTS = /(?<![\w.-])[\w-]+(?:\.[\w-]*){2,}/g;

/** A token may carry tokens (PoP does); their signatures are dropped too, in names, values and inside longer texts. */
function unsigned<T>(value: T): T;
function unsigned(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(DOTTED_PARTS, withoutSignature);
  if (Array.isArray(value)) return value.map((item) => unsigned(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [unsigned(name), unsigned(item)]));
}

/** Cuts a run of parts behind the payload that follows a part with a JSON object in it: there the header is. */
function withoutSignature(run: string): string {
  const parts = run.split('.');
  const header = parts.findIndex((part) => /^\s*\{/.test(Buffer.from(part, 'base64url').toString()));
  return header < 0 || header + 2 >= parts.length
    ? run
    : [...parts.slice(0, header + 2), '(signature removed)'].join('.');
}

function describeParts(compact: string, parts: number): string {
  if (parts === 5) {
    const header = decodeObject(compact.split('.')[0] ?? '');
    return 'object' in header && header.object.enc !== undefined
      ? 'it has five parts: an encrypted token (JWE), which only its receiver can read'
      : 'it has five parts where a compact JWS has three, so more than one token was pasted';
  }
  if (parts === 1) {
    return compact.startsWith('eyJ')
      ? 'it has one part where a compact JWS has three, so it was cut off or is only the header'
      : 'it has one part where a compact JWS has three: an opaque token, a refresh token or a secret, not a JWT';
  }
  return `it has ${parts} parts where a compact JWS has three${parts === 2 ? ', the signature is missing' : ''}`;
}

function decodeObject(part: string): { object: JsonObject } | { detail: string } {
  const fault = base64urlFault(part);
  if (fault) return { detail: fault };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(part, 'base64url'));
  } catch {
    return { detail: 'it is not UTF-8 text once decoded' };
  }
  const json = parseJson(text);
  if (!json.ok)
    return {
      detail: `it is not the JSON it should be: line ${json.fault.line}, column ${json.fault.column}: ${json.fault.detail}`,
    };
  return isJsonObject(json.value) ? { object: json.value } : { detail: 'it is JSON, but not an object' };
}

/** RFC 7515 §2 wants base64url without padding; §3.5 of RFC 4648 wants unused bits to be zero, so that one text has one form. */
function base64urlFault(part: string): string | undefined {
  if (part === '') return 'it is empty';
  if (/^[A-Za-z0-9_-]+={1,2}$/.test(part)) return 'it ends in `=`: base64url padding does not belong in a token';
  const at = part.search(/[^A-Za-z0-9_-]/);
  if (at >= 0) {
    const plain = /^[A-Za-z0-9+/]+=*$/.test(part);
    return plain
      ? 'it is plain base64 (`+`, `/`) where base64url (`-`, `_`) is due'
      : `character ${at + 1} is not base64url`;
  }
  if (part.length % 4 === 1) return 'its length is not one base64url can have, so a character is missing or too many';
  if (Buffer.from(part, 'base64url').toString('base64url') !== part)
    return 'its last character has bits set that no encoder writes';
  return undefined;
}
