import { defineCheck, fail, pass, shown, unknown } from './check.ts';
import { ofReceiver } from './key-documents.ts';
import { fieldsOf, pointTo } from './receiver-fields.ts';

export const receiverPointsAtMetadata = defineCheck({
  id: 'receiver-points-at-metadata',
  title: 'The receiver was given the kind of address it asks for',
  severity: 'error',
  needs: ['keyDocuments', 'receiver'],
  behind: [],
  remediation: 'Give the receiver the `jwks_uri` that the metadata name, not the address of the metadata.',
  reference: 'https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata',

  run({ keyDocuments, receiver }) {
    const document = ofReceiver(keyDocuments);
    if (!document?.given || fieldsOf(receiver).takes === 'issuer') {
      return { outcome: 'not-applicable', summary: 'No address that the receiver was given was handed in.' };
    }
    const { address, served, jwksUri } = document;
    const wrong = fieldsOf(receiver).takes === 'metadata' ? 'key-set' : 'metadata';
    if (served === 'nothing' && address.page === 'other') return unknown('What stands at the address is not known.');
    const page =
      served === 'nothing' || served === 'html' ? (address.page === 'keys' ? 'key-set' : 'metadata') : served;
    if (page !== wrong) return pass('The address is of the kind that the receiver asks for.');
    const named = jwksUri ?? address.keysUrl;
    const right = wrong === 'metadata' ? named : address.metadataUrl;
    const what =
      wrong === 'metadata' ? 'metadata, and the receiver asks for keys' : 'keys, and the receiver asks for metadata';
    return fail(`The address ${shown(address.url)} is that of ${what}.`, {
      ...(right !== undefined && { expected: right }),
      actual: address.url,
      ...(right !== undefined && {
        remediation: pointTo({ ...address, ...(wrong === 'metadata' ? { keysUrl: right } : {}) }, receiver),
      }),
    });
  },
});
