import { audiences } from '../contract/claims.ts';
import type { JsonObject } from '../contract/json.ts';
import { resourceOf } from '../contract/resources.ts';
import type { Target } from '../contract/target.ts';
import { defineCheck, fail, pass, unknown } from './check.ts';
import { keyNotFound } from './key-not-found.ts';

export const signatureInvalid = defineCheck({
  id: 'signature-invalid',
  title: 'The signature verifies with the issuer’s key',
  severity: 'error',
  needs: ['token', 'header', 'trustedIssuer', 'signature', 'signingKeys', 'target'],
  // Whatever keeps a key from being looked for keeps the signature from being judged.
  behind: [...keyNotFound.behind, keyNotFound.id],
  remediation:
    'Get a new token and send it unaltered: one changed character in header or payload breaks the signature.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7515#section-5.2',

  run({ token, header, trustedIssuer: { family }, signature, signingKeys: { cache }, target }) {
    const { title, keyStalenessSeconds: oldest } = target;
    if (oldest !== undefined && cache.ageSeconds > oldest)
      return unknown(
        `The keys are ${cache.ageSeconds} s old, and ${title} decides by none that are older than ${oldest} s.`,
      );
    switch (signature.result) {
      case 'verified':
        return pass(signature.detail);
      case 'no-usable-key':
      case 'not-settled':
        return unknown(`The signature could not be judged. ${signature.detail}`);
      case 'invalid':
        // Entra signs tokens for Microsoft Graph over another header than the one they carry (entra-docs, access-tokens.md).
        if (family === 'entra' && typeof header.nonce === 'string' && mayBeOfMicrosoft(token.claims, target)) {
          return unknown(
            'The header carries a `nonce`: such a token is for Microsoft Graph or another Microsoft API, which alone can verify it. That says nothing against it.',
          );
        }
        return fail(`The signature does not fit header and payload. ${signature.detail}`);
    }
  },
});

/** A policy decides about every token; elsewhere only Microsoft’s own APIs have tokens that nobody else can verify. */
const mayBeOfMicrosoft = (claims: JsonObject, { name, issuers }: Target): boolean =>
  name !== 'policy' &&
  (issuers.startsWith('entra') || (audiences(claims) ?? []).some((audience) => resourceOf(audience) !== undefined));
