import { defineCheck, fail, pass, unknown } from './check.ts';
import { ofReceiver, withKey } from './key-documents.ts';
import { pointTo } from './receiver-fields.ts';
import { receiverPointsElsewhere } from './receiver-points-elsewhere.ts';

export const applicationSignsWithOwnKey = defineCheck({
  id: 'application-signs-with-own-key',
  title: 'The application has no signing key of its own, or the receiver reads it',
  severity: 'error',
  needs: ['soughtKey', 'keyDocuments', 'receiver'],
  behind: [...receiverPointsElsewhere.behind, receiverPointsElsewhere.id],
  remediation:
    'Have the receiver read the key of the application: append `?appid=` with its client id to the address of the metadata or keys.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens',

  run({ soughtKey: { kid }, keyDocuments, receiver }) {
    const read = ofReceiver(keyDocuments);
    if (kid === undefined || !read) return { outcome: 'not-applicable', summary: 'No key is named, or no document.' };
    const [own] = withKey(keyDocuments).filter(({ address }) => address.appId !== undefined);
    if (read.unread) return unknown(`What the receiver reads could not be seen. ${read.unread.detail}`);
    if (read.kidPublished || !own) return pass('The key is not one that an application has for itself.');
    return fail(
      'The key is among those of the application alone: it signs with a key of its own, since it has a claims mapping policy or a custom signing key, and the receiver reads the keys of the tenant.',
      { expected: own.address.url, actual: read.address.url, remediation: pointTo(own.address, receiver) },
    );
  },
});
