import { inWords } from '../contract/duration.ts';
import { defineCheck, fail, pass, unknown } from './check.ts';
import { nearestCandidate } from './federated-match.ts';

/** Propagation takes minutes (entra-docs, workload identity federation considerations); nothing says how many. */
const SETTLED_AFTER_SECONDS = 10 * 60;

export const federatedCredentialUnsettled = defineCheck({
  id: 'federated-credential-unsettled',
  title: 'The federated credential has been there for a while',
  severity: 'warning',
  needs: ['federatedCredentials', 'assertion', 'now'],
  behind: [
    'federated-credential-missing',
    'federated-issuer-mismatch',
    'federated-subject-mismatch',
    'federated-audience-mismatch',
  ],
  remediation:
    'Try again for some minutes, also after AADSTS70021 or AADSTS700213: a new credential takes that long to be known everywhere, and a miss is remembered. One that stays refused for longer: delete it and create it anew.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run({ federatedCredentials, assertion, now }) {
    const credential = nearestCandidate(assertion, federatedCredentials)?.credential;
    if (!credential) return { outcome: 'not-applicable', summary: 'There is no federated credential to look at.' };
    const changed = [credential.createdAt, credential.modifiedAt]
      .flatMap((date) => date ?? [])
      .toSorted((one, other) => other.getTime() - one.getTime())[0];
    if (!changed)
      return unknown(
        'Azure does not tell here when the credential was made. For some minutes after that it may still be refused: try again.',
      );
    const age = (now.getTime() - changed.getTime()) / 1000;
    if (age >= SETTLED_AFTER_SECONDS) return pass(`The credential was last changed ${inWords(age)} ago.`);
    return fail(
      `The credential was changed ${age >= 0 ? `${inWords(age)} ago` : 'just now'}: it may still be refused, although it is right.`,
      { actual: changed.toISOString() },
    );
  },
});
