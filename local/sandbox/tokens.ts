import { CompactSign } from 'jose';
import type { SigningKey } from './signing-key.ts';
import { API_ID, AUDIENCES, CLIENT_ID, CLUSTER_ISSUER, OBJECT_ID, TENANT } from './world.ts';

export interface SandboxKeys {
  /** Published by the tenant and by its cluster. */
  entra: SigningKey;
  cluster: SigningKey;
  /** Published by the tenant for personal accounts only. */
  consumer: SigningKey;
  /** Published by nobody. */
  stranger: SigningKey;
}

type Json = Record<string, unknown>;
interface Draft {
  header: Json;
  claims: Json;
  key: SigningKey;
}

/** A recipe that cannot be followed, with the reason for whoever wrote it. */
export class RecipeError extends Error {}

/**
 * Mints a token by recipe, `name?parameter=value&…`. Names: `entra-v1`, `entra-v2`, `entra-id`, `graph`, `service-account`,
 * `pop`. Parameters: `aud` (a short name of `world.ts` or literal), `exp` `nbf` `iat` (seconds from now), `key`
 * (`consumer`, `stranger`: signs with it under its own kid; `forged`: signs with a stranger's key under the right kid),
 * `claim.NAME`, `header.NAME` (JSON, else text), `without` (claims to leave out), `damage` (see below).
 */
export async function mint(recipe: string, keys: SandboxKeys, nowSeconds: number): Promise<string> {
  const [name = '', query = ''] = recipe.split(/\?(.*)/s);
  const base = Object.hasOwn(bases, name) ? bases[name] : undefined;
  if (!base) throw new RecipeError(`There is no token named "${name}". There are: ${Object.keys(bases).join(', ')}.`);
  const draft = base(keys, nowSeconds);
  const damages: string[] = [];
  for (const [parameter, value] of new URLSearchParams(query)) {
    if (parameter === 'damage') damages.push(value);
    else season(draft, parameter, value, keys, nowSeconds);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(draft.claims));
  // Written by hand where the header says what jose rightly refuses to sign.
  const signable = draft.header.alg === 'RS256' && draft.header.crit === undefined;
  const signed = await new CompactSign(bytes)
    .setProtectedHeader(signable ? { ...draft.header, alg: 'RS256' } : { alg: 'RS256' })
    .sign(draft.key.privateKey);
  const compact = signable ? signed : [encode(draft.header), encode(draft.claims), signed.split('.')[2]].join('.');
  return damages.reduce((token, damage) => damaged(token, damage), compact);
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

const isKeyName = (value: string): value is keyof SandboxKeys =>
  ['consumer', 'stranger', 'cluster', 'entra'].includes(value);

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
    case 'enlarge':
      return `${header}.${payload}.${signature}${'A'.repeat(20_000)}`;
    default:
      throw new RecipeError(`There is no damage named "${damage}".`);
  }
}

const lifetime = (now: number) => ({ iat: now - 300, nbf: now - 300, exp: now + 3600 });

const bases: Readonly<Record<string, (keys: SandboxKeys, now: number) => Draft>> = {
  /** App-only access token of a v1 resource, as ServiceNow's client credentials grant brings it. */
  'entra-v1': ({ entra }, now) => ({
    key: entra,
    header: { typ: 'JWT', alg: 'RS256', x5t: entra.kid, kid: entra.kid },
    claims: {
      aud: AUDIENCES.arm,
      iss: `https://sts.windows.net/${TENANT}/`,
      ...lifetime(now),
      aio: 'k2RgYGB2invented',
      appid: CLIENT_ID,
      appidacr: '1',
      idp: `https://sts.windows.net/${TENANT}/`,
      idtyp: 'app',
      oid: OBJECT_ID,
      rh: '1.AAAAinvented.',
      sub: OBJECT_ID,
      tid: TENANT,
      uti: 'inventedUti0000000000A',
      ver: '1.0',
    },
  }),
  /** App-only access token of an API of one's own that takes v2 tokens. */
  'entra-v2': ({ entra }, now) => ({
    key: entra,
    header: { typ: 'JWT', alg: 'RS256', kid: entra.kid },
    claims: {
      aud: API_ID,
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      ...lifetime(now),
      aio: 'k2RgYGB2invented',
      azp: CLIENT_ID,
      azpacr: '1',
      oid: OBJECT_ID,
      rh: '1.AAAAinvented.',
      roles: ['Orders.Read'],
      sub: OBJECT_ID,
      tid: TENANT,
      uti: 'inventedUti0000000000A',
      ver: '2.0',
    },
  }),
  /** ID token of a user at a client application. */
  'entra-id': ({ entra }, now) => ({
    key: entra,
    header: { typ: 'JWT', alg: 'RS256', kid: entra.kid },
    claims: {
      aud: CLIENT_ID,
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      ...lifetime(now),
      aio: 'AWQAinvented',
      name: 'Sandbox User',
      nonce: '678910',
      oid: OBJECT_ID,
      preferred_username: 'user@sandbox.invalid',
      rh: '0.AAAAinvented.',
      sub: 'AAAAAinventedPairwiseSubject',
      tid: TENANT,
      uti: 'inventedUti0000000000A',
      ver: '2.0',
    },
  }),
  /** Microsoft Graph signs over another header than the one it sends, hence a signature nobody else can verify. */
  graph: (keys, now) => {
    const draft = bases['entra-v1']?.(keys, now);
    if (!draft) throw new RecipeError('There is no v1 token to start from.');
    return {
      key: keys.stranger,
      header: { ...draft.header, nonce: 'inventedNonce' },
      claims: { ...draft.claims, aud: AUDIENCES.graph, roles: ['User.Read.All'] },
    };
  },
  /** Projected service account token, as the workload identity webhook mounts it. */
  'service-account': ({ cluster }, now) => ({
    key: cluster,
    header: { alg: 'RS256', kid: cluster.kid },
    claims: {
      aud: [AUDIENCES.exchange],
      ...lifetime(now),
      iss: CLUSTER_ISSUER,
      jti: '55555555-5555-4555-8555-555555555555',
      'kubernetes.io': {
        namespace: 'shop',
        node: { name: 'aks-nodepool1-12345678-vmss000000', uid: '66666666-6666-4666-8666-666666666666' },
        pod: { name: 'checkout-0', uid: '77777777-7777-4777-8777-777777777777' },
        serviceaccount: { name: 'checkout', uid: '88888888-8888-4888-8888-888888888888' },
      },
      sub: 'system:serviceaccount:shop:checkout',
    },
  }),
  /** What kubelogin sends to Azure Arc clusters: an envelope signed by the client, the access token inside. */
  pop: ({ stranger }, now) => ({
    key: stranger,
    header: { typ: 'pop', alg: 'RS256', kid: stranger.kid },
    claims: {
      at: 'eyJhbGciOiJSUzI1NiJ9.e30.AAAA',
      ts: now,
      u: '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/arc',
      cnf: { jwk: { kty: 'RSA', n: stranger.jwk.n, e: stranger.jwk.e } },
      nonce: 'inventedNonce',
    },
  }),
};
