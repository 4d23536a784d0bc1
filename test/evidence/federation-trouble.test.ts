import { describe, expect, it } from 'vitest';
import { federationQuestion } from '../../src/checks/federation-question.ts';
import { runChecks } from '../../src/checks/run.ts';
import { CLUSTER_TYPE } from '../../src/contract/arm-id.ts';
import { VerifyFederationRequest } from '../../src/contract/verify-federation.ts';
import { gatherFederationEvidence } from '../../src/evidence/federation.ts';
import { outcomeOf } from '../../src/report/build-report.ts';
import type { Port } from '../../src/trust/guarded-port.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import {
  type Answer,
  json,
  play,
  playAzure,
  refusal,
  reset,
  SUBSCRIPTION,
  silence,
  text,
  timed,
  world,
} from '../azure/far-azure.ts';

playAzure();

/** Any answer comes within this, so everything has to be gathered in less. */
const ANSWER_DEADLINE_MS = 10_000;
const CLIENT = '0a1b2c3d-3333-4222-8333-444455556666';
const now = () => new Date();
const port: Port = { getJson: async () => ({ ok: false, reason: 'unreachable', detail: 'Not asked.' }) };

/** One request, in which cluster, identity and application are all looked for by what is known of them. */
async function verdictWith(more: object = {}) {
  const sources = {
    keys: new KeyCache({ port, now, freshSeconds: 600 }),
    now,
    cloud: 'public',
    issuers: [],
    openOrigins: [],
    tenants: [],
    azure: world().reader,
  } as const;
  const request = VerifyFederationRequest.parse({
    cluster: { name: 'shop' },
    identity: { clientId: CLIENT },
    workload: { namespace: 'shop', serviceAccount: 'checkout' },
    ...more,
  });
  const { read: evidence, ms } = await timed(gatherFederationEvidence(request, sources, { requestId: CLIENT }));
  const noBug = (id: string, error: unknown) => expect.unreachable(`${id} threw ${String(error)}`);
  const { verdict } = outcomeOf(runChecks(federationQuestion, evidence, noBug));
  return { evidence, ms, verdict };
}

describe('where Azure', () => {
  it.each<[string, Answer, string]>([
    ['says nothing', silence, 'unreachable'],
    ['fails', refusal(500, 'InternalServerError'), 'unreachable'],
    ['ends every connection', reset, 'unreachable'],
    ['refuses', refusal(403, 'AuthorizationFailed'), 'forbidden'],
    ['is asked too often', refusal(429, 'TooManyRequests', { 'retry-after': '30' }), 'throttled'],
    ['says what is not JSON', text('<html>', 'text/html'), 'malformed'],
  ])('%s, the verdict is open, in time, and each link says why', async (_name, answer, reason) => {
    for (const word of ['/subscriptions', '/applications', '/servicePrincipals']) play(word, answer);
    const { evidence, ms, verdict } = await verdictWith();
    expect(verdict).toBe('inconclusive');
    expect(ms).toBeLessThan(ANSWER_DEADLINE_MS);
    for (const item of [evidence.cluster, evidence.identity, evidence.federatedCredentials])
      expect(item).toMatchObject({ state: 'absent', reason });
  });

  it('is silent behind what it lists, it is still in time', async () => {
    play('/applications', refusal(403, 'Authorization_RequestDenied'));
    play('/servicePrincipals', refusal(403, 'Authorization_RequestDenied'));
    play('/subscriptions', (response, nth, request) => {
      const path = request.url?.split('?')[0];
      const lists = path === '/subscriptions';
      (lists ? json({ value: [{ subscriptionId: SUBSCRIPTION }] }) : silence)(response, nth, request);
    });
    const { evidence, ms, verdict } = await verdictWith({
      cluster: { resourceId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/${CLUSTER_TYPE}/shop` },
    });
    expect([verdict, evidence.cluster.state, evidence.identity.state]).toEqual(['inconclusive', 'absent', 'absent']);
    expect(ms).toBeLessThan(ANSWER_DEADLINE_MS);
  });
});
