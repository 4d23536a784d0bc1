import { defineCheck, fail, pass } from './check.ts';

export const tokenMalformed = defineCheck({
  id: 'token-malformed',
  title: 'The token is a compact JWS: three base64url parts, JSON inside',
  severity: 'error',
  needs: ['tokenForm'],
  behind: ['token-too-large'],
  remediation:
    'Send the token exactly as it was issued, whole: header, payload and signature with two dots between them.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7515#section-7.1',

  run({ tokenForm: { fault, recognized, removed } }) {
    if (fault) {
      const place = `The ${fault.part === 'token' ? 'token' : `token's ${fault.part}`} cannot be read: ${fault.detail}.`;
      if (!recognized) return fail(place);
      return fail(`This looks like ${recognized.title}. ${place}`, {
        actual: recognized.title,
        ...(recognized.advice !== undefined && { remediation: { text: recognized.advice } }),
      });
    }
    if (removed.length === 0) return pass('The token has three parts and decodes.');
    return pass(`The token has three parts and decodes once what stood around it is removed: ${removed.join(', ')}.`);
  },
});
