import { readFileSync } from 'node:fs';
import * as z from 'zod';

const HostJson = z.looseObject({
  extensions: z.looseObject({ http: z.looseObject({ routePrefix: z.string().default('api') }).optional() }).optional(),
});

/** The route prefix in the project's host.json, with the platform's default. */
export function routePrefix(): string {
  return (
    HostJson.parse(JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8'))).extensions?.http
      ?.routePrefix ?? 'api'
  );
}
