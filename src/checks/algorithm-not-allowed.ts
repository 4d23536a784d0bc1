import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';

export const algorithmNotAllowed = defineCheck({
  id: 'algorithm-not-allowed',
  title: 'The token is signed with an algorithm its issuer uses',
  severity: 'error',
  needs: ['token', 'allowedAlgorithms'],
  behind: UNREADABLE,
  remediation:
    'Get a new token from the issuer itself: one with this algorithm was not made by it, or was altered since.',
  reference: 'https://www.rfc-editor.org/rfc/rfc8725#section-3.1',

  run({ token: { header }, allowedAlgorithms }) {
    if (typeof header.alg === 'string' && allowedAlgorithms.includes(header.alg))
      return pass(`The algorithm is ${header.alg}.`);
    return fail(`The header names the algorithm ${shown(header.alg)}, which this issuer does not sign with.`, {
      expected: allowedAlgorithms.join(', '),
      actual: shown(header.alg),
    });
  },
});
