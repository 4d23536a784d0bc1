import { keyQuestion } from '../checks/key-question.ts';
import { predictedKeyError } from '../checks/predicted-errors.ts';
import { runChecks } from '../checks/run.ts';
import type { KeyEvidence } from '../contract/evidence.ts';
import { ValidateKeyRequest } from '../contract/validate-key.ts';
import { gatherKeyEvidence } from '../evidence/keys.ts';
import { buildReport } from '../report/build-report.ts';
import { type LogFields, reportEndpoint } from './endpoint.ts';
import { EXAMPLE_TOKENS } from './example-tokens.ts';
import { keyFacts } from './key-facts.ts';

/** `POST /api/keys/validate`: is this key published, where, since when, and if not, why not? */
export const validateKey = reportEndpoint({
  summary: 'Is this key published, where, and if not, why not?',
  description:
    'Looks for a `kid` in the keys of an issuer, tenant or address, refreshing what is cached where that is called for. Where it is not found, it is looked for wherever else it may be, and the answer names the cause and the field of the receiver to change.',
  bodies: { json: ValidateKeyRequest },
  examples: [
    {
      name: 'published',
      summary: 'A key that the tenant publishes',
      body: { kid: 'ExampleKey0TokenDoctor0Ex1m', tenant: 'e0e1e2e3-1111-4222-8333-444455556666', cloud: 'public' },
    },
    {
      name: 'receiverIsStale',
      summary: 'ServiceNow says "Key ID not found in JWKS": it holds keys from before the rotation',
      body: {
        token: EXAMPLE_TOKENS.forOwnApi,
        refresh: 'force',
        consumer: { product: 'servicenow-mcp', jwks: { keys: [] }, fetchedAt: '2026-11-01T10:00:00Z' },
      },
    },
    {
      name: 'metadataInPlaceOfKeys',
      summary: 'The receiver was given the address of the metadata',
      body: {
        kid: 'ExampleKey0TokenDoctor0Ex1m',
        tenant: 'e0e1e2e3-1111-4222-8333-444455556666',
        cloud: 'public',
        consumer: {
          product: 'servicenow-jwt-bearer',
          jwksUri:
            'https://login.microsoftonline.com/e0e1e2e3-1111-4222-8333-444455556666/v2.0/.well-known/openid-configuration',
        },
      },
    },
  ],

  async diagnose({ body, requestId, traceparent, note, reportBug }, world) {
    const sources = await world.sources();
    const started = performance.now();
    const evidence = await gatherKeyEvidence(body, sources, { requestId, traceparent });
    note({ gatheredMs: Math.round(performance.now() - started), ...seen(evidence) });
    return buildReport({
      findings: runChecks(keyQuestion, evidence, reportBug),
      evidence: { ...evidence },
      passSummary: passSummary(evidence),
      predictError: (rootCause) => predictedKeyError(body.consumer?.product ?? 'other', rootCause),
      basis: body.consumer === undefined ? 'observed' : 'mixed',
      facts: keyFacts(evidence),
      requestId,
      observedAt: sources.now(),
    });
  },
});

/** Which token it was, without a word of it, and how the keys were had. */
const seen = ({ tokenForm, signingKeys, keyDocuments }: KeyEvidence): LogFields => ({
  ...(tokenForm.state === 'present' && { token: tokenForm.value.sha256 }),
  ...(signingKeys.state === 'present' && { keys: signingKeys.value.cache.state }),
  ...(keyDocuments.state === 'present' && { documents: keyDocuments.value.length }),
});

function passSummary({ signingKeys }: KeyEvidence): string {
  if (signingKeys.state === 'absent') return 'The key is published.';
  const { jwksUri, cache } = signingKeys.value;
  const read = cache.ageSeconds === 0 ? 'read just now' : `read ${cache.ageSeconds} s ago`;
  const how =
    cache.state === 'throttled'
      ? `${read}; its issuer cannot be asked again before ${cache.nextRefreshAt.toISOString()}`
      : read;
  return `The key is published at ${jwksUri}, ${how}.`;
}
