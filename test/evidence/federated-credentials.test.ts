import { describe, expect, it } from 'vitest';
import type { FederatedIdentity } from '../../src/contract/federation.ts';
import { gatherCredentials } from '../../src/evidence/federated-credentials.ts';
import { witnessAt } from '../../src/evidence/gathered.ts';
import { type Answer, json, play, playAzure, reading, refusal, SUBSCRIPTION, world } from '../azure/far-azure.ts';

playAzure();

const CLIENT = '0a1b2c3d-3333-4222-8333-444455556666';
const OTHER = '0a1b2c3d-4444-4222-8333-444455556666';
const ids = { clientId: CLIENT, principalId: CLIENT, tenantId: CLIENT };
const witness = witnessAt(new Date());

/** The credentials of an identity that the caller describes, where Azure answers so about the identity itself. */
async function gathered(name: string, told: Partial<FederatedIdentity>, answer: Answer, tenants: string[] = []) {
  const resourceId = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  // The more particular address first: a word is looked for in the order in which it was played.
  play(`${name}/federatedIdentityCredentials`, json({ value: [] }));
  play(`${name}?`, answer);
  const identity = witness.present('request', { kind: 'user-assigned', resourceId, ...told } as const);
  const found = await gatherCredentials(identity, undefined, {
    reader: world().reader,
    reading: reading(),
    tenants,
    witness,
  });
  return [found.state, found.state === 'absent' ? found.reason : found.value.of?.resourceId === resourceId];
}

const azure = (properties: object, name: string): Answer => json({ id: `/x/${name}`, name, properties });

describe('credentials of an identity that was handed in', () => {
  it.each<[string, Partial<FederatedIdentity>, object, string]>([
    ['is what the caller says', ids, ids, 'present'],
    ['is what the caller says, in capitals', { clientId: CLIENT.toUpperCase() }, ids, 'present'],
    ['says more than the caller', {}, ids, 'present'],
    ['has another client id', { clientId: OTHER }, ids, 'absent'],
    ['has another principal id', { ...ids, principalId: OTHER }, ids, 'absent'],
    ['lives in another tenant', { ...ids, tenantId: OTHER }, ids, 'absent'],
    ['does not say its client id', ids, { principalId: CLIENT, tenantId: CLIENT }, 'absent'],
  ])('are read where the one in Azure %s', async (what, told, properties, state) => {
    const name = `id-${what.replaceAll(/[^a-z]/g, '-')}`;
    const identity = json({
      id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
      name,
      properties,
    });
    expect(await gathered(name, told, identity)).toEqual([state, state === 'present' ? true : 'malformed']);
  });

  it.each<[string, Answer]>([
    ['may not be seen', refusal(403, 'AuthorizationFailed')],
    ['is not there', refusal(404, 'ResourceNotFound')],
    ['is another thing', azure({}, 'x')],
  ])('are not taken where the one in Azure %s', async (what, answer) => {
    const name = `un-${what.replaceAll(/[^a-z]/g, '-')}`;
    expect(await gathered(name, ids, answer)).toEqual(['absent', 'malformed']);
  });

  it('are not read where tenants are limited', async () => {
    expect(await gathered('id-limited', ids, json({}), [CLIENT])).toEqual(['absent', 'forbidden']);
  });
});
