import { nearestCandidate } from '../checks/federated-match.ts';
import { federationQuestion } from '../checks/federation-question.ts';
import { predictedFederationError } from '../checks/predicted-federation-errors.ts';
import { runChecks } from '../checks/run.ts';
import type { FederationEvidence } from '../contract/federation-evidence.ts';
import type { Report } from '../contract/report.ts';
import { VerifyFederationRequest } from '../contract/verify-federation.ts';
import { gatherFederationEvidence } from '../evidence/federation.ts';
import { buildReport } from '../report/build-report.ts';
import { type LogFields, reportEndpoint } from './endpoint.ts';
import { federationFacts } from './federation-facts.ts';

/** Lists of Azure are handed in whole. */
const MAX_BODY_BYTES = 1024 * 1024;

/** `POST /api/federation/verify`: would Entra exchange this token for this identity? */
export const verifyFederation = reportEndpoint({
  summary: 'Would Entra exchange this token for this identity?',
  description:
    'Walks the chain of workload identity: cluster, OIDC issuer, its published keys, identity, federated credential, token. Reads it from Azure, or takes what is handed in, and answers with the first broken link, the code Entra would answer, and the command that mends it.',
  bodies: { json: VerifyFederationRequest, maxBytes: MAX_BODY_BYTES },
  examples: [
    {
      name: 'slashMissing',
      summary: 'A pod gets AADSTS700211: the credential lacks the slash at the end of the issuer',
      body: {
        cluster: {
          resourceId:
            '/subscriptions/0a1b2c3d-aaaa-4222-8333-444455556666/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks-shop',
        },
        identity: {
          resourceId:
            '/subscriptions/0a1b2c3d-aaaa-4222-8333-444455556666/resourceGroups/rg-shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-no-slash',
        },
        workload: { namespace: 'shop', serviceAccount: 'checkout' },
      },
    },
    {
      name: 'pipeline',
      summary: 'A GitHub environment, and the identity by its client id',
      body: {
        identity: { clientId: '6357cd0d-6f57-449b-832c-0de10fa2366d' },
        workload: {
          issuer: 'https://token.actions.githubusercontent.com',
          subject: 'repo:contoso-invented/shop:environment:production',
        },
      },
    },
    {
      name: 'handedIn',
      summary: 'What `az` printed, handed in: the subject is another service account’s',
      body: {
        workload: { namespace: 'shop', serviceAccount: 'checkout' },
        evidence: {
          cluster: {
            name: 'aks-shop',
            powerState: { code: 'Running' },
            oidcIssuerProfile: {
              enabled: true,
              issuerUrl:
                'https://westeurope.oic.prod-aks.azure.com/0a1b2c3d-1111-4222-8333-444455556666/c1c2c3c4-1111-4222-8333-444455556666/',
            },
            securityProfile: { workloadIdentity: { enabled: true } },
          },
          federatedCredentials: [
            {
              name: 'checkout',
              issuer:
                'https://westeurope.oic.prod-aks.azure.com/0a1b2c3d-1111-4222-8333-444455556666/c1c2c3c4-1111-4222-8333-444455556666/',
              subject: 'system:serviceaccount:shop:default',
              audiences: ['api://AzureADTokenExchange'],
            },
          ],
        },
      },
    },
  ],

  async diagnose({ body, requestId, traceparent, note, reportBug }, world) {
    const sources = await world.sources();
    const started = performance.now();
    const evidence = await gatherFederationEvidence(body, sources, { requestId, traceparent });
    note({ gatheredMs: Math.round(performance.now() - started), ...seen(evidence) });
    const findings = runChecks(federationQuestion, evidence, reportBug);
    const settled = findings.find(({ id }) => id === 'federated-credential-unsettled')?.outcome === 'pass';
    return buildReport({
      findings,
      evidence: { ...evidence },
      passSummary: passSummary(evidence, settled),
      prelude: prelude(body),
      predictError: (rootCause) => predictedFederationError(evidence, rootCause),
      basis: basisOf(evidence),
      facts: federationFacts(evidence),
      requestId,
      observedAt: sources.now(),
    });
  },
});

/** What of the chain is told by Azure or the issuer, and what by the caller. */
const BASIS = ['cluster', 'identity', 'federatedCredentials', 'issuerMetadata', 'signingKeys'] as const;

function basisOf(evidence: FederationEvidence): Report['basis'] {
  const present = BASIS.map((name) => evidence[name]).filter(({ state }) => state === 'present');
  const fromCaller = present.filter(({ source }) => source === 'request').length;
  const claims = evidence.assertion.state === 'present' && evidence.assertion.value.from === 'claims' ? 1 : 0;
  const supplied = fromCaller + claims;
  if (supplied === 0) return 'observed';
  return supplied === present.length + claims ? 'supplied' : 'mixed';
}

/** Which token it was, without a word of it, and how the keys were had. */
const seen = ({ tokenForm, signingKeys }: FederationEvidence): LogFields => ({
  ...(tokenForm.state === 'present' && { token: tokenForm.value.sha256 }),
  ...(signingKeys.state === 'present' && { keys: signingKeys.value.cache.state }),
});

function prelude({ at, token, claims, evidence = {} }: VerifyFederationRequest): string {
  const handedIn = Object.entries(evidence).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [name],
  );
  const words = [
    ...(at === undefined ? [] : [`judged for ${at}`]),
    ...(claims === undefined ? [] : ['claims as handed in, signature not judged']),
    ...(token === undefined && claims === undefined ? ['without a token'] : []),
    ...(handedIn.length > 0 ? [`with what was handed in (${handedIn.join(', ')})`] : []),
  ].join(', ');
  return words === '' ? '' : `${words.charAt(0).toUpperCase()}${words.slice(1)}: `;
}

/** Yes, with what a reader must know before relying on it. */
function passSummary({ assertion, federatedCredentials, identity }: FederationEvidence, settled: boolean): string {
  const candidate =
    assertion.state === 'present' && federatedCredentials.state === 'present'
      ? nearestCandidate(assertion.value, federatedCredentials.value)
      : undefined;
  const by =
    candidate?.credential.name === undefined ? '' : ` by the federated credential ${candidate.credential.name}`;
  const of =
    identity.state === 'present' ? ` for ${identity.value.name ?? identity.value.clientId ?? 'this identity'}` : '';
  return `Everything is configured as the exchange needs it${of}${by}.${settled ? '' : ' For some minutes after a change Entra may still refuse (AADSTS70021, AADSTS700213): try again then.'}`;
}
