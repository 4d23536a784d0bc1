import { audiences, clientId, isGuid, stringClaim, timeClaim } from './claims.ts';
import { CloudName, clouds, entraIssuer } from './clouds.ts';
import type { DecodedToken } from './evidence.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { clientName, resourceOf } from './resources.ts';
import { type Access, accessOf, ENTRA_ACCESS_TOKENS, type TokenKind } from './token-kind.ts';

/** What a token says of itself, in our words and not in its own. Nothing of it is verified here. */
export interface TokenProfile {
  /** Of an Entra token: what `ver` says, else what the form of the issuer tells. */
  version?: '1.0' | '2.0';
  /** Clouds the issuer belongs to; the v1 issuer is shared by two. */
  clouds: readonly CloudName[];
  tenant?: string;
  /** `azp` or `appid`; with its name where it is one of Microsoft's own. */
  client?: { id: string; name?: string };
  subject?: string;
  /** `oid`: the user or service principal in the tenant. */
  objectId?: string;
  /** The pod's or pipeline's own name: `namespace/service account`, repository or project. */
  workload?: string;
  audiences: readonly { audience: string; resource?: string }[];
  /** Of an Entra access token. */
  access?: Access;
  lifetime?: Lifetime;
}

/** Times as the claims have them; seconds are rounded down. */
export interface Lifetime {
  issuedAt?: Date;
  notBefore?: Date;
  expiresAt?: Date;
  /** From `iat`, else `nbf`, to `exp`. */
  lifetimeSeconds?: number;
  /** From the moment that is judged to `exp`; negative once it is past. */
  leftSeconds?: number;
}

export function profileOf({ claims }: DecodedToken, { kind }: TokenKind, now: Date): TokenProfile {
  const entra = entraIssuer(stringClaim(claims, 'iss') ?? '');
  const version = claims.ver === '1.0' || claims.ver === '2.0' ? claims.ver : entra?.version;
  const client = clientId(claims);
  const workload = workloadOf(claims);
  return {
    ...(version !== undefined && { version }),
    clouds: entra?.clouds ?? [],
    ...textOf('tenant', isGuid(claims.tid) ? claims.tid : entra?.tenant),
    ...(client !== undefined && { client: { id: client, ...textOf('name', clientName(client)) } }),
    ...textOf('subject', stringClaim(claims, 'sub')),
    ...textOf('objectId', stringClaim(claims, 'oid')),
    ...textOf('workload', workload),
    audiences: (audiences(claims) ?? []).map((audience) => ({
      audience,
      ...textOf('resource', resourceOf(audience)?.name),
    })),
    ...(ENTRA_ACCESS_TOKENS.includes(kind) && { access: accessOf(claims) }),
    ...lifetimeOf(claims, now),
  };
}

const textOf = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string };

function workloadOf(claims: JsonObject): string | undefined {
  const kubernetes = claims['kubernetes.io'];
  if (isJsonObject(kubernetes) && isJsonObject(kubernetes.serviceaccount)) {
    const namespace = stringClaim(kubernetes, 'namespace');
    const name = stringClaim(kubernetes.serviceaccount, 'name');
    if (namespace !== undefined && name !== undefined) return `${namespace}/${name}`;
  }
  return stringClaim(claims, 'repository') ?? stringClaim(claims, 'project_path');
}

function lifetimeOf(claims: JsonObject, now: Date): { lifetime?: Lifetime } {
  const time = (name: string) => {
    const seconds = timeClaim(claims, name);
    return typeof seconds === 'number' ? seconds : undefined;
  };
  const [iat, nbf, exp] = [time('iat'), time('nbf'), time('exp')];
  if (iat === undefined && nbf === undefined && exp === undefined) return {};
  const from = iat ?? nbf;
  return {
    lifetime: {
      ...(iat !== undefined && { issuedAt: new Date(iat * 1000) }),
      ...(nbf !== undefined && { notBefore: new Date(nbf * 1000) }),
      ...(exp !== undefined && {
        expiresAt: new Date(exp * 1000),
        leftSeconds: Math.floor(exp - now.getTime() / 1000),
        ...(from !== undefined && { lifetimeSeconds: Math.floor(exp - from) }),
      }),
    },
  };
}

/** A cloud by its title, several with "or" between. */
export const cloudTitles = (names: readonly CloudName[]): string =>
  CloudName.options.flatMap((name) => (names.includes(name) ? [clouds[name].title] : [])).join(' or ');
