import type { KeyDocument } from '../contract/evidence.ts';
import { defineCheck, fail, pass, shown, unknown } from './check.ts';
import { ofReceiver, whose, withKey } from './key-documents.ts';
import { keySetMalformed } from './key-set-malformed.ts';
import { pointTo } from './receiver-fields.ts';

export const receiverPointsElsewhere = defineCheck({
  id: 'receiver-points-elsewhere',
  title: 'The receiver reads the document that has the key',
  severity: 'error',
  needs: ['soughtKey', 'keyDocuments', 'receiver'],
  behind: [
    ...keySetMalformed.behind,
    keySetMalformed.id,
    'receiver-points-at-metadata',
    'receiver-points-at-no-key-set',
  ],
  remediation: 'Have the receiver read the document that has the key.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer',

  run({ soughtKey: { kid }, keyDocuments, receiver }) {
    const read = ofReceiver(keyDocuments);
    if (kid === undefined || !read) return { outcome: 'not-applicable', summary: 'No key is named, or no document.' };
    if (read.kidPublished) return pass(`The key is among the keys of ${whose(read.address)}.`);
    const [found] = withKey(keyDocuments).filter(({ address }) => address.appId === undefined);
    // What could not be read may have it.
    if (read.unread) {
      const right = found ? ` The key is at ${found.address.url}.` : '';
      return unknown(`Whether the receiver reads the right document could not be seen. ${read.unread.detail}${right}`);
    }
    if (!found) return pass('The key is in no other document that was looked into.');
    return fail(
      `The key is not among the keys of ${whose(read.address)}, which the receiver reads; it is among those of ${whose(found.address)}: ${differenceBetween(read, found)}.`,
      { expected: found.address.url, actual: read.address.url, remediation: pointTo(found.address, receiver) },
    );
  },
});

/** In which member the two addresses differ, the widest first. */
function differenceBetween({ address: read }: KeyDocument, { address: found }: KeyDocument): string {
  if (read.family !== found.family) return 'another issuer';
  if (read.cloud !== found.cloud) return 'another cloud';
  if (read.tenant !== found.tenant) return `another tenant, ${shown(found.tenant ?? 'none')}`;
  if (read.policy !== found.policy) return `another policy, ${shown(found.policy ?? 'none')}`;
  if (read.version !== found.version) return `version ${found.version === '1.0' ? 1 : 2} of the document`;
  return 'another document';
}
