import { defineCheck, fail, pass, shown, unknown } from './check.ts';
import { asked, ofReceiver, withKey } from './key-documents.ts';
import { fieldsOf, pointTo } from './receiver-fields.ts';

export const receiverPointsAtNoKeySet = defineCheck({
  id: 'receiver-points-at-no-key-set',
  title: 'The address that the receiver was given serves what it should',
  severity: 'error',
  needs: ['keyDocuments', 'receiver'],
  behind: ['receiver-points-at-metadata'],
  remediation: 'Give the receiver the address of the keys: the `jwks_uri` in the metadata of the issuer.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-5',

  run({ keyDocuments, receiver }) {
    const document = ofReceiver(keyDocuments);
    if (!document?.given || fieldsOf(receiver).takes === 'issuer') {
      return { outcome: 'not-applicable', summary: 'No address that the receiver was given was handed in.' };
    }
    const { address, served, unread } = document;
    const wanted = fieldsOf(receiver).takes === 'metadata' ? 'metadata' : 'key-set';
    if (served === wanted) return pass(`The address serves ${wanted === 'metadata' ? 'metadata' : 'a key set'}.`);
    const settled = unread && ['not-found', 'forbidden', 'malformed'].includes(unread.reason);
    if (!settled) return unknown(`What the address serves could not be seen. ${unread?.detail ?? ''}`.trim());
    const right = [asked(keyDocuments), ...withKey(keyDocuments)].find((other) => other?.served === 'key-set');
    const what = served === 'html' ? 'an HTML page' : 'no key set';
    return fail(`The address ${shown(address.url)} serves ${what}. ${unread.detail}`, {
      ...(right && { expected: right.address.url, remediation: pointTo(right.address, receiver) }),
      actual: address.url,
    });
  },
});
