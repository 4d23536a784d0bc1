import * as z from 'zod';
import { CloudName } from './contract/clouds.ts';
import { parseJson } from './contract/json.ts';
import { schemaFaults } from './contract/problem.ts';
import { type ConfiguredIssuer, trustedIssuer } from './trust/families.ts';
import { Policies, type Policy } from './trust/policies.ts';

/** Routes that a setting may open to callers without a key. */
const OpenRoute = z.enum(['openapi']);
export type OpenRoute = z.infer<typeof OpenRoute>;

/** Every setting: its name in the environment, its shape, and what it is when it is not set. */
const schemas = {
  TOKEN_DOCTOR_POLICIES: jsonText(Policies).default(new Map()),
  TOKEN_DOCTOR_CLOUD: CloudName.default('public'),
  TOKEN_DOCTOR_ISSUERS: jsonText(z.array(z.strictObject({ issuer: address(), jwksUri: address().optional() }))).default(
    [],
  ),
  TOKEN_DOCTOR_OPEN_ORIGINS: commaSeparated(
    z.string().refine(isOrigin, 'Must be an origin such as http://127.0.0.1:17901'),
  ),
  TOKEN_DOCTOR_KEYS_FRESH_SECONDS: wholeNumber(60, 3600).default(600),
  TOKEN_DOCTOR_RATE_LIMIT: wholeNumber(0, 1_000_000).default(600),
  TOKEN_DOCTOR_OPEN_ROUTES: commaSeparated(OpenRoute),
};

export type SettingName = keyof typeof schemas;
export const settingNames = Object.keys(schemas) as SettingName[];
const PREFIX = /^TOKEN_DOCTOR_/i;

export interface Settings {
  policies: ReadonlyMap<string, Policy>;
  cloud: CloudName;
  issuers: readonly ConfiguredIssuer[];
  openOrigins: readonly string[];
  keysFreshSeconds: number;
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
    const parsed = schema.safeParse(environment[setting] || undefined);
    if (parsed.success) return parsed.data as z.output<(typeof schemas)[Name]>;
    faults.push(...schemaFaults(parsed.error).map(({ pointer, detail }) => ({ setting, place: pointer, detail })));
    return schema.parse(undefined) as z.output<(typeof schemas)[Name]>;
  };
  const settings: Settings = {
    policies: read('TOKEN_DOCTOR_POLICIES'),
    cloud: read('TOKEN_DOCTOR_CLOUD'),
    issuers: read('TOKEN_DOCTOR_ISSUERS'),
    openOrigins: read('TOKEN_DOCTOR_OPEN_ORIGINS'),
    keysFreshSeconds: read('TOKEN_DOCTOR_KEYS_FRESH_SECONDS'),
    rateLimit: read('TOKEN_DOCTOR_RATE_LIMIT'),
    openRoutes: read('TOKEN_DOCTOR_OPEN_ROUTES'),
    platformAuthentication: environment.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true',
  };
  // What a faulty setting was to say is not known, so nothing is held against it.
  if (faults.length === 0) faults.push(...policyFaults(settings));
  if (faults.some(({ setting }) => setting === 'TOKEN_DOCTOR_POLICIES')) settings.policies = new Map();
  return {
    settings,
    faults,
    unknown: Object.keys(environment).filter((name) => PREFIX.test(name) && !isSetting(name)),
  };
}

const isSetting = (name: string): name is SettingName => Object.hasOwn(schemas, name);

/** What a policy asks for that no token could ever fulfil, as far as the other settings tell. */
function policyFaults({ policies, cloud, issuers, keysFreshSeconds }: Settings): SettingFault[] {
  const setting = 'TOKEN_DOCTOR_POLICIES';
  const trusted = (issuer: string) => trustedIssuer(issuer, cloud, issuers) !== undefined;
  return [...policies.values()].flatMap((policy) => [
    ...policy.issuers.flatMap((issuer, index) =>
      trusted(issuer)
        ? []
        : [{ setting, place: `/${policy.name}/issuers/${index}`, detail: untrusted(issuer, trusted) } as const],
    ),
    ...(policy.keyStalenessSeconds < keysFreshSeconds
      ? [
          {
            setting,
            place: `/${policy.name}/keyStalenessSeconds`,
            detail: 'Must not be less than TOKEN_DOCTOR_KEYS_FRESH_SECONDS: keys are not fetched again before.',
          } as const,
        ]
      : []),
  ]);
}

function untrusted(issuer: string, trusted: (issuer: string) => boolean): string {
  const slips = [
    [`${issuer}/`, 'with a slash at its end it would be one'],
    [issuer.replace(/\/$/, ''), 'without the slash at its end it would be one'],
    [issuer.toLowerCase(), 'in lower case it would be one'],
    [issuer.trim(), 'without white space around it, it would be one'],
  ] as const;
  const [, slip] = slips.find(([candidate]) => trusted(candidate)) ?? [];
  return `Not an issuer that is trusted here, letter for letter: ${slip ?? 'name one of your own in TOKEN_DOCTOR_ISSUERS first'}.`;
}

function jsonText<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      const json = parseJson(text);
      if (json.ok) return json.value;
      const { line, column, detail } = json.fault;
      context.addIssue({ code: 'custom', message: `Not valid JSON at line ${line}, column ${column}: ${detail}` });
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

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
