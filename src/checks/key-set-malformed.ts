import { defineCheck, fail, pass, shown } from './check.ts';
import { tokenOfAnotherIssuer } from './token-of-another-issuer.ts';

export const keySetMalformed = defineCheck({
  id: 'key-set-malformed',
  title: 'Each key of the set has a `kid` of its own',
  severity: 'error',
  needs: ['soughtKey', 'signingKeys'],
  behind: [...tokenOfAnotherIssuer.behind, tokenOfAnotherIssuer.id],
  remediation: 'Publish each key under a `kid` of its own, the one that tokens name.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-4.5',

  run({ soughtKey: { kid }, signingKeys: { keys } }) {
    if (kid === undefined) return { outcome: 'not-applicable', summary: 'No key is named.' };
    const same = keys.filter((key) => key.kid === kid).length;
    if (same > 1) {
      return fail(`${same} keys are published as ${shown(kid)}: receivers take the first, the last, or none of them.`, {
        expected: 'one key',
        actual: `${same} keys`,
      });
    }
    const unnamed = keys.filter((key) => key.kid === undefined).length;
    return same === 0 && unnamed > 0
      ? fail(
          `No key is published as ${shown(kid)}, and ${unnamed} of the ${keys.length} keys have no \`kid\` at all.`,
          {
            expected: shown(kid),
            actual: `${unnamed} without kid`,
          },
        )
      : pass('The keys are told apart by their `kid`.');
  },
});
