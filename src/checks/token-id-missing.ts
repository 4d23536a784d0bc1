import { stringClaim } from '../contract/claims.ts';
import { defineCheck, pass, shown, UNREADABLE, unknown } from './check.ts';

export const tokenIdMissing = defineCheck({
  id: 'token-id-missing',
  title: 'The token has an id where ServiceNow looks for one',
  severity: 'error',
  needs: ['token', 'target'],
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Write a new `jti` into each token, or turn JTI verification off.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7',

  // Entra writes `uti` and no `jti`. The switch is on by default for the grant, and optional for the OIDC provider.
  run({ token: { claims }, target }) {
    if (!target.name.startsWith('servicenow-'))
      return { outcome: 'not-applicable', summary: 'Only ServiceNow looks for it.' };
    if (stringClaim(claims, 'jti') !== undefined)
      return pass('The token has a `jti`; where JTI verification is on, ServiceNow takes it once.');
    const field = target.name === 'servicenow-jwt-bearer' ? 'Enable JTI verification' : 'Enable JTI claim verification';
    return unknown(
      `The token has no \`jti\`, which ServiceNow asks for where the field "${field}" is on. Entra never writes one.`,
      {
        expected: '`jti`',
        actual: shown(claims.jti),
      },
    );
  },
});
