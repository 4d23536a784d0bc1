import { defineCheck, pass, unknown } from './check.ts';

export const evidenceNotObserved = defineCheck({
  id: 'evidence-not-observed',
  title: 'What decides was seen from here',
  severity: 'error',
  needs: ['observation'],
  behind: [],
  remediation: 'Leave `evidence` out, so that it is read.',
  reference: 'https://www.rfc-editor.org/rfc/rfc9334#section-10',

  run({ observation: { required, supplied } }) {
    if (!required) return { outcome: 'not-applicable', summary: 'It was not asked for.' };
    return supplied.length === 0
      ? pass('Nothing was handed in.')
      : unknown(`Only what is seen from here may pass, and this was handed in: ${supplied.join(', ')}.`);
  },
});
