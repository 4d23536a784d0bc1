import * as z from 'zod';
import { CLUSTER_TYPE, parseArmId } from './arm-id.ts';
import { isGuid } from './claims.ts';
import { CloudName } from './clouds.ts';

/** Receivers of which it is known where they are told about keys; `other` for everybody else. */
export const ReceiverProduct = z.enum([
  'servicenow-jwt-bearer',
  'servicenow-oidc',
  'servicenow-mcp',
  'token-exchange',
  'other',
]);
export type ReceiverProduct = z.infer<typeof ReceiverProduct>;

/** Addresses and kids are a tenth as long, and what is handed in is told again. */
const LONGEST_TEXT = 2_048;

/** Keys that a request may hand in; a key set has about ten. */
const MOST_HANDED_IN = 100;

function text() {
  return z.string().min(1).max(LONGEST_TEXT, `Must have at most ${LONGEST_TEXT} characters`);
}

const Consumer = z
  .strictObject({
    product: ReceiverProduct.default('other').meta({
      description: 'Which receiver it is, so that the remedy can name the field to change.',
    }),
    jwksUri: text().optional().meta({ description: 'The address it was given for keys, letter for letter.' }),
    jwks: z
      .looseObject({ keys: z.array(z.unknown()).max(MOST_HANDED_IN) })
      .optional()
      .meta({ description: 'The JWK set it holds (RFC 7517 §5).' }),
    certificates: z
      .array(z.strictObject({ kid: z.string().optional(), pem: z.string() }))
      .max(MOST_HANDED_IN)
      .optional()
      .meta({
        description:
          'Certificates or public keys that were uploaded to it by hand (PEM), each with the `kid` it has there.',
      }),
    fetchedAt: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'When it last fetched the keys (RFC 3339).' }),
    cannotFetch: z.boolean().optional().meta({ description: 'Whether it says that it cannot reach the address.' }),
  })
  .meta({ description: 'The receiver that did not find the key, as far as the caller knows it.' });

/** What names the place to look at; one of them. */
const LOCATORS = ['issuer', 'tenant', 'jwksUri', 'cluster'] as const;

/** `POST /api/keys/validate`. */
export const ValidateKeyRequest = z
  .strictObject({
    token: z.string().min(1).optional().meta({ description: 'The token whose `kid` was not found.' }),
    kid: text().optional().meta({ description: 'The `kid` itself, in place of a token.' }),
    issuer: text().optional().meta({ description: 'The issuer whose keys the receiver goes by, letter for letter.' }),
    tenant: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/,
        'Must be a tenant id, a domain name, or common, organizations or consumers',
      )
      .optional()
      .meta({
        description: 'The Entra tenant: its id, a domain name of it, or `common`, `organizations`, `consumers`.',
      }),
    jwksUri: text().optional().meta({ description: 'The address the receiver was given for keys.' }),
    cluster: z
      .strictObject({
        resourceId: z
          .string()
          .refine((value) => parseArmId(value, CLUSTER_TYPE) !== undefined, `Must be the ARM id of a ${CLUSTER_TYPE}`),
      })
      .optional()
      .meta({ description: 'The AKS cluster whose OIDC issuer is asked, by its ARM id.' }),
    cloud: CloudName.optional().meta({
      description: 'The cloud of `tenant`, or of a v1 `issuer`; default: the setting TOKEN_DOCTOR_CLOUD.',
    }),
    appId: z.string().refine(isGuid, 'Must be a GUID').optional().meta({
      description:
        'The application that the token is for, which may have a signing key of its own; default: what the token says.',
    }),
    refresh: z.enum(['auto', 'force', 'never']).default('auto').meta({
      description:
        '`auto`: keys are fetched anew when they are old or the `kid` is unknown. `force`: in any case. `never`: only what is known already. Both of the former within an allowance for each key document.',
    }),
    consumer: Consumer.optional(),
  })
  .superRefine((request, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const { token, kid } = request;
    const located = LOCATORS.filter((name) => request[name] !== undefined);
    if (token === undefined && kid === undefined) fault('kid', 'Is missing: send the kid, or the token that names it');
    if (token !== undefined && kid !== undefined)
      fault('kid', 'Must not stand beside token: send the one or the other');
    for (const name of located.slice(1)) fault(name, `Must not stand beside ${located[0]}: name one place to look at`);
    if (token === undefined && located.length === 0)
      fault('issuer', `Is missing: name the place to look at by one of ${LOCATORS.join(', ')}`);
  })
  .meta({ id: 'ValidateKeyRequest' });
export type ValidateKeyRequest = z.infer<typeof ValidateKeyRequest>;
