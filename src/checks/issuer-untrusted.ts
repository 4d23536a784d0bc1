import { defineCheck, pass, UNREADABLE } from './check.ts';

/** Never fails: an issuer outside every family is evidence that was not fetched, which the runner reports as unknown. */
export const issuerUntrusted = defineCheck({
  id: 'issuer-untrusted',
  title: 'The issuer is of a family whose published keys may be read',
  severity: 'error',
  needs: ['trustedIssuer'],
  behind: [...UNREADABLE, 'issuer-not-accepted'],
  remediation: 'Add the issuer to the setting TOKEN_DOCTOR_ISSUERS if it is one of yours.',
  reference: 'https://www.rfc-editor.org/rfc/rfc8725#section-3.8',

  run: ({ trustedIssuer: { family } }) => pass(`The issuer belongs to the trusted family ${family}.`),
});
