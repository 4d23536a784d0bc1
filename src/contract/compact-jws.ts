import { hash } from 'node:crypto';
import { isJsonObject, type JsonObject, parseJson } from './json.ts';
import { ENCRYPTED, NESTED, type PastedForm } from './pasted-form.ts';

/** Receivers and proxies refuse headers beyond this; a longer token is neither decoded nor verified. */
export const MAX_TOKEN_BYTES = 16 * 1024;

/** First 16 hex digits of the SHA-256 of a token: tells tokens apart in reports and logs without keeping one. */
export const tokenHash = (compact: string): string => hash('sha256', compact).slice(0, 16);

export const isTooLarge = (compact: string): boolean => Buffer.byteLength(compact) > MAX_TOKEN_BYTES;

/** What keeps a text from being a compact JWS, with its place. Repeats nothing of the text. */
export interface JwsFault {
  part: 'token' | 'header' | 'payload' | 'signature';
  detail: string;
  /** Where its parts tell what it is instead. */
  recognized?: PastedForm;
}

export type DecodedJws = { ok: true; header: JsonObject; claims: JsonObject } | { ok: false; fault: JwsFault };

/**
 * Splits and decodes a compact JWS (RFC 7515 §7.1). Does not verify anything, and leaves the signature behind. Strict: at
 * most {@link MAX_TOKEN_BYTES}, canonical base64url without padding (RFC 4648 §5, §3.5), UTF-8, JSON objects without
 * duplicate members.
 */
export function decodeCompactJws(compact: string): DecodedJws {
  if (isTooLarge(compact)) {
    return faulty(
      'token',
      `it has ${Buffer.byteLength(compact)} bytes, more than the ${MAX_TOKEN_BYTES} that are read`,
    );
  }
  const parts = compact.split('.');
  if (parts.length !== 3) return { ok: false, fault: { part: 'token', ...describeParts(parts) } };

  const [headerPart = '', payloadPart = '', signaturePart = ''] = parts;
  const header = decodeObject(headerPart);
  if ('detail' in header) return faulty('header', header.detail);
  const payload = decodeObject(payloadPart);
  if ('detail' in payload) {
    const nested = NESTED_TOKEN.test(Buffer.from(payloadPart, 'base64url').toString());
    return { ok: false, fault: { part: 'payload', detail: payload.detail, ...(nested && { recognized: NESTED }) } };
  }
  // An unsecured JWS (RFC 7515 §6) has an empty third part: its algorithm is the fault, not its form.
  const signatureFault =
    signaturePart === '' && header.object.alg === 'none' ? undefined : base64urlFault(signaturePart);
  if (signatureFault) return faulty('signature', signatureFault);
  return { ok: true, header: header.object, claims: payload.object };
}

/** The beginning of a compact token, signed or encrypted, in place of JSON. */
const NESTED_TOKEN = /^eyJ[\w-]+\.[\w-]*\.[\w-]*/;

const faulty = (part: JwsFault['part'], detail: string): DecodedJws => ({ ok: false, fault: { part, detail } });

function describeParts(parts: readonly string[]): Omit<JwsFault, 'part'> {
  const wanted = 'where a compact JWS has three';
  switch (parts.length) {
    case 1:
      return {
        detail: parts[0]?.startsWith('eyJ')
          ? `it has one part ${wanted}, so it was cut off or is only the header`
          : `it has one part ${wanted}`,
      };
    case 2:
      return { detail: `it has 2 parts ${wanted}, the signature is missing` };
    case 5: {
      const header = decodeObject(parts[0] ?? '');
      return 'object' in header && header.object.enc !== undefined
        ? { detail: `it has five parts ${wanted}`, recognized: ENCRYPTED }
        : { detail: `it has five parts ${wanted}, so more than one token was pasted` };
    }
    default:
      return { detail: `it has ${parts.length} parts ${wanted}` };
  }
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
