import * as z from 'zod';
import type { CloudName } from './clouds.ts';
import { AcceptanceRules } from './policy.ts';
import { receivers, requestFor } from './receivers.ts';
import { IDENTITY_BINDING_AUDIENCE, TOKEN_EXCHANGE_APP_ID, TOKEN_EXCHANGE_AUDIENCES } from './resources.ts';
import { TOKEN_KINDS, type TokenKindName } from './token-kind.ts';

/** Receivers whose rules are known here. */
export const TargetName = z.enum([
  'aks-api-server',
  'arm',
  'graph',
  'key-vault',
  'storage',
  'sql',
  'azure-devops',
  'container-registry',
  'token-exchange',
  'servicenow-oidc',
  'servicenow-jwt-bearer',
  'mcp',
]);
export type TargetName = z.infer<typeof TargetName>;

/** `target` of a request: a name, or one of the two members of this object. */
const TargetObject = z
  .strictObject({
    custom: AcceptanceRules.optional(),
    policy: z.string().min(1).optional(),
  })
  .refine(
    ({ custom, policy }) => (custom === undefined) !== (policy === undefined),
    'Must have one member, custom or policy',
  );

export const TargetChoice = z.union([TargetName, TargetObject]).meta({
  description: `Who is to accept the token: ${TargetName.options.map((name) => `\`${name}\``).join(', ')}; or \`{ "policy": "name" }\`, a policy of this deployment; or \`{ "custom": { "audiences": […], "issuers": […], … } }\`, a receiver of your own, described like a policy by audiences, issuers, tokenKinds, scopes, roles, clients, subjects, clockToleranceSeconds and maxTokenAgeSeconds. Left out: the one the token itself points to.`,
});
export type TargetChoice = z.infer<typeof TargetChoice>;

/** Whose tokens a receiver takes, as far as that is a rule of the receiver and not of its configuration. */
export type IssuerRule =
  /** Those of Entra tenants in their v1 form. */
  | 'entra-v1'
  /** Those of Entra tenants; no source says whether the v2 form is taken. */
  | 'entra'
  /** Those that the rules of the target list. */
  | 'listed'
  /** Any that a federated credential can name. */
  | 'federated'
  /** None but the client of the receiver itself. */
  | 'client'
  /** Any that the receiver is set up for. */
  | 'any';

/** One receiver in one cloud: what it takes, and what to ask Entra for to get it. */
export interface Target {
  name: TargetName | 'custom' | 'policy' | 'unnamed';
  cloud: CloudName;
  title: string;
  /** Kinds of tokens it takes; what is in neither list is refused. */
  kinds: readonly TokenKindName[];
  /** Kinds of which only its configuration tells. */
  kindsUnsettled: readonly TokenKindName[];
  issuers: IssuerRule;
  /** Whether its configuration may trust issuers that are not Entra, so that a foreign one is not a fault by itself. */
  issuersOpen: boolean;
  /** Accepted audiences, compared as exact strings; the first is the one to ask for. */
  audiences: readonly string[];
  /** Audiences of which no source says whether they are accepted here. */
  audiencesUnsettled: readonly string[];
  /** Audiences that name one instance of the receiver, which alone takes them. */
  audiencesOfInstances?: RegExp;
  /** Whether its configuration may name further audiences. */
  audiencesOpen: boolean;
  /** Claims that name the caller to it, in the order it looks, and what follows where none is there. */
  principal?: { claims: readonly string[]; missing: 'fail' | 'unknown' };
  /** Token requests at Entra: v1 `resource=`, v2 `scope=`; empty where only the caller knows. Left out where Entra issues nothing for it. */
  request?: { resource: string; scope: string };
  /** Algorithms it takes whoever issued the token; left out where those of the issuer count. */
  algorithms?: readonly string[];
  /** The oldest keys a policy decides by. */
  keyStalenessSeconds?: number;
  /** What a policy or the caller says it asks for. */
  rules?: AcceptanceRules;
}

/** What is known of a target beside its name. */
export type Facts = Omit<Target, 'name' | 'cloud'>;

/** Targets that exist in the public cloud alone. */
export const PUBLIC_ONLY: readonly TargetName[] = ['azure-devops'];
/** Targets for which the receiver's own identifier may be given: an MCP server's address, ServiceNow's Client ID. */
export const WITH_RESOURCE: readonly TargetName[] = ['mcp', 'servicenow-oidc', 'servicenow-jwt-bearer'];

export const targetOf = (name: TargetName, cloud: CloudName, resource?: string): Target => ({
  name,
  cloud,
  ...receivers[name](cloud, resource),
});

/** A receiver that its rules describe: a policy of this deployment, or one of the caller's own. */
export const ruledTarget = (
  name: 'policy' | 'custom',
  title: string,
  rules: AcceptanceRules,
  cloud: CloudName,
): Target => ({
  name,
  cloud,
  title,
  kinds: TOKEN_KINDS,
  kindsUnsettled: [],
  issuers: 'listed',
  issuersOpen: false,
  audiences: rules.audiences,
  audiencesUnsettled: [],
  audiencesOpen: false,
  ...(rules.audiences[0] !== undefined && { request: requestFor(rules.audiences[0]) }),
  rules,
});

/** Where neither the caller nor the token says who is to accept it. */
export const unnamedTarget = (cloud: CloudName): Target => ({
  name: 'unnamed',
  cloud,
  title: 'its receiver',
  kinds: TOKEN_KINDS,
  kindsUnsettled: [],
  issuers: 'any',
  issuersOpen: true,
  audiences: [],
  audiencesUnsettled: [],
  audiencesOpen: true,
});

/** Whether an audience is the one of a token that is to be exchanged, not sent. */
export const isAssertionAudience = (audience: string): boolean =>
  [IDENTITY_BINDING_AUDIENCE, TOKEN_EXCHANGE_APP_ID, ...TOKEN_EXCHANGE_AUDIENCES].includes(audience);
