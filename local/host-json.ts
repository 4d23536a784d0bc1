import { readFileSync } from 'node:fs';
import * as z from 'zod';

const HostJson = z.looseObject({
  extensions: z.looseObject({ http: z.looseObject({ routePrefix: z.string().default('api') }).optional() }).optional(),
});

/** The route prefix in a host.json, the project's unless told, with the platform's default. */
export function routePrefix(file: string | URL = new URL('../host.json', import.meta.url)): string {
  return HostJson.parse(JSON.parse(readFileSync(file, 'utf8'))).extensions?.http?.routePrefix ?? 'api';
}
