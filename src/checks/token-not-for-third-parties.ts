import { audiences } from '../contract/claims.ts';
import { resourceOf } from '../contract/resources.ts';
import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';

export const tokenNotForThirdParties = defineCheck({
  id: 'token-not-for-third-parties',
  title: 'The token is one that others than Microsoft can verify',
  severity: 'error',
  needs: ['token', 'header'],
  behind: UNREADABLE,
  remediation:
    'Request a token for the receiver itself: register an application for it, and ask for the scope of that application instead of Microsoft Graph’s.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens',

  run({ token: { claims }, header }) {
    // Entra signs tokens for Microsoft Graph over another header than the one they carry (entra-docs, access-tokens.md).
    const own = (audiences(claims) ?? []).flatMap((audience) => resourceOf(audience)?.name ?? []);
    const [first] = own;
    if (typeof header.nonce === 'string' && first !== undefined) {
      return fail(
        `The token is for ${first} and carries a \`nonce\` in its header: only Microsoft can verify it, whether its key is published or not.`,
        { actual: shown(claims.aud) },
      );
    }
    return pass('Nothing in the token says that only Microsoft can verify it.');
  },
});
