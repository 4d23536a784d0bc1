import { word } from './azure-commands.ts';
import { defineCheck, fail, pass, unknown } from './check.ts';

export const issuerUnreadable = defineCheck({
  id: 'issuer-unreadable',
  title: 'Entra can read the metadata and keys of the issuer',
  severity: 'error',
  needs: ['publication'],
  behind: ['oidc-issuer-disabled', 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation:
    'Publish metadata and keys where everybody can read them: over https, without sign-in or redirect. Of an AKS cluster: see that it still exists; `az aks update` reconciles its issuer.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation',

  run({ publication: { metadataUrl, unread } }) {
    if (!unread) return pass(`Metadata and keys of the issuer could be read, from ${metadataUrl} on.`);
    const { page, reason, detail } = unread;
    // What did not answer may do so for Entra, or in a moment; what answered otherwise is read so by everybody.
    const settled = ['not-found', 'forbidden', 'malformed'].includes(reason);
    const summary = `The ${page} of the issuer could not be read. ${detail}`;
    if (!settled) return unknown(summary);
    return fail(summary, {
      commands: [`curl -sS ${word(metadataUrl, 'METADATA_URL')}`],
    });
  },
});
