import { readFileSync } from 'node:fs';
import * as z from 'zod';

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
  try {
    const { Values } = SettingsFile.parse(JSON.parse(text));
    for (const [name, value] of Object.entries(Values)) process.env[name] ??= value;
    return 'loaded';
  } catch (error) {
    // Only the kind of fault: the message would repeat part of the file, which may hold secrets.
    return {
      fault: `${SETTINGS_FILE} is not ${error instanceof SyntaxError ? 'JSON' : '{ "Values": { name: text } }'}; none of it was used`,
    };
  }
}
