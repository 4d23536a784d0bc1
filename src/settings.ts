import * as z from 'zod';
import { isGuid } from './contract/claims.ts';
import { CloudName } from './contract/clouds.ts';
import { parseJson } from './contract/json.ts';
import { understand } from './contract/problem.ts';
import { type ConfiguredIssuer, trustedIssuer } from './trust/families.ts';
import { Policies, type Policy, policyFaults } from './trust/policies.ts';
import { SnapshotPlace } from './trust/snapshot-place.ts';

/** Routes that a setting may open to callers without a key. */
export const OpenRoute = z.enum(['openapi']);
export type OpenRoute = z.infer<typeof OpenRoute>;

/** Every setting: its name in the environment, its shape, and what it is when it is not set. */
const schemas = {
  TOKEN_DOCTOR_POLICIES: jsonText(Policies).default(new Map()),
  TOKEN_DOCTOR_CLOUD: CloudName.default('public'),
  TOKEN_DOCTOR_TENANTS: commaSeparated(guid()),
  TOKEN_DOCTOR_SUBSCRIPTIONS: commaSeparated(guid()),
  TOKEN_DOCTOR_ARM_ENDPOINT: httpsOrigin().optional(),
  TOKEN_DOCTOR_GRAPH_ENDPOINT: httpsOrigin().optional(),
  TOKEN_DOCTOR_ISSUERS: jsonText(
    z.array(z.strictObject({ issuer: address(), jwksUri: address().optional() })).superRefine((issuers, context) => {
      for (const [index, { issuer }] of issuers.entries()) {
        const path = [index, 'issuer'];
        const message = 'Stands there twice';
        if (issuers.findIndex((other) => other.issuer === issuer) < index)
          context.addIssue({ code: 'custom', path, message });
        if (trustedIssuer(issuer, 'public', []) !== undefined)
          context.addIssue({
            code: 'custom',
            path,
            message: 'Is trusted already, with keys where its family publishes them',
          });
      }
    }),
  ).default([]),
  TOKEN_DOCTOR_OPEN_ORIGINS: commaSeparated(
    z.string().refine(isOrigin, 'Must be an origin such as http://127.0.0.1:17901'),
  ),
  TOKEN_DOCTOR_KEYS_FRESH_SECONDS: wholeNumber(60, 3600).default(600),
  TOKEN_DOCTOR_SNAPSHOTS: SnapshotPlace.optional(),
  TOKEN_DOCTOR_RATE_LIMIT: wholeNumber(0, 1_000_000).default(600),
  TOKEN_DOCTOR_OPEN_ROUTES: commaSeparated(OpenRoute),
};

export type SettingName = keyof typeof schemas;
export const settingNames = Object.keys(schemas) as SettingName[];
const PREFIX = /^TOKEN_DOCTOR_/i;

export interface Settings {
  policies: ReadonlyMap<string, Policy>;
  cloud: CloudName;
  /** Tenants that may be asked about; empty: the one that the own sign-in reads. */
  tenants: readonly string[];
  /** Subscriptions that may be asked about; empty: all that the own sign-in reads. */
  subscriptions: readonly string[];
  /** Undefined: that of the cloud. */
  armEndpoint: string | undefined;
  graphEndpoint: string | undefined;
  issuers: readonly ConfiguredIssuer[];
  openOrigins: readonly string[];
  keysFreshSeconds: number;
  /** Undefined: key sets are kept in memory alone. */
  snapshots: SnapshotPlace | undefined;
  /** Requests a minute of one caller on diagnosis routes; 0: no limit. */
  rateLimit: number;
  openRoutes: readonly OpenRoute[];
  /** Whether App Service authentication stands in front: then its `x-ms-client-principal` headers are the platform's word. */
  platformAuthentication: boolean;
}

/** A setting that cannot be used, and why. Never its value, which may be a secret. */
export interface SettingFault {
  setting: SettingName;
  /** Where in a JSON setting, as a JSON pointer, or which item of a list; empty for the whole. */
  place: string;
  detail: string;
}

export interface ReadSettings {
  settings: Settings;
  faults: SettingFault[];
  /** Variables that have the prefix of settings and are none: misspelt, most likely. */
  unknown: string[];
}

/** Reads settings once. Empty counts as not set, as the portal writes it. Faults of all settings are told together. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): ReadSettings {
  const faults: SettingFault[] = [];
  const read = <Name extends SettingName>(setting: Name): z.output<(typeof schemas)[Name]> => {
    const schema: z.ZodType = schemas[setting];
    const understood = understand(schema, environment[setting] || undefined);
    if (understood.ok) return understood.value as z.output<(typeof schemas)[Name]>;
    faults.push(...understood.faults.map(({ pointer, detail }) => ({ setting, place: pointer, detail })));
    return schema.parse(undefined) as z.output<(typeof schemas)[Name]>;
  };
  const settings: Settings = {
    policies: read('TOKEN_DOCTOR_POLICIES'),
    cloud: read('TOKEN_DOCTOR_CLOUD'),
    tenants: read('TOKEN_DOCTOR_TENANTS'),
    subscriptions: read('TOKEN_DOCTOR_SUBSCRIPTIONS'),
    armEndpoint: read('TOKEN_DOCTOR_ARM_ENDPOINT'),
    graphEndpoint: read('TOKEN_DOCTOR_GRAPH_ENDPOINT'),
    issuers: read('TOKEN_DOCTOR_ISSUERS'),
    openOrigins: read('TOKEN_DOCTOR_OPEN_ORIGINS'),
    keysFreshSeconds: read('TOKEN_DOCTOR_KEYS_FRESH_SECONDS'),
    snapshots: read('TOKEN_DOCTOR_SNAPSHOTS'),
    rateLimit: read('TOKEN_DOCTOR_RATE_LIMIT'),
    openRoutes: read('TOKEN_DOCTOR_OPEN_ROUTES'),
    platformAuthentication: environment.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true',
  };
  // What a faulty setting was to say is not known, so nothing is held against the policies then.
  if (!faults.some(({ setting }) => POLICIES_REST_ON.includes(setting))) {
    const found = policyFaults(settings);
    faults.push(...found.map((fault) => ({ setting: 'TOKEN_DOCTOR_POLICIES', ...fault }) as const));
  }
  if (faults.some(({ setting }) => setting === 'TOKEN_DOCTOR_POLICIES')) settings.policies = new Map();
  return {
    settings,
    faults,
    unknown: Object.keys(environment).filter((name) => PREFIX.test(name) && !isSetting(name)),
  };
}

const isSetting = (name: string): name is SettingName => Object.hasOwn(schemas, name);

/** What tells whether a policy can ever let somebody in. */
const POLICIES_REST_ON: readonly SettingName[] = [
  'TOKEN_DOCTOR_POLICIES',
  'TOKEN_DOCTOR_CLOUD',
  'TOKEN_DOCTOR_ISSUERS',
  'TOKEN_DOCTOR_OPEN_ORIGINS',
  'TOKEN_DOCTOR_KEYS_FRESH_SECONDS',
];

function jsonText<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      const json = parseJson(text);
      if (json.ok) return json.value;
      const { line, column, detail } = json.fault;
      context.addIssue({
        code: 'custom',
        message: `Is not JSON that can be read: line ${line}, column ${column}: ${detail}`,
      });
      return z.NEVER;
    })
    .pipe(schema);
}

function commaSeparated<T extends z.ZodType<unknown, string>>(item: T) {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item))
    .default([]);
}

function wholeNumber(lowest: number, highest: number) {
  return z
    .string()
    .regex(/^\d{1,7}$/, 'Must be a whole number')
    .transform(Number)
    .pipe(z.number().min(lowest, `Must be at least ${lowest}`).max(highest, `Must be at most ${highest}`));
}

function address() {
  return z.url({ protocol: /^https?$/, error: 'Must be an http or https address' });
}

function guid() {
  return z
    .string()
    .refine(isGuid, 'Must be a GUID')
    .transform((text) => text.toLowerCase());
}

/** Where tokens of ours are sent, so that nothing but https will do. */
function httpsOrigin() {
  return z
    .string()
    .transform((text) => text.replace(/\/$/, ''))
    .refine(
      (text) => isOrigin(text) && text.startsWith('https:'),
      'Must be an https origin such as https://management.azure.com',
    );
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
