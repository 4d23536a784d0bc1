import * as z from 'zod';

const version = z.string().meta({ description: 'Version of Token Doctor (Semantic Versioning).' });

/** `GET /api/health`. */
export const Health = z.object({ status: z.enum(['ok']), version }).meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;

/** `GET /api/health/ready`. Anybody may read it: counts, and names in settings with what is wrong; no values but opened origins. */
export const Readiness = z
  .object({
    status: z.enum(['ready', 'degraded', 'not-ready']).meta({
      description:
        '`not-ready` (503): a setting is wrong. `degraded`: keys of an accepted issuer could not be had of late, their snapshots are not there, or a variable looks like a setting and is none.',
    }),
    version,
    settings: z.object({
      faults: z.array(
        z.object({
          setting: z.string(),
          place: z.string().meta({ description: 'Where in the setting, as a JSON pointer; empty for the whole.' }),
          detail: z.string(),
        }),
      ),
      unknown: z.array(z.string()).meta({ description: 'Variables with the prefix of settings that are none.' }),
      openOrigins: z.array(z.string()).meta({ description: 'Origins asked as they are, private ones included.' }),
    }),
    keys: z
      .object({
        issuers: z.int().meta({ description: 'How many issuers the policies accept.' }),
        reachable: z.int().meta({ description: 'Of how many the last fetch brought keys, within the last hour.' }),
        unreachable: z.int(),
        notAsked: z.int().meta({ description: 'Not needed within the last hour, on this instance.' }),
        snapshots: z.enum(['off', 'not-used', 'reachable', 'failing']).meta({
          description: 'Whether the store of key snapshots was there when it was last needed.',
        }),
      })
      .meta({ description: 'Key documents, as this instance last saw them; nothing is fetched to tell.' }),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof Readiness>;
