import { defineCheck, fail, pass, UNREADABLE } from './check.ts';

export const signingCertificateOutOfDate = defineCheck({
  id: 'signing-certificate-out-of-date',
  title: 'The certificate published with the key is valid',
  // Receivers of JWTs use the key and mostly do not look at the certificate beside it.
  severity: 'warning',
  needs: ['signingKey', 'now'],
  behind: UNREADABLE,
  remediation: 'Get a new token: the issuer has newer keys, unless it is one of your own that needs a new certificate.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-4.7',

  run({ signingKey: { certificate }, now }) {
    if (!certificate) return { outcome: 'not-applicable', summary: 'No certificate is published with the key.' };
    const { notBefore, notAfter } = certificate;
    const dates = {
      expected: `${now.toISOString()} within it`,
      actual: `${notBefore.toISOString()} to ${notAfter.toISOString()}`,
    };
    return now >= notBefore && now <= notAfter
      ? pass(`The certificate is valid until ${notAfter.toISOString()}.`)
      : fail('The certificate published with the key is not valid at this time.', dates);
  },
});
