import { CompactSign } from 'jose';
import { baseOf, type Draft, type Json, RecipeError, type SandboxKeys } from './token-bases.ts';
import { AUDIENCES, TENANT } from './world.ts';

/**
 * Mints a token by recipe, `name?parameter=value&…`. The names are those of `token-bases.ts`. Parameters: `aud` (a short
 * name of `world.ts` or literal), `exp` `nbf` `iat` (seconds from now), `key` (`consumer`, `stranger`, `application`, …: signs with it under its own kid; `forged`: signs with a stranger's key under the right kid),
 * `claim.NAME`, `header.NAME` (JSON, else text), `without` (claims to leave out), `damage` (see below).
 */
export async function mint(recipe: string, keys: SandboxKeys, nowSeconds: number): Promise<string> {
  const { draft, damages } = follow(recipe, keys, nowSeconds);
  const bytes = new TextEncoder().encode(JSON.stringify(draft.claims));
  // Written by hand where the header says what jose rightly refuses to sign.
  const signable = draft.header.alg === 'RS256' && draft.header.crit === undefined;
  const signed = await new CompactSign(bytes)
    .setProtectedHeader(signable ? { ...draft.header, alg: 'RS256' } : { alg: 'RS256' })
    .sign(draft.key.privateKey);
  const compact = signable ? signed : [encode(draft.header), encode(draft.claims), signed.split('.')[2]].join('.');
  return damages.reduce((token, damage) => damaged(token, damage), compact);
}

/** Header and claims of a recipe, for those who send no token. */
export function draftOf(recipe: string, keys: SandboxKeys, nowSeconds: number): { header: Json; claims: Json } {
  const { header, claims } = follow(recipe, keys, nowSeconds).draft;
  return { header, claims };
}

function follow(recipe: string, keys: SandboxKeys, nowSeconds: number): { draft: Draft; damages: string[] } {
  const [name = '', query = ''] = recipe.split(/\?(.*)/s);
  const draft = baseOf(name)(keys, nowSeconds);
  const damages: string[] = [];
  for (const [parameter, value] of new URLSearchParams(query)) {
    if (parameter === 'damage') damages.push(value);
    else season(draft, parameter, value, keys, nowSeconds);
  }
  return { draft, damages };
}

const encode = (value: Json) => Buffer.from(JSON.stringify(value)).toString('base64url');

function season(draft: Draft, parameter: string, value: string, keys: SandboxKeys, nowSeconds: number): void {
  const [scope, member] = parameter.split(/\.(.*)/s);
  if (parameter === 'aud') draft.claims.aud = AUDIENCES[value] ?? value;
  else if (['exp', 'nbf', 'iat'].includes(parameter)) draft.claims[parameter] = nowSeconds + Number(value);
  else if (parameter === 'without') for (const claim of value.split(',')) delete draft.claims[claim];
  else if (parameter === 'key') sign(draft, value, keys);
  else if (scope === 'claim' && member) draft.claims[member] = jsonOrText(value);
  else if (scope === 'header' && member) draft.header[member] = jsonOrText(value);
  else throw new RecipeError(`There is no parameter named "${parameter}".`);
}

export const isKeyName = (value: string): value is keyof SandboxKeys =>
  ['consumer', 'stranger', 'cluster', 'entra', 'pipeline', 'application', 'sovereign', 'former'].includes(value);

function sign(draft: Draft, value: string, keys: SandboxKeys): void {
  if (value === 'forged') {
    draft.key = keys.stranger;
    return;
  }
  if (!isKeyName(value)) throw new RecipeError(`There is no key named "${value}".`);
  draft.key = keys[value];
  draft.header.kid = draft.key.kid;
  if (draft.header.x5t !== undefined) draft.header.x5t = draft.key.kid;
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** What happens to tokens on their way: cut, altered, wrapped. */
function damaged(token: string, damage: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  switch (damage) {
    case 'truncate':
      return token.slice(0, token.length / 2);
    case 'no-signature':
      return `${header}.${payload}`;
    case 'empty-signature':
      return `${header}.${payload}.`;
    case 'altered': {
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      return [header, encode({ ...claims, oid: TENANT }), signature].join('.');
    }
    case 'padding':
      return `${header}.${payload}==.${signature}`;
    case 'bearer':
      return `  Bearer ${token}\n`;
    case 'url-encoded':
      return encodeURIComponent(`"${token}"`);
    case 'plain-base64':
      return [header, Buffer.from(payload, 'base64url').toString('base64'), signature].join('.');
    case 'trailing-bits':
      return `${header}.${payload}.${signature.slice(0, -1)}${signature.endsWith('B') ? 'C' : 'B'}`;
    case 'duplicate-member': {
      const claims = Buffer.from(payload, 'base64url').toString();
      return [header, Buffer.from(claims.replace('{', '{"aud":"x",')).toString('base64url'), signature].join('.');
    }
    case 'nested':
      return [header, Buffer.from(token).toString('base64url'), signature].join('.');
    case 'json-serialization':
      return JSON.stringify({ protected: header, payload, signature });
    case 'token-response':
      return JSON.stringify({ token_type: 'Bearer', expires_in: 3599, access_token: token });
    case 'encrypted':
      return [encode({ alg: 'RSA-OAEP-256', enc: 'A256GCM' }), signature, signature, signature, signature].join('.');
    case 'enlarge':
      return `${header}.${payload}.${signature}${'A'.repeat(20_000)}`;
    default:
      throw new RecipeError(`There is no damage named "${damage}".`);
  }
}
