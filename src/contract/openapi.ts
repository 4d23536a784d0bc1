import * as z from 'zod';

/** `GET /api/openapi.json`, as far as its own shape is of interest here. */
export const OpenApiDocument = z
  .object({
    openapi: z.string(),
    info: z.record(z.string(), z.unknown()),
    servers: z.array(z.object({ url: z.string() })),
    security: z.array(z.record(z.string(), z.unknown())),
    paths: z.record(z.string(), z.unknown()),
    components: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OpenApiDocument' });
