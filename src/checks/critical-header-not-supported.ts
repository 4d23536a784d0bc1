import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';

export const criticalHeaderNotSupported = defineCheck({
  id: 'critical-header-not-supported',
  title: 'The header demands no extension that receivers must refuse',
  severity: 'error',
  needs: ['header'],
  behind: UNREADABLE,
  remediation: 'Send a token without the header member `crit`; neither Entra nor Kubernetes issues one with it.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11',

  run({ header }) {
    if (header.crit === undefined) return pass('The header has no `crit`.');
    return fail('The header names extensions that must be understood, and receivers of these tokens understand none.', {
      expected: 'no `crit`',
      actual: shown(header.crit),
    });
  },
});
