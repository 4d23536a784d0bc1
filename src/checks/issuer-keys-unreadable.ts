import { defineCheck, fail, pass, unknown } from './check.ts';
import { asked } from './key-documents.ts';

export const issuerKeysUnreadable = defineCheck({
  id: 'issuer-keys-unreadable',
  title: 'The keys that were asked about can be read by everybody',
  severity: 'error',
  needs: ['keyDocuments'],
  behind: ['receiver-points-at-metadata', 'receiver-points-at-no-key-set'],
  remediation:
    'Publish the metadata and the keys where everybody can read them: over https, without sign-in or redirect, with a certificate that is trusted. Of an AKS cluster: see that it still exists, and that its OIDC issuer is on.',
  reference: 'https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig',

  run({ keyDocuments }) {
    const document = asked(keyDocuments);
    if (!document) return unknown('No place was asked.');
    const { address, unread } = document;
    if (!unread) return pass(`The keys at ${address.url} could be read.`);
    // What did not answer may do so for others, or in a moment; what answered otherwise is read so by everybody.
    const settled = ['not-found', 'forbidden', 'malformed'].includes(unread.reason);
    return (settled ? fail : unknown)(`The keys could not be read. ${unread.detail}`);
  },
});
