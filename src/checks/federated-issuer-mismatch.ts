import { defineCheck } from './check.ts';
import { FIELD_NEEDS, judgeField } from './federated-field.ts';
import type { FieldMatch } from './federated-match.ts';
import { IDENTITY_LINKS } from './identity-links.ts';

export const federatedIssuerMismatch = defineCheck({
  id: 'federated-issuer-mismatch',
  title: 'A federated credential names the issuer of the token',
  severity: 'error',
  needs: FIELD_NEEDS,
  behind: [...IDENTITY_LINKS, 'federated-credential-missing', 'token-of-another-cluster'],
  remediation: 'Write the issuer as the token has it: Entra compares letter for letter.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',

  run: (seen) => judgeField('issuer', seen, (_candidate, field) => adviceOn(field)),
});

/** Region and tenant in the issuer of a cluster: all but its last part. */
const placeOf = (issuer: string): string => issuer.replace(/[^/]+\/$/, '');

function adviceOn({ difference, actual, expected = '' }: FieldMatch): string {
  switch (difference?.kind) {
    case 'trailing-slash':
      return `${actual.endsWith('/') ? 'Take the slash at the end of the issuer away' : 'Write the issuer with the slash at its end'}: Entra compares letter for letter.`;
    case 'letter-case':
      return 'Write the issuer in the letter case of the token: where Entra still accepts the difference, it ends without notice.';
    case 'other-cluster':
      return `Create a federated credential with the issuer of this cluster: ${placeOf(actual) === placeOf(expected) ? 'region and tenant are the same, so the cluster was made again, or the credential is for another one' : 'the credential names another one'}.`;
    case 'other-region':
    case 'other-tenant':
      return 'Create a federated credential with the issuer of this cluster: the one that is there names another.';
    case 'host-alias':
      return 'Write the issuer as the cluster has it now: the credential has the host of older clusters.';
    default:
      return federatedIssuerMismatch.remediation;
  }
}
