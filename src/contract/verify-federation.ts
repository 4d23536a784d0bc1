import * as z from 'zod';
import { CLUSTER_TYPE, IDENTITY_TYPE, parseArmId } from './arm-id.ts';
import { isGuid } from './claims.ts';
import { CloudName } from './clouds.ts';
import { NAMESPACE, SERVICE_ACCOUNT } from './service-account.ts';

/** Issuers, subjects and audiences have at most 600 characters (entra-docs, workload identity federation considerations). */
const LONGEST_TEXT = 2_048;

const text = () => z.string().min(1).max(LONGEST_TEXT, `Must have at most ${LONGEST_TEXT} characters`);
const guid = () => z.string().refine((value) => isGuid(value.trim()), 'Must be a GUID');
const oneOf = (names: readonly string[]) => (value: object) =>
  names.filter((name) => Reflect.get(value, name) !== undefined).length === 1;

const ClusterName = z
  .strictObject({
    resourceId: z
      .string()
      .refine((value) => parseArmId(value, CLUSTER_TYPE) !== undefined, `Must be the ARM id of a ${CLUSTER_TYPE}`)
      .optional()
      .meta({ description: 'Its ARM id.' }),
    name: z
      .string()
      .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/, 'Must be the name of a cluster')
      .optional()
      .meta({ description: 'Its name, looked for in the subscriptions that may be read.' }),
    issuer: text().optional().meta({ description: 'Its OIDC issuer, looked for there too.' }),
  })
  .refine(oneOf(['resourceId', 'name', 'issuer']), 'Must have one of resourceId, name and issuer');

/** What names an identity; one of them. */
const IDENTITY_NAMES = ['resourceId', 'clientId', 'principalId', 'appId'] as const;
const IdentityName = z
  .strictObject({
    resourceId: z
      .string()
      .refine((value) => parseArmId(value, IDENTITY_TYPE) !== undefined, `Must be the ARM id of a ${IDENTITY_TYPE}`)
      .optional()
      .meta({ description: 'ARM id of a user-assigned identity.' }),
    clientId: text().optional().meta({
      description:
        'The client id the workload names, of an identity or an application registration, as it stands there: another id in its place is recognized and told.',
    }),
    principalId: guid().optional().meta({ description: 'Principal (object) id of a managed identity.' }),
    appId: guid().optional().meta({ description: 'Application (client) id of an application registration.' }),
    tenantId: guid().optional().meta({
      description: 'The tenant whose token endpoint the workload asks (`AZURE_TENANT_ID`); default: not judged.',
    }),
  })
  .refine(
    (value) => oneOf(IDENTITY_NAMES)(value) || IDENTITY_NAMES.every((name) => value[name] === undefined),
    `Must have one of ${IDENTITY_NAMES.join(', ')}`,
  );

const WorkloadName = z
  .strictObject({
    namespace: z
      .string()
      .regex(NAMESPACE, 'Must be the name of a namespace: lower-case letters, digits and -')
      .optional()
      .meta({ description: 'Namespace of the pod.' }),
    serviceAccount: z
      .string()
      .max(253, 'Must have at most 253 characters')
      .regex(SERVICE_ACCOUNT, 'Must be the name of a service account: lower-case letters, digits, - and .')
      .optional()
      .meta({ description: 'Service account of the pod.' }),
    subject: text().optional().meta({ description: 'The subject itself, of a pipeline say.' }),
    issuer: text().optional().meta({
      description: 'The issuer of its tokens; default: the OIDC issuer of the cluster.',
    }),
    audience: text().optional().meta({
      description: 'The audience of its tokens; default: api://AzureADTokenExchange, which the AKS webhook writes.',
    }),
  })
  .superRefine(({ namespace, serviceAccount, subject }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((namespace === undefined) !== (serviceAccount === undefined))
      fault(namespace === undefined ? 'namespace' : 'serviceAccount', 'Is missing: a service account has both');
    if (subject !== undefined && namespace !== undefined)
      fault('subject', 'Must not stand beside namespace and serviceAccount, which make it');
  });

const document = (description: string) => z.unknown().optional().meta({ description });

/** A list as it may come: `az` prints an array, ARM and Graph `{ "value": […] }`. */
const list = (description: string) =>
  z
    .unknown()
    .refine(
      (value) =>
        value === undefined ||
        value === null ||
        Array.isArray(value) ||
        (typeof value === 'object' &&
          value !== null &&
          Object.entries(value).some(([name, item]) =>
            name.toLowerCase() === 'value' ? Array.isArray(item) : /^(?:issuer|properties)$/i.test(name),
          )),
      'Must be an array, an object with an array as `value`, or one credential',
    )
    .optional()
    .meta({ description });

/** What Azure would be asked for, handed in. Names of members are read without regard to letter case. */
const HandedIn = z.strictObject({
  cluster: document(
    'The cluster: what `az aks show -o json` or ARM gives, or a part of it; or its OIDC issuer as text.',
  ),
  identity: document('The identity: what `az identity show`, `az ad sp show` or ARM gives.'),
  application: document('The application registration: what `az ad app show` or Microsoft Graph gives.'),
  federatedCredentials: list(
    'Federated credentials of the identity: what `az identity federated-credential list`, `az ad app federated-credential list`, ARM or Microsoft Graph gives. An empty list says that there are none.',
  ),
  identityBindings: list('Identity bindings of the cluster.'),
  discovery: z
    .looseObject({ issuer: z.string(), jwks_uri: z.string() })
    .optional()
    .meta({ description: 'The OpenID Connect metadata of the issuer.' }),
  keys: z
    .looseObject({ keys: z.array(z.unknown()) })
    .optional()
    .meta({ description: 'The JWK set of the issuer (RFC 7517 §5).' }),
});

/** `POST /api/federation/verify`. */
export const VerifyFederationRequest = z
  .strictObject({
    token: z.string().min(1).optional().meta({
      description: 'The token that is to be exchanged; `Bearer `, quotes and white space around it are removed.',
    }),
    header: z.record(z.string(), z.unknown()).optional().meta({ description: 'The decoded header, beside `claims`.' }),
    claims: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'The decoded payload in place of `token`: no signature is judged then.' }),
    cluster: ClusterName.optional(),
    identity: IdentityName.optional(),
    workload: WorkloadName.optional(),
    cloud: CloudName.optional().meta({
      description:
        'The cloud of the exchange; default: the setting TOKEN_DOCTOR_CLOUD. Of another one nothing is read, all has to be handed in.',
    }),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'Judge for this moment instead of now (RFC 3339).' }),
    refresh: z.enum(['auto', 'force']).default('auto').meta({
      description: '`auto`: what was read in the last 30 s is used again. `force`: everything is read anew.',
    }),
    requireObserved: z.boolean().default(false).meta({
      description: 'Whether what is handed in may lead to no pass.',
    }),
    evidence: HandedIn.optional(),
  })
  .superRefine((request, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const { token, header, claims, cluster, identity, workload, evidence } = request;
    if (token !== undefined && claims !== undefined)
      fault('claims', 'Must not stand beside token: send the one or the other');
    if (header !== undefined && claims === undefined) fault('header', 'Must stand beside claims');
    if ([token, claims, cluster, identity, workload, evidence].every((given) => given === undefined))
      fault('identity', 'Is missing: say who is to exchange a token, by one of token, cluster, workload and identity');
  })
  .meta({ id: 'VerifyFederationRequest' });
export type VerifyFederationRequest = z.infer<typeof VerifyFederationRequest>;
