/** Checks that fail where credentials need not be compared: they are not those of the identity that is meant, or nobody vouches for the token. */
export const IDENTITY_LINKS = [
  'oidc-issuer-disabled',
  'token-kind-not-accepted',
  'issuer-not-accepted',
  'assertion-not-exchangeable',
  'key-not-found',
  'signature-invalid',
  'identity-not-found',
  'identity-id-mistaken',
  'identity-cannot-federate',
  'identity-in-another-tenant',
] as const;
