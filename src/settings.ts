import * as z from 'zod';
import { CloudName } from './contract/clouds.ts';
import type { ConfiguredIssuer } from './trust/families.ts';

/** Every setting: its name in the environment, its shape, and what it is when it is not set. */
const schemas = {
  TOKEN_DOCTOR_CLOUD: CloudName.default('public'),
  TOKEN_DOCTOR_ISSUERS: jsonText(z.array(z.strictObject({ issuer: address(), jwksUri: address().optional() }))).default(
    [],
  ),
  TOKEN_DOCTOR_OPEN_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .pipe(z.array(z.string().refine(isOrigin, 'must be origins such as http://127.0.0.1:17901, comma separated')))
    .default([]),
  TOKEN_DOCTOR_KEYS_FRESH_SECONDS: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a number of seconds')
    .transform(Number)
    .pipe(z.number().min(60, 'must be at least 60').max(3600, 'must be at most 3600'))
    .default(600),
};

export type SettingName = keyof typeof schemas;
export const settingNames = Object.keys(schemas) as SettingName[];

export interface Settings {
  cloud: CloudName;
  issuers: readonly ConfiguredIssuer[];
  openOrigins: readonly string[];
  keysFreshSeconds: number;
}

/** A setting that cannot be used, and why. Never its value, which may be a secret. */
export interface SettingFault {
  setting: SettingName;
  detail: string;
}

/** Reads settings once. Empty counts as not set, as the portal writes it. Faults of all settings are told together. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): {
  settings: Settings;
  faults: SettingFault[];
} {
  const faults: SettingFault[] = [];
  const read = <Name extends SettingName>(setting: Name): z.output<(typeof schemas)[Name]> => {
    const schema: z.ZodType = schemas[setting];
    const parsed = schema.safeParse(environment[setting] || undefined);
    if (parsed.success) return parsed.data as z.output<(typeof schemas)[Name]>;
    const [issue] = parsed.error.issues;
    const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
    // Of a member that is not known the message would repeat the name, which is part of the value.
    const why = issue?.code === 'unrecognized_keys' ? 'has a member that is not known' : issue?.message;
    faults.push({ setting, detail: `${why ?? 'cannot be used'}${place}` });
    return schema.parse(undefined) as z.output<(typeof schemas)[Name]>;
  };
  return {
    settings: {
      cloud: read('TOKEN_DOCTOR_CLOUD'),
      issuers: read('TOKEN_DOCTOR_ISSUERS'),
      openOrigins: read('TOKEN_DOCTOR_OPEN_ORIGINS'),
      keysFreshSeconds: read('TOKEN_DOCTOR_KEYS_FRESH_SECONDS'),
    },
    faults,
  };
}

function jsonText<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        // The message would repeat part of the value.
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

function address() {
  return z.url({ protocol: /^https?$/, error: 'must be an http or https address' });
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
