import { stringClaim } from '../contract/claims.ts';
import { clouds } from '../contract/clouds.ts';
import { difference } from '../contract/difference.ts';
import type { KeyAddress } from '../contract/evidence.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';
import { ofReceiver, whose } from './key-documents.ts';

export const tokenOfAnotherIssuer = defineCheck({
  id: 'token-of-another-issuer',
  title: 'The token is from whom the receiver reads keys',
  severity: 'error',
  needs: ['token', 'keyDocuments'],
  behind: UNREADABLE,
  remediation:
    'Send a token of the issuer that the receiver is set up for, or set the receiver up for the issuer of this token.',
  reference: 'https://www.rfc-editor.org/rfc/rfc8725#section-3.8',

  run({ token: { claims }, keyDocuments }) {
    const iss = stringClaim(claims, 'iss');
    const document = ofReceiver(keyDocuments);
    const read = document?.address;
    if (iss === undefined) return unknown('The token names no issuer (`iss`).');
    if (read === undefined || read.family === 'unknown')
      return unknown(`Whose keys the receiver reads${read ? ` at ${shown(read.url)}` : ''} is not known.`);
    const { issuer } = read;
    if (issuer === iss || agrees(iss, read)) return pass(`The keys are looked for among those of ${whose(read)}.`);
    // Directories for customers may issue under a domain of their own.
    if (ofCustomers(read) && OF_A_DIRECTORY.test(iss)) {
      return document?.kidPublished
        ? pass(`The keys of ${whose(read)} have the key of the token.`)
        : unknown(`Whether ${shown(iss)} is a domain of ${whose(read)} is not known.`);
    }
    return fail(`The token is from ${shown(iss)}, and the receiver reads the keys of ${whose(read)}.`, {
      expected: issuer ?? whose(read),
      actual: shown(iss),
      ...(issuer !== undefined && { difference: difference(issuer, iss) }),
    });
  },
});

/** Of issuers, whatever their form: which of them are, and in which, other checks say. */
const ENTRA_HOSTS = Object.values(clouds).flatMap(
  ({ authorityHost, authorityAliases, v1IssuerHost, v1IssuersUnsettled }) => [
    authorityHost,
    ...authorityAliases,
    v1IssuerHost,
    ...v1IssuersUnsettled,
  ],
);

const ofCustomers = ({ family }: KeyAddress): boolean => family === 'b2c' || family === 'external-id';

const OF_A_DIRECTORY = /^https:\/\/[^/]+\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\/v2\.0\/?$/;

/** Tenants, clouds and policies of Entra are told apart by where the key is found, since they share keys. */
function agrees(iss: string, { family, issuer }: KeyAddress): boolean {
  if (['entra', 'b2c', 'external-id'].includes(family))
    return (
      ENTRA_HOSTS.some((host) => iss.startsWith(`https://${host}/`)) ||
      /^https:\/\/[a-z0-9-]+\.(?:b2clogin|ciamlogin)\.com\//.test(iss)
    );
  return issuer === undefined && family === 'configured';
}
