import { defineCheck, fail, pass, shown, unknown } from './check.ts';
import { keyUnfit } from './key-unfit.ts';
import { fieldsOf } from './receiver-fields.ts';

export const receiverKeysStale = defineCheck({
  id: 'receiver-keys-stale',
  title: 'The receiver holds the key',
  severity: 'error',
  needs: ['soughtKey', 'signingKeys', 'signingKey', 'receiver'],
  behind: [...keyUnfit.behind, keyUnfit.id, 'receiver-key-named-otherwise'],
  remediation: 'Have the receiver fetch the keys again: what it holds is older than the key.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/signing-key-rollover',

  run({ soughtKey: { kid }, signingKeys: { kidSeen, cache }, signingKey, receiver }) {
    const { fetchedAt, keys: held } = receiver;
    const remediation = { text: fieldsOf(receiver).refresh };
    // Of a key that was there at the first look, nothing tells since when.
    const since =
      kidSeen && kidSeen.firstAt < cache.fetchedAt
        ? ` It was first seen published at ${kidSeen.firstAt.toISOString()}.`
        : '';
    const fetched = fetchedAt ? ` The receiver fetched its keys at ${fetchedAt.toISOString()}.` : '';
    if (held === undefined) {
      if (!fetchedAt) return { outcome: 'not-applicable', summary: 'What the receiver holds was not handed in.' };
      if (kidSeen && kidSeen.firstAt > fetchedAt && kidSeen.firstAt < cache.fetchedAt)
        return fail(`The key was published after the receiver fetched its keys.${since}${fetched}`, { remediation });
      return unknown(`Whether the receiver holds the key depends on when it was published.${since}${fetched}`);
    }
    const same = held.find((key) => key.kid === kid);
    if (!same) {
      return fail(`The key is published, and the receiver does not hold it.${since}${fetched}`, {
        expected: shown(kid),
        actual: held.map((key) => shown(key.kid ?? 'a key without kid')).join(', ') || 'no key',
        remediation,
      });
    }
    if (same.thumbprint === undefined || same.thumbprint !== signingKey.thumbprint) {
      return fail('The receiver holds another key under this `kid` than the one that is published.', {
        expected: signingKey.thumbprint,
        actual: same.thumbprint ?? 'no key that can be read',
        remediation,
      });
    }
    return pass('The receiver holds the very key.');
  },
});
