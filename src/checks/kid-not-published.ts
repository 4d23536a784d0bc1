import { mayHaveChanged } from '../contract/evidence.ts';
import { defineCheck, fail, pass, shown, unknown } from './check.ts';
import { asked, elsewhereInWords } from './key-documents.ts';
import { keyRetired } from './key-retired.ts';

/** So many kids are listed to a reader; Entra publishes about ten. */
const LISTED_KIDS = 12;

export const kidNotPublished = defineCheck({
  id: 'kid-not-published',
  title: 'The key is published where it was looked for',
  severity: 'error',
  needs: ['soughtKey', 'signingKeys', 'keyDocuments'],
  behind: ['token-not-for-third-parties', ...keyRetired.behind, keyRetired.id],
  remediation:
    'Get a new token from the issuer itself and try again. If its key is not found either, the token is not from the issuer that it names.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/signing-key-rollover',

  run({ soughtKey: { kid }, signingKeys: { kidPublished, keys, keysLeftOut, cache }, keyDocuments }) {
    if (kid === undefined) {
      if (asked(keyDocuments)?.address.family === 'configured')
        return unknown(
          'The header of the token names no key (`kid`), so receivers try each that is published, or none.',
        );
      return fail('The header of the token names no key (`kid`), as every token of Entra, AKS and pipelines does.', {
        actual: 'absent',
      });
    }
    const kids = keys.flatMap((key) => key.kid ?? []);
    const seen = {
      expected: kids.slice(0, LISTED_KIDS).map(shown).join(', ') || 'no key has a kid',
      actual: shown(kid),
    };
    const age = cache.ageSeconds === 0 ? 'just now' : `${cache.ageSeconds} s ago`;
    if (kidPublished) {
      return cache.state === 'stale' || cache.state === 'degraded'
        ? unknown(
            `The key was among the ${keys.length} that were read ${age}. Whether it still is cannot be told: ${cache.refreshFailed?.detail ?? 'they were not to be read again.'}`,
          )
        : pass(`The key is among the ${keys.length} that were read ${age}.`);
    }
    if (keysLeftOut > 0)
      return unknown(`The key is not among the first ${keys.length}; ${keysLeftOut} more were not read.`, seen);
    if (mayHaveChanged(cache)) {
      const why =
        cache.state === 'throttled'
          ? `The issuer cannot be asked again before ${cache.nextRefreshAt.toISOString()}: try then.`
          : `The issuer could not be asked again since. ${cache.refreshFailed?.detail ?? ''}`.trim();
      return unknown(`The key is not among the ${keys.length} that were read ${age}. ${why}`, seen);
    }
    return fail(
      `The key is not among the ${keys.length} that were read ${age}${elsewhereInWords(keyDocuments)}.`,
      seen,
    );
  },
});
