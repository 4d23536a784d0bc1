import * as z from 'zod';
import { audiences } from './claims.ts';

/** `POST /api/introspect` as JSON. The form of RFC 7662 §2.1 has the same two parameters. */
export const IntrospectionRequest = z
  .strictObject({
    token: z.string().min(1, 'Must not be empty').meta({
      description: 'The token as the caller sent it, without `Bearer `; nothing around it is removed.',
    }),
    token_type_hint: z
      .string()
      .optional()
      .meta({ description: 'Taken and not needed: there is one kind of token here (RFC 7662 §2.1).' }),
  })
  .meta({ id: 'IntrospectionRequest' });
export type IntrospectionRequest = z.infer<typeof IntrospectionRequest>;

/** The form: other parameters are for other servers, client credentials among them, and pass by (RFC 6749 §3.2). */
export const IntrospectionForm = z.object({
  ...IntrospectionRequest.shape,
  policy: z.never('Belongs in the query: ?policy=name').optional(),
});

const NumericDate = z.int().optional().meta({ format: 'int64', description: 'Seconds since 1970 (RFC 7519 §2).' });

/** RFC 7662 §2.2. Of a token that is not active nothing but that is told. */
export const IntrospectionResponse = z
  .object({
    active: z.boolean(),
    scope: z
      .string()
      .optional()
      .meta({ description: 'Delegated scopes, or the roles of an application; words with spaces between.' }),
    client_id: z.string().optional().meta({ description: '`azp` or `appid`: who asked for the token.' }),
    token_type: z.string().optional().meta({ description: '`Bearer`; tokens bound to a key are never active here.' }),
    exp: NumericDate,
    iat: NumericDate,
    nbf: NumericDate,
    sub: z.string().optional(),
    aud: z
      .unknown()
      .refine((aud) => aud === undefined || audiences({ aud }) !== undefined)
      .optional()
      .meta({ description: 'A string or a list of strings, as the token has it.' }),
    iss: z.string().optional(),
    jti: z.string().optional().meta({ description: '`uti` of Entra, `jti` of others.' }),
  })
  .meta({ id: 'IntrospectionResponse' });
export type IntrospectionResponse = z.infer<typeof IntrospectionResponse>;
