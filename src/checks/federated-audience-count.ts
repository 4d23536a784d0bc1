import { defineCheck, fail, pass, shown, unknown } from './check.ts';
import { nearestCandidate } from './federated-match.ts';
import { IDENTITY_LINKS } from './identity-links.ts';

export const federatedAudienceCount = defineCheck({
  id: 'federated-audience-count',
  title: 'The federated credential has exactly one audience',
  severity: 'error',
  needs: ['federatedCredentials', 'assertion'],
  behind: [...IDENTITY_LINKS, 'federated-credential-missing', 'federated-audience-mismatch'],
  remediation: 'Write one audience into the federated credential: Azure refuses none and several.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run({ federatedCredentials, assertion }) {
    const candidate = nearestCandidate(assertion, federatedCredentials);
    const audiences = candidate?.credential.audiences;
    if (!candidate) return { outcome: 'not-applicable', summary: 'There is no federated credential to look at.' };
    const fits = candidate.issuer.state === 'equal' && candidate.subject.state === 'equal';
    if (!federatedCredentials.complete && !fits)
      return unknown('Not all federated credentials could be read, so it need not be the one that fits.');
    if (!audiences) return unknown('Its audience was not told.');
    if (audiences.length === 1) return pass('It has one audience.');
    return fail(
      `The federated credential has ${audiences.length === 0 ? 'no audience' : `${audiences.length} audiences`}.`,
      {
        expected: 'one',
        actual: shown(audiences.join(', ') || 'none'),
      },
    );
  },
});
