import { defineCheck, fail, pass, UNREADABLE } from './check.ts';

/** Keys or their addresses in the hands of whoever wrote the token (RFC 8725 §3.10), and switches no signed token here has. */
const DANGEROUS: Readonly<Record<string, string>> = {
  jku: 'an address of keys',
  jwk: 'a key',
  x5u: 'an address of a certificate',
  x5c: 'certificates',
  b64: 'another encoding of the payload',
  zip: 'compression',
  cty: 'a token inside the token',
};

export const headerNotToBeFollowed = defineCheck({
  id: 'header-not-to-be-followed',
  title: 'The header names nothing that a receiver must not follow',
  // Whoever ignores them, as this service does, is safe; a receiver that follows them takes any token.
  severity: 'warning',
  needs: ['header'],
  behind: UNREADABLE,
  remediation:
    'Make sure the receiver takes keys from the issuer’s own key document alone; neither Entra nor Kubernetes writes these members.',
  reference: 'https://www.rfc-editor.org/rfc/rfc8725#section-3.10',

  run({ header }) {
    const found = Object.keys(DANGEROUS).filter(
      (name) => header[name] !== undefined && !(name === 'b64' && header.b64 === true),
    );
    if (found.length === 0) return pass('The header names none.');
    return fail(
      `The header names ${found.map((name) => `${DANGEROUS[name]} (\`${name}\`)`).join(', ')}. It was not followed here.`,
      {
        expected: 'none of them',
        actual: found.join(', '),
      },
    );
  },
});
