import * as z from 'zod';
import { clientOf, isScopeToken, rolesOf, scopesOf, stringClaim, timeClaim } from '../contract/claims.ts';
import { tokenHash } from '../contract/compact-jws.ts';
import type { DecodedToken, TrustedIssuer } from '../contract/evidence.ts';
import { IntrospectionForm, IntrospectionRequest, IntrospectionResponse } from '../contract/introspection.ts';
import type { JsonObject } from '../contract/json.ts';
import { RequestError } from '../contract/problem.ts';
import { decide } from '../verify/decide.ts';
import { policyUnknown } from './body.ts';
import { jsonEndpoint } from './endpoint.ts';
import { EXAMPLE_TOKENS } from './example-tokens.ts';

/** `POST /api/introspect`: is this token active for this policy? (RFC 7662) Why it is not stands in the log alone. */
export const introspectToken = jsonEndpoint({
  summary: 'Is this token active for this policy? (RFC 7662)',
  description:
    'Judges the token by a policy of this deployment: issuer, audience, signature, times, kind, client, subject, scopes and roles. Whatever is wrong, the answer is `{"active": false}` and nothing else. Takes the form of RFC 7662 (`application/x-www-form-urlencoded`) as well as JSON.',
  bodies: { json: IntrospectionRequest, form: IntrospectionForm },
  query: z.strictObject({
    policy: z.string().default('default').meta({ description: 'Name of the policy.' }),
  }),
  answers: { 200: IntrospectionResponse },
  examples: [
    {
      name: 'active',
      summary: 'A token that the policy lets in',
      query: { policy: 'default' },
      body: { token: EXAMPLE_TOKENS.forOwnApi },
    },
    {
      name: 'inactive',
      summary: 'One of another audience; whatever is wrong, the answer is the same',
      query: { policy: 'default' },
      body: { token: EXAMPLE_TOKENS.forArm, token_type_hint: 'access_token' },
    },
  ],

  async answer({ body: { token }, query, note }, { settings, sources }) {
    const policy = settings.policies.get(query.policy);
    if (!policy) throw policyUnknown({ parameter: 'policy' }, [...settings.policies.keys()]);
    note({ token: tokenHash(token), policy: policy.name, policyHash: policy.hash.slice(0, 16) });
    const decision = await decide(token, policy, await sources());
    const { keys, refreshFailed } = decision;
    note({ ...(keys && { keys }), ...(refreshFailed && { refreshFailed }) });
    switch (decision.outcome) {
      case 'accepted':
        note({ active: true });
        return { body: activeResponse(decision.token, decision.issuer) };
      case 'refused':
        note({ active: false, reason: decision.reason });
        return { body: { active: false } satisfies IntrospectionResponse };
      case 'undecided':
        note({
          issuer: `/${policy.name}/issuers/${policy.issuers.indexOf(decision.issuer)}`,
          because: decision.because,
        });
        throw keysUnavailable(decision.retryAfterSeconds);
    }
  },
});

/** RFC 7662 §2.2 in Entra's words. `username` is left out: every claim that holds one can be changed by its user. */
function activeResponse({ claims }: DecodedToken, issuer: TrustedIssuer): IntrospectionResponse {
  const scopes = scopesOf(claims, issuer.family);
  // A role with a space in it would read as two.
  const granted = scopes.length > 0 ? scopes : rolesOf(claims).filter(isScopeToken);
  return {
    active: true,
    scope: granted.length > 0 ? granted.join(' ') : undefined,
    client_id: clientOf(claims, issuer.family),
    token_type: 'Bearer',
    exp: wholeSeconds(claims, 'exp'),
    iat: wholeSeconds(claims, 'iat'),
    nbf: wholeSeconds(claims, 'nbf'),
    sub: stringClaim(claims, 'sub'),
    aud: claims.aud,
    iss: issuer.issuer,
    jti: stringClaim(claims, issuer.family === 'entra' ? 'uti' : 'jti'),
  };
}

function wholeSeconds(claims: JsonObject, name: string): number | undefined {
  const time = timeClaim(claims, name);
  return typeof time === 'number' ? Math.floor(time) : undefined;
}

/** Nothing is known of the token then, so neither is it said to be inactive. */
const keysUnavailable = (retryAfterSeconds: number) =>
  new RequestError(
    {
      type: '/problems/keys-unavailable',
      title: 'The keys of the issuer cannot be had',
      status: 503,
      detail: `Whether the token is active cannot be told without them. Try again in ${retryAfterSeconds} s.`,
    },
    { 'retry-after': String(retryAfterSeconds) },
  );
