import { defineCheck, fail, pass, unknown } from './check.ts';
import { keyNotFound } from './key-not-found.ts';

/** RFC 7518 §3.3. */
const SHORTEST_RSA_BITS = 2048;

export const signingKeyWeak = defineCheck({
  id: 'signing-key-weak',
  title: 'The key the token names is long enough',
  // Where it keeps the signature from being judged, `key-not-found` says so.
  severity: 'warning',
  needs: ['trustedIssuer', 'signingKey'],
  behind: keyNotFound.behind,
  remediation: 'Have the issuer sign with an RSA key of at least 2048 bits; no sound library takes a shorter one.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7518#section-3.3',

  run({ signingKey: { kty, bits } }) {
    if (kty !== 'RSA') return pass(`The key is of type ${kty.slice(0, 8)}, whose length its curve decides.`);
    if (bits === undefined) return unknown('The published key has no modulus to measure.');
    return bits >= SHORTEST_RSA_BITS
      ? pass(`The key has ${bits} bits.`)
      : fail(`The key has ${bits} bits.`, { expected: `at least ${SHORTEST_RSA_BITS}`, actual: String(bits) });
  },
});
