import { isJsonObject, type JsonObject, parseJson } from './json.ts';

/** What is pasted in place of a compact JWS, by mistake. */
export interface PastedForm {
  form:
    | 'encrypted-token'
    | 'nested-token'
    | 'json-serialization'
    | 'token-response'
    | 'saml-assertion'
    | 'certificate'
    | 'private-key'
    | 'client-secret'
    | 'refresh-token'
    | 'opaque-token'
    | 'guid'
    | 'several-tokens';
  /** As a sentence goes on after "it is". */
  title: string;
  /** What to do, starting with a verb; left out where sending the token itself is all. */
  advice?: string;
}

const REVOKE = 'Treat it as known to others from now on: revoke it and make a new one.';
const SEND_ACCESS_TOKEN = 'Send the access token that was issued with it or for it.';

/**
 * Texts that are no token, by how they begin. Patterns: RFC 7468 (PEM); Entra client secrets, GitHub tokens as secret scanners
 * publish them; refresh tokens as they are seen. The first that fits is told.
 */
const PATTERNS: readonly (PastedForm & { pattern: RegExp })[] = [
  {
    form: 'private-key',
    title: 'a private key',
    advice: REVOKE,
    // Of the base64 form: a sequence that begins with a version (RFC 5208 §5, RFC 7292 §4, RFC 8017 A.1.2).
    pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|^MI(?:I..[AQgw]IB|G.AgEA)[A-Za-z0-9+/\r\n]{40,}={0,2}$/,
  },
  {
    form: 'certificate',
    title: 'a certificate',
    advice: 'Send the token that the client gets with it.',
    pattern: /^(?:-----BEGIN|MII[A-Za-z0-9+/\r\n]{40,}={0,2}$)/,
  },
  {
    form: 'saml-assertion',
    title: 'a SAML assertion or another XML document',
    advice: 'Send a JWT: receivers of bearer tokens here take no SAML.',
    // Of the base64 form: `<?xml`, `<saml`, `<Asse`, `<ns0:`.
    pattern: /^(?:<|PD94bW|PHNhbW|PEFzc2|PG5zM)/,
  },
  {
    form: 'client-secret',
    title: 'an Entra client secret',
    advice: `${REVOKE} A receiver wants the token that the client gets with it.`,
    pattern: /^[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}$/,
  },
  {
    form: 'guid',
    title: 'a GUID, so the id of an application, a secret or an object',
    advice: 'Send the token, not the id of whoever gets it.',
    pattern: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  },
  {
    form: 'refresh-token',
    title: 'a refresh token or authorization code of Entra',
    advice: `${REVOKE} ${SEND_ACCESS_TOKEN}`,
    pattern: /^(?:[01]\.A[A-Za-z0-9_-]{20,}\.?A[A-Za-z0-9_-]|M\.[A-Z]\d{1,3}_)/,
  },
  {
    form: 'opaque-token',
    title: 'an opaque token of GitHub or GitLab, which only they can read',
    advice: REVOKE,
    pattern: /^(?:gh[oprsu]_|github_pat_|glpat-)/,
  },
  {
    form: 'opaque-token',
    title: 'an opaque access token of a personal Microsoft account, which only Microsoft can read',
    pattern: /^Ew[A-D][A-Za-z0-9+/]{100,}={0,2}$/,
  },
];

/** Where a token begins; nowhere inside a run of its letters, so that a long text is read once. */
const TOKEN_BEGINS = /(?<![\w-])eyJ[\w-]+\.eyJ/g;

/** What a text looks like that is no compact JWS; undefined where nothing tells. Repeats nothing of it. */
export function recognizePasted(text: string): PastedForm | undefined {
  const found = PATTERNS.find(({ pattern }) => pattern.test(text));
  if (found) {
    const { pattern: _, ...form } = found;
    return form;
  }
  if (text.startsWith('{')) return recognizeJson(text);
  if (/(?:^|[?&#])(?:access_token|id_token)=eyJ/.test(text))
    return {
      form: 'token-response',
      title: 'a whole token response',
      advice: 'Send the value of `access_token` alone.',
    };
  if (/\s/.test(text) && (text.match(TOKEN_BEGINS) ?? []).length > 1)
    return { form: 'several-tokens', title: 'more than one token', advice: 'Send one token at a time.' };
  const parts = text.split('.');
  if (parts.length === 1 && !text.startsWith('eyJ') && /^[\w~+/=-]{16,}$/.test(text))
    return {
      form: 'opaque-token',
      title: 'an opaque token or a secret, which only its issuer can read',
      advice: `${SEND_ACCESS_TOKEN} If it is a secret, revoke it.`,
    };
  return undefined;
}

/** RFC 7515 §7.2, RFC 7516 §7.2, RFC 6749 §5.1 and what `az account get-access-token` prints. */
function recognizeJson(text: string): PastedForm | undefined {
  const json = parseJson(text);
  if (!json.ok || !isJsonObject(json.value)) return undefined;
  const has = (name: string) => Object.hasOwn(json.value as JsonObject, name);
  if (has('access_token') || has('accessToken') || has('id_token'))
    return {
      form: 'token-response',
      title: 'a whole token response',
      advice: `Send the value of \`${['accessToken', 'access_token'].find(has) ?? 'id_token'}\` alone.`,
    };
  if (has('ciphertext')) return ENCRYPTED;
  if (has('payload') && (has('signatures') || has('signature')))
    return {
      form: 'json-serialization',
      title: 'a signed token in JSON serialisation, which receivers of bearer tokens do not take',
      advice: 'Send the compact form: header, payload and signature with two dots between them.',
    };
  return undefined;
}

/** RFC 7516: five parts. */
export const ENCRYPTED: PastedForm = {
  form: 'encrypted-token',
  title: 'an encrypted token (JWE), which only its receiver can read',
  advice: 'Let its receiver decrypt it, or turn token encryption off in the application’s registration.',
};

/** RFC 7519 §5.2: `cty` says JWT, and the payload is one. */
export const NESTED: PastedForm = {
  form: 'nested-token',
  title: 'a nested token: its payload is a token itself, not claims',
  advice: 'Send the inner token; receivers of Entra and Kubernetes tokens take no nested ones.',
};
