import type { HttpResponseInit } from '@azure/functions';
import { MOST_TOLD_FAULTS, type Problem, RequestError } from '../contract/problem.ts';
import type { SettingFault } from '../settings.ts';

export type Response = HttpResponseInit & { status: number };

/** What is said of a token is never kept by a cache; nothing here is a page, so nothing may run, load or frame it. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Long enough for whatever failed to have been tried again. */
const RETRY_AFTER_SECONDS = 10;
/** A setting does not change before a restart. */
const RETRY_AFTER_RESTART_SECONDS = 60;

export const textResponse = (status: number, contentType: string, body: string, requestId: string): Response => ({
  status,
  headers: { ...HEADERS, 'content-type': contentType, 'x-request-id': requestId },
  body,
});

/** Indented, because people read these with curl. */
export const jsonText = (body: object): string => `${JSON.stringify(body, null, 2)}\n`;

export const jsonResponse = (status: number, body: object, requestId: string): Response =>
  textResponse(status, 'application/json', jsonText(body), requestId);

export function problemResponse(document: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  const response = jsonResponse(document.status, document, document.requestId);
  return { ...response, headers: { ...response.headers, 'content-type': 'application/problem+json', ...headers } };
}

export function methodNotAllowed(methods: readonly string[]): RequestError {
  const allow = methods.join(', ');
  return new RequestError(
    {
      type: '/problems/method-not-allowed',
      title: 'The method is not served here',
      status: 405,
      detail: `Use ${allow}.`,
    },
    { allow },
  );
}

export function settingsWrong(wrong: readonly SettingFault[]): RequestError {
  const told = wrong
    .slice(0, MOST_TOLD_FAULTS)
    .map(({ setting, place, detail }) => `${setting}${place && ` at ${place}`}: ${detail}`);
  return new RequestError(
    {
      type: '/problems/setting-invalid',
      title: 'This deployment is set up wrongly',
      status: 503,
      detail: `Correct the setting and restart. ${told.join(' ')}`,
    },
    { 'retry-after': String(RETRY_AFTER_RESTART_SECONDS) },
  );
}

export const tooManyRequests = (waitSeconds: number, perMinute: number) =>
  new RequestError(
    {
      type: '/problems/too-many-requests',
      title: 'Too many requests',
      status: 429,
      detail: `${perMinute} requests a minute are served for each caller. Try again in ${waitSeconds} s.`,
    },
    { 'retry-after': String(waitSeconds) },
  );

export const tooSlow = (deadlineMs: number) =>
  new RequestError(
    {
      type: '/problems/deadline-exceeded',
      title: 'The answer took too long',
      status: 503,
      detail: `There was no answer within ${deadlineMs / 1000} s. Try again.`,
    },
    { 'retry-after': String(RETRY_AFTER_SECONDS) },
  );

export const internalError = (requestId: string): Problem => ({
  type: '/problems/internal-error',
  title: 'Token Doctor failed',
  status: 500,
  detail: 'This is a fault of Token Doctor, not of the request. The log has more under the request id.',
  requestId,
});
