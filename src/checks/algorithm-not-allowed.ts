import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';

export const algorithmNotAllowed = defineCheck({
  id: 'algorithm-not-allowed',
  title: 'The token is signed with an algorithm its issuer uses',
  severity: 'error',
  needs: ['header', 'allowedAlgorithms'],
  behind: UNREADABLE,
  remediation:
    'Get a new token from the issuer itself: one with this algorithm was not made by it, or was altered since.',
  reference: 'https://www.rfc-editor.org/rfc/rfc8725#section-3.1',

  run({ header, allowedAlgorithms }) {
    const { alg } = header;
    const seen = { actual: shown(alg) };
    if (alg === 'none')
      return fail('The token is not signed at all, so anybody can have written it.', {
        expected: 'a signature',
        ...seen,
      });
    if (typeof alg !== 'string')
      return fail('The header names no algorithm.', { expected: 'the name of one', ...seen });
    if (allowedAlgorithms === 'unknown')
      return unknown('What an issuer that is not known here signs with is not known either.', seen);
    if (allowedAlgorithms.includes(alg)) return pass(`The algorithm is ${alg}.`);
    return fail(`The header names the algorithm ${shown(alg)}, which is not used here.`, {
      expected: allowedAlgorithms.join(', '),
      ...seen,
    });
  },
});
