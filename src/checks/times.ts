import { timeClaim } from '../contract/claims.ts';
import type { JsonObject } from '../contract/json.ts';

/**
 * Clocks differ and receivers allow for it by different amounts, at most this (`ClockSkew` of Microsoft.IdentityModel).
 * Within it neither acceptance nor refusal can be told.
 */
export const LARGEST_CLOCK_SKEW_SECONDS = 300;

/** Seconds from `now` to a time claim, negative when it is past; or why there is no such number. */
export function secondsUntil(claims: JsonObject, name: string, now: Date): number | 'absent' | 'malformed' {
  const time = timeClaim(claims, name);
  return typeof time === 'number' ? time - now.getTime() / 1000 : time;
}

/** A NumericDate as a person reads it. */
export const dateOf = (claims: JsonObject, name: string): string => {
  const time = timeClaim(claims, name);
  return typeof time === 'number' ? new Date(time * 1000).toISOString() : time;
};
