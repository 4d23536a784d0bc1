import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { understand } from '../src/contract/problem.ts';

/** Where a developer keeps settings, as Azure Functions Core Tools read them too. */
export const SETTINGS_FILE = 'local.settings.json';

const SettingsFile = z.looseObject({ Values: z.record(z.string(), z.string()).default({}) });

/** Puts the values of local.settings.json into the environment, which wins where it has them already. */
export function loadSettingsFile(): 'loaded' | 'absent' | { fault: string } {
  let text: string;
  try {
    text = readFileSync(SETTINGS_FILE, 'utf8');
  } catch {
    return 'absent';
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The message would repeat part of the file, which may hold secrets.
    return { fault: `${SETTINGS_FILE} is not JSON; none of it was used` };
  }
  const understood = understand(SettingsFile, json);
  if (!understood.ok) {
    const [{ pointer, detail } = { pointer: '', detail: '' }] = understood.faults;
    return { fault: `${SETTINGS_FILE}${pointer && ` at ${pointer}`}: ${detail} None of it was used` };
  }
  for (const [name, value] of Object.entries(understood.value.Values)) process.env[name] ??= value;
  return 'loaded';
}
