import { hash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { RequestError } from '../contract/problem.ts';
import type { OpenRoute, Settings } from '../settings.ts';

/**
 * Who may call a route. `anonymous`: everybody. `decision`: whoever has its key, also where platform authentication is on,
 * which would take the end user's token for the caller's. `diagnosis`: whoever has its key or, where platform
 * authentication is on, whoever that lets in. The others: like diagnosis, or everybody by setting.
 */
export type Access = 'anonymous' | 'decision' | 'diagnosis' | OpenRoute;

/** Written out for each route, since the platform's default is `anonymous`. */
export function authLevelOf(access: Access, settings: Settings): 'anonymous' | 'function' {
  if (access === 'decision') return 'function';
  return isOpen(access, settings) || settings.platformAuthentication ? 'anonymous' : 'function';
}

const isOpen = (access: Access, { openRoutes }: Settings): boolean =>
  access === 'anonymous' || openRoutes.some((route) => route === access);

/** Platform authentication is one setting away from letting everybody through: whoever it let in comes with its word. */
export function requirePrincipal(access: Access, settings: Settings, request: HttpRequest): void {
  if (!settings.platformAuthentication || access === 'decision' || isOpen(access, settings)) return;
  if (request.headers.get('x-ms-client-principal')) return;
  throw new RequestError(
    {
      type: '/problems/unauthenticated',
      title: 'The caller is not known',
      status: 401,
      detail: 'Send an access token for this API in the Authorization header (`Bearer …`).',
    },
    { 'www-authenticate': 'Bearer realm="Token Doctor"' },
  );
}

/**
 * The caller, to count its calls by: its key, else the client that the platform authenticated, else the address that the
 * platform saw, which it puts last into `x-forwarded-for`. Keys are not kept, their hashes are.
 */
export function callerOf(access: Access, settings: Settings, request: HttpRequest): string {
  const { headers } = request;
  const key = keyOf(request);
  if (key !== null && authLevelOf(access, settings) === 'function') return `key ${hash('sha256', key)}`;
  const principal = headers.get('x-ms-client-principal-id');
  if (principal !== null && settings.platformAuthentication) return `client ${hash('sha256', principal)}`;
  return `address ${withoutPort(headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown')}`;
}

/** The key that the platform looks at: the first header line of several, else the parameter in any letter case. */
function keyOf(request: HttpRequest): string | null {
  const header = request.headers.get('x-functions-key');
  if (header !== null) return header.split(',')[0]?.trim() ?? null;
  const [, code = null] = [...new URL(request.url).searchParams].find(([name]) => name.toLowerCase() === 'code') ?? [];
  return code;
}

/** App Service writes `address:port` and `[address]:port`; a port of its own would make each connection a caller. */
const withoutPort = (address: string): string => /^(\d[\d.]+|\[[^\]]+\]):\d+$/.exec(address)?.[1] ?? address;
