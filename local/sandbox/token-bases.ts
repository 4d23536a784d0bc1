import { foreignTokens, lifetime } from './foreign-tokens.ts';
import type { SigningKey } from './signing-key.ts';
import { API_ID, AUDIENCES, CLIENT_ID, CONSUMER_TENANT, OBJECT_ID, TENANT } from './world.ts';

export interface SandboxKeys {
  /** Published by the tenant and by its cluster. */
  entra: SigningKey;
  cluster: SigningKey;
  /** Published by the tenant for personal accounts only. */
  consumer: SigningKey;
  /** Published by GitHub, Azure DevOps and GitLab. */
  pipeline: SigningKey;
  /** Published at `?appid=` of the invented API alone. */
  application: SigningKey;
  /** Published by the directories for customers. */
  customers: SigningKey;
  /** Published in the other clouds alone. */
  sovereign: SigningKey;
  /** Published no more. */
  former: SigningKey;
  /** Published by nobody. */
  stranger: SigningKey;
}

export type Json = Record<string, unknown>;
export interface Draft {
  header: Json;
  claims: Json;
  key: SigningKey;
}

/** A recipe that cannot be followed, with the reason for whoever wrote it. */
export class RecipeError extends Error {}

/** A token to start from, at a moment in seconds. */
export type Base = (keys: SandboxKeys, now: number) => Draft;

const bases: Readonly<Record<string, Base>> = {
  ...foreignTokens,
  'identity-binding': (keys, now) => {
    const { key, header, claims } = baseOf('service-account')(keys, now);
    return { key, header, claims: { ...claims, aud: [AUDIENCES.binding] } };
  },
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
    const draft = baseOf('entra-v1')(keys, now);
    return {
      key: keys.stranger,
      header: { ...draft.header, nonce: 'inventedNonce' },
      claims: { ...draft.claims, aud: AUDIENCES.graph, roles: ['User.Read.All'] },
    };
  },
  /** Delegated access token of a v1 resource, as the Azure CLI brings it. */
  'entra-v1-user': (keys, now) => {
    const { key, header, claims } = baseOf('entra-v1')(keys, now);
    const { idtyp: _, ...rest } = claims;
    return {
      key,
      header,
      claims: {
        ...rest,
        appid: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
        appidacr: '0',
        groups: ['f1f2f3f4-1111-4222-8333-444455556666'],
        scp: 'user_impersonation',
        sub: 'AAAAAinventedPairwiseSubject',
        unique_name: 'user@sandbox.invalid',
        upn: 'user@sandbox.invalid',
      },
    };
  },
  /** Delegated access token of an API of one's own that takes v2 tokens. */
  'entra-v2-user': (keys, now) => {
    const { key, header, claims } = baseOf('entra-v2')(keys, now);
    const { roles: _, ...rest } = claims;
    return {
      key,
      header,
      claims: {
        ...rest,
        azpacr: '0',
        name: 'Sandbox User',
        preferred_username: 'user@sandbox.invalid',
        scp: 'mcp.read',
        sub: 'AAAAAinventedPairwiseSubject',
      },
    };
  },
  /** Access token of a managed identity. */
  'managed-identity': (keys, now) => {
    const { key, header, claims } = baseOf('entra-v1')(keys, now);
    return {
      key,
      header,
      claims: {
        ...claims,
        appidacr: '2',
        exp: now + 86_100,
        xms_mirid:
          '/subscriptions/00000000-0000-4000-8000-000000000000/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop',
      },
    };
  },
  /** The same for the token exchange: there Entra writes its v2 form. */
  'managed-identity-exchange': (keys, now) => {
    const { key, header, claims } = baseOf('managed-identity')(keys, now);
    const { appid, appidacr, ...rest } = claims;
    return {
      key,
      header,
      claims: {
        ...rest,
        aud: AUDIENCES['exchange-id'],
        iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
        azp: appid,
        azpacr: appidacr,
        ver: '2.0',
      },
    };
  },
  /** Access token of a personal account for an API of one's own. */
  personal: (keys, now) => {
    const { header, claims } = baseOf('entra-v2-user')(keys, now);
    return {
      key: keys.consumer,
      header: { ...header, kid: keys.consumer.kid },
      claims: {
        ...claims,
        iss: `https://login.microsoftonline.com/${CONSUMER_TENANT}/v2.0`,
        tid: CONSUMER_TENANT,
        oid: '00000000-0000-0000-0123-456789abcdef',
      },
    };
  },
  /** Access token bound to a key, as kubelogin asks for it. */
  'pop-bound': (keys, now) => {
    const { key, header, claims } = baseOf('entra-v1')(keys, now);
    return { key, header, claims: { ...claims, cnf: { kid: 'inventedThumbprint' } } };
  },
};

/** The base of that name, each of its calls a token of its own. */
export function baseOf(name: string): Base {
  const base = Object.hasOwn(bases, name) ? bases[name] : undefined;
  if (!base) throw new RecipeError(`There is no token named "${name}". There are: ${Object.keys(bases).join(', ')}.`);
  return base;
}
