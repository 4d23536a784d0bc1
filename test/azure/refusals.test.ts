import { describe, expect, it } from 'vitest';
import type { AzureReader } from '../../src/azure/azure-reader.ts';
import type { Read, Reading } from '../../src/azure/reads.ts';
import { type AzureReadName, azureReads } from '../../src/contract/azure-reads.ts';
import {
  type Answer,
  CORRELATION,
  json,
  missed,
  named,
  OTHER_SUBSCRIPTION,
  play,
  playAzure,
  reading,
  refusal,
  SUBSCRIPTION,
  text,
  world,
} from './far-azure.ts';

playAzure();

const APP = '3e3e3e3e-0001-4222-8333-444455556666';
const CLUSTER = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-invented/providers/Microsoft.ContainerService/managedClusters/aks-x`;
const IDENTITY = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-invented/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-x`;

interface Of {
  name: AzureReadName;
  word: string;
  /** What is told as the place. */
  scope: string;
  list: boolean;
  run(reader: AzureReader, how: Reading): Promise<Read<unknown>>;
}
const reads: Record<string, Of> = {
  cluster: {
    name: 'clusters',
    word: 'aks-x',
    scope: CLUSTER,
    list: false,
    run: (r, how) => r.cluster(named('aks-x'), how),
  },
  clusters: {
    name: 'clusters',
    word: 'managedClusters?',
    scope: `/subscriptions/${SUBSCRIPTION}`,
    list: true,
    run: (r, how) => r.clusters(SUBSCRIPTION, how),
  },
  bindings: {
    name: 'identityBindings',
    word: 'aks-x',
    scope: CLUSTER,
    list: true,
    run: (r, how) => r.identityBindings(named('aks-x'), how),
  },
  identity: {
    name: 'identities',
    word: 'id-x',
    scope: IDENTITY,
    list: false,
    run: (r, how) => r.identity(named('id-x'), how),
  },
  identities: {
    name: 'identities',
    word: 'userAssignedIdentities?',
    scope: `/subscriptions/${SUBSCRIPTION}`,
    list: true,
    run: (r, how) => r.identities(SUBSCRIPTION, how),
  },
  credentials: {
    name: 'federatedCredentials',
    word: 'id-x',
    scope: IDENTITY,
    list: true,
    run: (r, how) => r.federatedCredentials(named('id-x'), how),
  },
  subscriptions: {
    name: 'subscriptions',
    word: '/subscriptions?',
    scope: '/subscriptions',
    list: true,
    run: (r, how) => r.subscriptions(how),
  },
  application: {
    name: 'applications',
    word: APP,
    scope: APP,
    list: false,
    run: (r, how) => r.application('appId', APP, how),
  },
  applicationCredentials: {
    name: 'applications',
    word: APP,
    scope: APP,
    list: true,
    run: (r, how) => r.applicationCredentials(APP, false, how),
  },
  servicePrincipal: {
    name: 'applications',
    word: APP,
    scope: APP,
    list: false,
    run: (r, how) => r.servicePrincipal('id', APP, how),
  },
};
const each = Object.entries(reads);
const ofArm = each.filter(([, { name }]) => azureReads[name].of === 'arm');
const ofGraph = each.filter(([, { name }]) => azureReads[name].of === 'graph');

/** Reads once with this answer. */
async function once({ word, run }: Of, answer: Answer) {
  const asked = play(word, answer);
  return { failure: missed(await run(world().reader, reading())), asked };
}

describe('a refusal', () => {
  it.each(each)('403 of %s names what is missing, and where', async (_name, of) => {
    const { failure, asked } = await once(of, refusal(403, 'AuthorizationFailed'));
    expect(failure.reason).toBe('forbidden');
    expect(failure.detail).toContain(azureReads[of.name].permission);
    if (azureReads[of.name].of === 'arm') expect(failure.detail).toContain(of.scope);
    expect(failure.detail).toContain(CORRELATION);
    expect(failure.detail).not.toContain('SECRET');
    expect(asked).toHaveLength(1);
  });

  it.each(ofArm)('401 of another tenant, of %s', async (_name, of) => {
    const challenge = 'Bearer authorization_uri="https://login.windows.net/x", error="invalid_token"';
    const { failure, asked } = await once(
      of,
      refusal(401, 'InvalidAuthenticationTokenTenant', { 'www-authenticate': challenge }),
    );
    expect(failure.reason).toBe('forbidden');
    expect(failure.detail).toContain('another tenant');
    expect(failure.detail).not.toContain(azureReads[of.name].permission);
    expect(failure.detail).not.toContain('SECRET');
    expect(asked).toHaveLength(1);
  });

  it.each(each)('401 of any other kind, of %s', async (_name, of) => {
    const { failure } = await once(of, refusal(401, 'InvalidAuthenticationToken'));
    expect(failure).toMatchObject({
      reason: 'forbidden',
      detail: expect.stringContaining(azureReads[of.name].permission),
    });
  });

  it.each(ofArm)('404 of a resource that is not there is settled, of %s', async (_name, of) => {
    const { failure } = await once(of, refusal(404, 'ResourceNotFound'));
    expect(failure).toMatchObject({ reason: 'not-found', settled: true, detail: expect.stringContaining(CORRELATION) });
    expect(failure.detail).toContain(of.scope);
  });

  it.each(ofArm)('404 of a resource group that is not there is settled, of %s', async (_name, of) => {
    expect((await once(of, refusal(404, 'ResourceGroupNotFound'))).failure.settled).toBe(true);
  });

  it.each(ofArm)('404 of a subscription is not, of %s', async (_name, of) => {
    const { failure } = await once(of, refusal(404, 'SubscriptionNotFound'));
    expect(failure).toMatchObject({ reason: 'not-found', settled: false });
  });

  it.each(ofArm)('404 without a word of ARM is not, of %s', async (_name, of) => {
    expect((await once(of, json({}, 404))).failure).toMatchObject({ reason: 'not-found', settled: false });
  });

  it.each(ofGraph)('404 of Graph is settled, of %s', async (_name, of) => {
    const { failure, asked } = await once(of, refusal(404, 'Request_ResourceNotFound'));
    expect(failure).toMatchObject({ reason: 'not-found', settled: true });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['none', {}],
    ['no id', { 'x-ms-correlation-request-id': 'SECRET' }],
  ])('with %s as correlation id tells none', async (_name, headers) => {
    const answer = json({ error: { code: 'AuthorizationFailed' } }, 403, headers);
    const { failure } = await once(reads.cluster!, answer);
    expect(failure.detail).not.toMatch(/SECRET|correlation/);
  });

  it.each(ofGraph)('tells Graph’s request id, of %s', async (_name, of) => {
    const { failure } = await once(of, json({ error: { code: 'x' } }, 403, { 'request-id': CORRELATION }));
    expect(failure.detail).toContain(CORRELATION);
  });
});

describe('an answer that is malformed', () => {
  const forms: [string, Answer][] = [
    ['no JSON', text('SECRET <html>')],
    ['HTML', text('<!doctype html>SECRET', 'text/html')],
    ['text', text('SECRET', 'text/plain')],
    ['truncated', text('{"value":[{"name":"SECRET"')],
    ['an array', json(['SECRET'])],
    ['a string', json('SECRET')],
    ['null', json(null)],
    ['empty', text('')],
    [
      'cut off',
      (response) =>
        void response.writeHead(200, { 'content-length': '99' }).write('{"value":', () => response.destroy()),
    ],
  ];
  it.each(each.flatMap(([name, of]) => forms.map(([form, answer]) => [name, form, of, answer] as const)))(
    '%s: %s',
    async (_name, _form, of, answer) => {
      const { failure, asked } = await once(of, answer);
      expect(failure).toMatchObject({ reason: 'malformed' });
      expect(failure.detail).not.toContain('SECRET');
      expect(asked).toHaveLength(1);
    },
  );

  const noLists = [{}, { value: 'SECRET' }, { value: { name: 'SECRET' } }, { value: null }];
  it.each(
    each.filter(([, { list }]) => list).flatMap(([name, of]) => noLists.map((body) => [name, body, of] as const)),
  )('list of %s: %j', async (_name, body, of) => {
    const { failure } = await once(of, json(body));
    expect(failure.reason).toBe('malformed');
    expect(failure.detail).not.toContain('SECRET');
  });
});

describe('a subscription that the setting does not name', () => {
  it.each(ofArm.filter(([name]) => name !== 'subscriptions'))(
    'is not asked about, of %s',
    async (_name, { word, run }) => {
      const asked = play(word, json({ value: [] }));
      const { reader } = world({ subscriptions: [OTHER_SUBSCRIPTION] });
      const failure = missed(await run(reader, reading({ refresh: 'force' })));
      expect(failure).toMatchObject({ reason: 'forbidden', detail: expect.stringContaining(SUBSCRIPTION) });
      expect(asked).toEqual([]);
    },
  );

  it('is told from one that it names in other letters', async () => {
    const asked = play('aks-x', json({ id: CLUSTER, name: 'aks-x' }));
    const { reader } = world({ subscriptions: [OTHER_SUBSCRIPTION, SUBSCRIPTION.toUpperCase()] });
    expect(await reader.cluster(named('aks-x'), reading())).toMatchObject({ ok: true, value: { name: 'aks-x' } });
    expect(asked).toHaveLength(1);
  });
});
