import { defineCheck, fail, pass, shown } from './check.ts';
import { keyUnfit } from './key-unfit.ts';
import { fieldsOf } from './receiver-fields.ts';

export const receiverKeyNamedOtherwise = defineCheck({
  id: 'receiver-key-named-otherwise',
  title: 'The receiver has the key under the `kid` that tokens name',
  severity: 'error',
  needs: ['soughtKey', 'signingKey', 'receiver'],
  behind: [...keyUnfit.behind, keyUnfit.id],
  remediation: 'Give the key the `kid` that tokens name, or have the receiver read the published keys.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-4.5',

  run({ soughtKey: { kid }, signingKey: { thumbprint }, receiver }) {
    const { keys } = receiver;
    if (!keys) return { outcome: 'not-applicable', summary: 'What the receiver holds was not handed in.' };
    if (keys.some((held) => held.kid === kid)) return pass('The receiver has a key of this name.');
    const same = keys.find((held) => held.thumbprint !== undefined && held.thumbprint === thumbprint);
    if (!same) return pass('The receiver has the key under no other name.');
    return fail(
      `The receiver holds the very key${same.uploaded ? ', uploaded by hand,' : ''} under ${same.kid === undefined ? 'no `kid`' : 'another `kid`'}.`,
      { expected: shown(kid), actual: shown(same.kid ?? 'absent'), remediation: { text: fieldsOf(receiver).upload } },
    );
  },
});
