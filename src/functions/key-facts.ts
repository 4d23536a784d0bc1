import { fieldsOf } from '../checks/receiver-fields.ts';
import type { KeyEvidence, KeySeen, SigningKeyDetails } from '../contract/evidence.ts';
import type { Fact } from '../contract/report.ts';

/** So many kids are listed; Entra publishes about ten. */
const LISTED_KIDS = 20;

/** What was found of a key, in words a person reads first. */
export function keyFacts({ soughtKey, signingKeys, signingKey, keyDocuments, receiver }: KeyEvidence): Fact[] {
  const documents = keyDocuments.state === 'present' ? keyDocuments.value : [];
  const found = documents.filter(({ kidPublished }) => kidPublished).map(({ address }) => address.url);
  const keys = signingKeys.state === 'present' ? signingKeys.value : undefined;
  return [
    ...told('Key', soughtKey.state === 'present' ? soughtKey.value.kid : undefined),
    ...told(
      'Published at',
      found.length > 0 ? found.join(', ') : documents.length > 0 ? 'no document that was read' : undefined,
    ),
    ...(signingKey.state === 'present' ? ofKey(signingKey.value) : []),
    ...(keys
      ? [
          ...told('Seen published from here', keys.kidSeen && seenInWords(keys.kidSeen)),
          ...told('Key set', `${keys.jwksUri}, ${keys.cache.state}, read ${keys.cache.ageSeconds} s ago`),
          ...told('All keys', listed(keys.cache.kidsAvailable)),
        ]
      : []),
    ...(receiver.state === 'present' && receiver.value.product !== 'other'
      ? told('Where the receiver is told', fieldsOf(receiver.value).field.replace(/^the /, ''))
      : []),
    ...(receiver.state === 'present' ? told('What else it asks', fieldsOf(receiver.value).needs) : []),
  ];
}

const told = (name: string, value: string | undefined): Fact[] => (value ? [{ name, value }] : []);

function ofKey({ kty, bits, curve, algorithms, thumbprint, certificate }: SigningKeyDetails): Fact[] {
  const size = bits === undefined ? curve : `${bits} bits`;
  return [
    ...told(
      'Kind of key',
      [
        kty,
        ...(size === undefined ? [] : [size]),
        ...(algorithms.length > 0 ? [`for ${algorithms.join(', ')}`] : []),
      ].join(', '),
    ),
    ...told('Thumbprint', thumbprint),
    ...told(
      'Certificate',
      certificate && `valid from ${certificate.notBefore.toISOString()} until ${certificate.notAfter.toISOString()}`,
    ),
  ];
}

const seenInWords = ({ firstAt, lastAt }: KeySeen): string =>
  `first at ${firstAt.toISOString()}, last at ${lastAt.toISOString()}`;

const listed = (kids: readonly string[]): string =>
  [...kids.slice(0, LISTED_KIDS), ...(kids.length > LISTED_KIDS ? [`and ${kids.length - LISTED_KIDS} more`] : [])].join(
    ', ',
  );
