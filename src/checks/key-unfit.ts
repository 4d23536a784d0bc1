import { entraIssuer } from '../contract/clouds.ts';
import type { KeyFault } from '../contract/evidence.ts';
import { defineCheck, fail, pass, shown } from './check.ts';
import { kidNotPublished } from './kid-not-published.ts';

export const keyUnfit = defineCheck({
  id: 'key-unfit',
  title: 'The published key verifies signatures of this kind',
  severity: 'error',
  needs: ['signingKey', 'soughtKey'],
  behind: [...kidNotPublished.behind, kidNotPublished.id],
  remediation:
    'Publish the key for verifying signatures: `use` is `sig` or left out, an RSA key has at least 2048 bits, and the algorithm of the tokens is one that the key is for.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-4.2',

  run({ signingKey: { fault, algorithms, kty, bits, alg, issuer: keyIssuer }, soughtKey: { algorithm, issuer } }) {
    if (fault !== undefined) {
      return fail(FAULTS[fault], {
        actual: [kty.slice(0, 8), ...(bits === undefined ? [] : [`${bits} bits`])].join(', '),
      });
    }
    // Entra binds keys of personal accounts to their tenant (entra-docs, access-tokens.md).
    const [bound, of] = [tenantIn(keyIssuer), tenantIn(issuer)];
    if (bound !== undefined && of !== undefined && bound !== of) {
      return fail('The key is published for tokens of another tenant than the one in `iss`.', {
        expected: shown(keyIssuer),
        actual: shown(issuer),
      });
    }
    if (algorithms.length === 0)
      return fail('The key is published for an algorithm that keys of its type do not have.', { actual: shown(alg) });
    if (algorithm === undefined) return pass(`The key verifies ${algorithms.join(', ')}.`);
    return algorithms.includes(algorithm)
      ? pass(`The key verifies ${algorithm}.`)
      : fail('The key does not verify the algorithm in the header of the token.', {
          expected: algorithms.join(', '),
          actual: shown(algorithm),
        });
  },
});

const tenantIn = (issuer: string | undefined) => entraIssuer(issuer ?? '')?.tenant;

const FAULTS: Readonly<Record<KeyFault, string>> = {
  'secret-published': 'The key is published with what only its issuer may know, so it proves nothing.',
  'other-type': 'The key is of a type that verifies no signature of Entra, Kubernetes or a pipeline.',
  'other-use': 'The key is published for another use than verifying signatures, encryption for example.',
  malformed: 'The key lacks members, or has some that make no key.',
  'too-short': 'The key is shorter than 2048 bits, and sound libraries take none that is.',
};
