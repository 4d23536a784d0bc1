import { defineCheck, fail, pass, unknown } from './check.ts';
import { ofReceiver } from './key-documents.ts';

export const receiverCannotFetch = defineCheck({
  id: 'receiver-cannot-fetch',
  title: 'The receiver can fetch the keys',
  severity: 'error',
  needs: ['keyDocuments', 'receiver'],
  behind: [
    'receiver-points-at-metadata',
    'receiver-points-at-no-key-set',
    'receiver-points-elsewhere',
    'issuer-keys-unreadable',
  ],
  remediation:
    'Open the way from the receiver to the address: its firewall, proxy or name resolution is in between, or it does not trust the certificate.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-5',

  run({ keyDocuments, receiver }) {
    if (!receiver.cannotFetch) return pass('Nothing says that the receiver cannot fetch the keys.');
    const document = ofReceiver(keyDocuments);
    if (!document || document.served === 'nothing') return unknown('The keys could not be fetched from here either.');
    const host = URL.parse(document.address.url)?.host;
    return fail(`The keys at ${document.address.url} can be fetched from here, and the receiver says that it cannot.`, {
      ...(host && {
        remediation: {
          text: `Let the receiver reach ${host} at port 443: its firewall, proxy or name resolution is in between, or it does not trust the certificate.`,
        },
      }),
    });
  },
});
