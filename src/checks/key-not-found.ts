import { audiences, stringClaim, timeClaim } from '../contract/claims.ts';
import { mayHaveChanged } from '../contract/evidence.ts';
import { resourceOf } from '../contract/resources.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

/** So many kids are listed to a reader; Entra publishes about ten. */
const LISTED_KIDS = 12;

export const keyNotFound = defineCheck({
  id: 'key-not-found',
  title: 'The issuer publishes the key the token names',
  severity: 'error',
  needs: ['token', 'trustedIssuer', 'signingKeys', 'signature', 'now', 'target'],
  behind: [
    ...UNREADABLE,
    'critical-header-not-supported',
    'algorithm-not-allowed',
    'issuer-not-accepted',
    'issuer-metadata-mismatch',
  ],
  remediation:
    'Get a new token: the issuer signs with a published key. If new ones fail too, the token is from another issuer than it says.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/signing-key-rollover',

  run({
    token: { header, claims },
    trustedIssuer: { family },
    signingKeys: { keys, keysLeftOut, kidPublished, cache },
    signature,
    now,
    target,
  }) {
    const kid = stringClaim(header, 'kid');
    if (kid === undefined) {
      if (family !== 'configured') {
        return fail('The header names no key (`kid`), as every Entra and AKS token does.', {
          actual: shown(header.kid),
        });
      }
      return signature.result === 'no-usable-key'
        ? fail(`The header names no key, and none that is published could have signed. ${signature.detail}`)
        : pass('The header names no key, so every published one was tried.');
    }
    if (kidPublished) {
      if (signature.result !== 'no-usable-key') return pass('The key the token names is published.');
      return fail(`The key the token names is published, but not for this token. ${signature.detail}`, {
        actual: shown(kid),
      });
    }
    const kids = keys.flatMap((key) => key.kid ?? []);
    const seen = {
      expected: kids.slice(0, LISTED_KIDS).map(shown).join(', ') || 'no key has a kid',
      actual: shown(kid),
    };
    const exp = timeClaim(claims, 'exp');
    if (exp === 'malformed' || (typeof exp === 'number' && exp * 1000 <= now.getTime())) {
      return unknown(
        'The key the token names is not published any more or never was. The token is not valid any more, so its issuer was not asked again.',
        seen,
      );
    }
    if (keysLeftOut > 0) {
      return unknown(
        `The key is not among the first ${keys.length}; the issuer publishes ${keysLeftOut} more, which were not read.`,
        seen,
      );
    }
    // A policy decides by what it has; only where its issuer did not answer of late does that leave it open.
    if (target.name === 'policy' && cache.refreshFailed === undefined && cache.state !== 'stale') {
      return fail(
        `The key the token names is not among those the issuer publishes, and ${target.title} refuses the token${cache.state === 'throttled' ? ` until the issuer may be asked again at ${cache.nextRefreshAt.toISOString()}` : ''}.`,
        seen,
      );
    }
    if (cache.state === 'throttled') {
      return unknown(
        `The key is not in the set of ${cache.ageSeconds} s ago. The issuer cannot be asked again before ${cache.nextRefreshAt.toISOString()}: try then.`,
        seen,
      );
    }
    // entra-docs, access-tokens.md: an application with claims mapping may sign with a key of its own.
    if (family === 'entra' && audiences(claims)?.every((audience) => resourceOf(audience) === undefined)) {
      return unknown(
        'The key the token names is not among the tenant’s. Its audience is an application, which may have a signing key of its own, published at `?appid=`: `POST /api/keys/validate` looks there.',
        seen,
      );
    }
    if (mayHaveChanged(cache)) {
      return unknown(
        `The key is not in the set of ${cache.ageSeconds} s ago, and the issuer could not be asked again since. ${cache.refreshFailed?.detail ?? ''}`.trim(),
        seen,
      );
    }
    return fail(
      `The key the token names is not among those the issuer publishes (${kids.length}, read ${cache.ageSeconds === 0 ? 'just now' : `${cache.ageSeconds} s ago`}).`,
      seen,
    );
  },
});
