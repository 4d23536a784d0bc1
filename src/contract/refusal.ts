/**
 * Why a policy refuses a token: words of the closed list of `x-auth-reason`, in the order in which they are judged. Of the
 * first kind the token is no credential here (401), of the second it is one and does not suffice (403).
 */
export const TOKEN_REFUSALS = {
  401: [
    'token-too-large',
    'token-malformed',
    'issuer-not-accepted',
    'algorithm-not-allowed',
    'audience-not-accepted',
    'token-expired',
    'token-not-yet-valid',
    'token-too-old',
    'token-proof-required',
    'key-not-found',
    'key-refresh-throttled',
    'signature-invalid',
  ],
  403: ['token-kind-not-accepted', 'client-not-accepted', 'subject-not-accepted', 'scope-missing', 'role-missing'],
} as const;

export type TokenRefusal = (typeof TOKEN_REFUSALS)[401 | 403][number];
