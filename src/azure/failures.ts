import { isRestError, type PipelineResponse, type RestError } from '@azure/core-rest-pipeline';
import type { AzureRead } from '../contract/azure-reads.ts';
import type { ReadFailure } from './reads.ts';

/** Azure asks to be left alone for longer than anybody here can wait. */
export class ThrottledError extends Error {
  readonly until: Date;
  constructor(until: Date) {
    super('throttled');
    this.until = until;
  }
}

/** A request that is not made: it would change something, or go where no token of ours may go. */
export class NotAskedError extends Error {}

/** Whoever hands out tokens did not answer. */
export class SignInLateError extends Error {}

/** ARM's word for a resource that is not there; a subscription that is not found may only be out of sight. */
const NOT_THERE = ['ResourceNotFound', 'ResourceGroupNotFound', 'NotFound', 'ParentResourceNotFound'];

/** Why a read failed, in our own words: an answer of Azure may repeat what it was asked. `scope` is what was to be read. */
export function readFailure(error: unknown, read: AzureRead, scope: string): ReadFailure {
  const { title } = read;
  if (error instanceof ThrottledError)
    return {
      reason: 'throttled',
      detail: `Azure is asked too often about ${title} and wants to be left alone until ${error.until.toISOString()}.`,
      until: error.until,
    };
  if (error instanceof NotAskedError)
    return { reason: 'malformed', detail: `Azure’s answer about ${title} leads elsewhere; that was not followed.` };
  if (isSignIn(error))
    return {
      reason: 'forbidden',
      detail:
        'Token Doctor could not sign in to Azure: turn on the system-assigned identity of the app; on a workstation, `az login`.',
    };
  if (error instanceof SignInLateError)
    return { reason: 'unreachable', detail: 'Token Doctor’s sign-in to Azure was not answered in time.' };
  if (error instanceof Error && error.name === 'AbortError')
    return { reason: 'unreachable', detail: `Azure did not answer in time about ${title}.` };
  if (!isRestError(error))
    return { reason: 'malformed', detail: `Azure’s answer about ${title} has not the shape that is documented.` };
  return ofAnswer(error, read, scope);
}

const isSignIn = (error: unknown): boolean =>
  error instanceof Error &&
  [
    'CredentialUnavailableError',
    'AuthenticationRequiredError',
    'AuthenticationError',
    'AggregateAuthenticationError',
  ].includes(error.name);

function ofAnswer(error: RestError, { title, permission, of }: AzureRead, scope: string): ReadFailure {
  const { statusCode: status, response } = error;
  const trace = correlation(response);
  if (error.code === 'PARSE_ERROR' || (status !== undefined && status < 300))
    return {
      reason: 'malformed',
      detail: `Azure’s answer about ${title} is not JSON of the documented shape.${trace}`,
    };
  if (status === undefined) return { reason: 'unreachable', detail: `Azure could not be reached about ${title}.` };
  const code = codeOf(error);
  if (status === 404)
    return {
      reason: 'not-found',
      detail: `Azure knows nothing of ${scope}${code === 'SubscriptionNotFound' ? ': the subscription is not known in the tenant that is read here' : ''}.${trace}`,
      settled: of === 'graph' || NOT_THERE.includes(code ?? ''),
    };
  if (status === 401 && code === 'InvalidAuthenticationTokenTenant')
    return {
      reason: 'forbidden',
      detail: `${scope} belongs to another tenant than the one that Token Doctor reads.${trace}`,
    };
  if (status === 401 || status === 403)
    return {
      reason: 'forbidden',
      detail:
        of === 'graph'
          ? `Token Doctor may not read ${title}: its identity lacks the Microsoft Graph permission ${permission}. Grant it, or hand in what was to be read.${trace}`
          : `Token Doctor may not read ${title}: its identity lacks ${permission} at ${scope}. Assign a role that has it, or hand in what was to be read.${trace}`,
    };
  if (status === 429) return { reason: 'throttled', detail: `Azure is asked too often about ${title}.${trace}` };
  return { reason: 'unreachable', detail: `Azure answered ${status} about ${title}.${trace}` };
}

/** `error.code` of ARM and Graph: a word of theirs, so nothing but a word is taken. */
function codeOf(error: RestError): string | undefined {
  const { code } = error;
  if (code !== undefined && /^[A-Za-z_]{1,64}$/.test(code)) return code;
  try {
    const body: unknown = JSON.parse(error.response?.bodyAsText ?? '');
    const found: unknown = Reflect.get(Object(Reflect.get(Object(body), 'error')), 'code');
    return typeof found === 'string' && /^[A-Za-z_]{1,64}$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** What Microsoft's support asks for. */
function correlation(response: PipelineResponse | undefined): string {
  const id = response?.headers.get('x-ms-correlation-request-id') ?? response?.headers.get('request-id') ?? '';
  return /^[0-9a-f-]{36}$/i.test(id) ? ` (Azure’s correlation id: ${id})` : '';
}
