import { clusterId, guidOf, identityId, issuerOf } from './azure-world.ts';
import type { SigningKey } from './signing-key.ts';
import { RecipeError, type SandboxKeys } from './token-bases.ts';
import { draftOf, isKeyName, mint } from './tokens.ts';

const PLACEHOLDER = /^\{\{(token|claims|header|time|kid|jwk|pem|azure):(.*)\}\}$/s;

/** Fills `{{kind:recipe}}` wherever it is a whole value. Kinds: see {@link fillerOf}. */
export async function filled(value: unknown, keys: SandboxKeys, nowSeconds: number): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map((item) => filled(item, keys, nowSeconds)));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(async ([name, item]) => [name, await filled(item, keys, nowSeconds)]);
    return Object.fromEntries(await Promise.all(entries));
  }
  const [, kind = '', recipe = ''] = PLACEHOLDER.exec(String(value)) ?? [];
  return kind === '' ? value : await fillerOf(kind, recipe, keys, nowSeconds);
}

/**
 * `token`, `claims`, `header`: of a recipe of `tokens.ts`. `time`: so many seconds from now. `kid`, `jwk`, `pem`: of a key of the
 * sandbox, `NAME?form=hex|base64|lower|space` or, of `jwk`, `NAME?kid=other`. `azure`: an id, see {@link ofAzure}.
 */
async function fillerOf(kind: string, recipe: string, keys: SandboxKeys, nowSeconds: number): Promise<unknown> {
  if (kind === 'token') return await mint(recipe, keys, nowSeconds);
  if (kind === 'claims' || kind === 'header') return draftOf(recipe, keys, nowSeconds)[kind];
  if (kind === 'time') return new Date((nowSeconds + Number(recipe)) * 1000).toISOString();
  if (kind === 'azure') return ofAzure(recipe);
  const [name = '', query = ''] = recipe.split('?');
  if (!isKeyName(name)) throw new RecipeError(`There is no key named "${name}".`);
  const parameters = new URLSearchParams(query);
  if (kind === 'pem') return keys[name].pem;
  if (kind === 'jwk') return { ...keys[name].jwk, kid: parameters.get('kid') ?? keys[name].kid };
  return spelt(keys[name], parameters.get('form'));
}

/** `KIND/NAME`: an id of the invented Azure. */
function ofAzure(recipe: string): string {
  const [kind = '', name = ''] = recipe.split('/');
  switch (kind) {
    case 'cluster':
      return clusterId(name);
    case 'identity':
      return identityId(name);
    case 'issuer':
      return issuerOf(name);
    case 'client':
    case 'principal':
    case 'app':
    case 'object':
      return guidOf(`${kind} ${name}`);
    default:
      throw new RecipeError(`There is no id of the kind "${kind}".`);
  }
}

/** The ways in which people spell a `kid`. */
function spelt({ kid }: SigningKey, form: string | null): string {
  switch (form) {
    case null:
      return kid;
    case 'hex':
      return Buffer.from(kid, 'base64url')
        .toString('hex')
        .toUpperCase()
        .replace(/..(?=.)/g, '$&:');
    case 'base64':
      return Buffer.from(kid, 'base64url').toString('base64');
    case 'lower':
      return kid.toLowerCase();
    case 'space':
      return `${kid} `;
    default:
      throw new RecipeError(`There is no form named "${form}".`);
  }
}
