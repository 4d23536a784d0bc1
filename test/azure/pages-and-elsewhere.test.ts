import { describe, expect, it } from 'vitest';
import type { AzureReader, Listed } from '../../src/azure/azure-reader.ts';
import type { Read } from '../../src/azure/reads.ts';
import {
  type Answer,
  ARM,
  GRAPH,
  got,
  inTurn,
  json,
  missed,
  named,
  play,
  playAzure,
  reading,
  refusal,
  SUBSCRIPTION,
  signedIn,
  TRACEPARENT,
  world,
} from './far-azure.ts';

const ELSEWHERE = 'https://elsewhere.test';
playAzure(ELSEWHERE);

const APP = '3e3e3e3e-0001-4222-8333-444455556666';
const clusters = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ContainerService`;
const identities = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ManagedIdentity`;

type List = (reader: AzureReader) => Promise<Read<Listed>>;
/** The lists by what reads them: either library, and no library. */
const lists: [name: string, word: string, host: string, link: string, list: List][] = [
  ['clusters', clusters, ARM, 'nextLink', (reader) => reader.clusters(SUBSCRIPTION, reading())],
  ['bindings', 'aks-paged', ARM, 'nextLink', (reader) => reader.identityBindings(named('aks-paged'), reading())],
  ['identities', identities, ARM, 'nextLink', (reader) => reader.identities(SUBSCRIPTION, reading())],
  ['credentials', 'id-paged', ARM, 'nextLink', (reader) => reader.federatedCredentials(named('id-paged'), reading())],
  ['Graph', APP, GRAPH, '@odata.nextLink', (reader) => reader.applicationCredentials(APP, false, reading())],
];

/** As much of a cluster, a binding and a credential as their clients ask for. */
const item = (name: string) => ({ name, properties: { managedIdentity: {}, audiences: [] } });

describe('a list in pages', () => {
  it.each(lists)('of %s is read to its end', async (_name, word, host, link, list) => {
    const next = (nth: number) => ({ [link]: `${host}/next?of=${encodeURIComponent(word)}&nth=${nth}` });
    const asked = play(
      word,
      inTurn(
        json({ value: [item('a'), item('b')], ...next(1) }),
        json({ value: [], ...next(2) }),
        json({ value: [item('c')] }),
      ),
    );
    const { items, complete } = got(await list(world().reader));
    expect([items.map(({ name }) => name), complete]).toEqual([['a', 'b', 'c'], true]);
    expect(asked.map(({ url }) => new URL(url, host).searchParams.get('nth'))).toEqual([null, '1', '2']);
    expect(new Set(asked.map(({ headers }) => headers['x-ms-client-request-id'])).size).toBe(1);
    expect(new Set(asked.map(({ headers }) => headers.traceparent))).toEqual(new Set([TRACEPARENT]));
  });

  it('of subscriptions is read to its end', async () => {
    const [first, second] = [SUBSCRIPTION, SUBSCRIPTION.replace(/.$/, '7')];
    const page = (subscriptionId: string, nextLink?: string) => json({ value: [{ subscriptionId }], nextLink });
    play('/subscriptions?', inTurn(page(first, `${ARM}/subscriptions?$skiptoken=x`), page(second)));
    expect(got(await world().reader.subscriptions(reading()))).toEqual([first, second]);
  });

  it.each(lists)('of %s without end is read only so far', async (_name, word, host, link, list) => {
    const value = Array.from({ length: 2_500 }, (_, index) => item(`n${index}`));
    const asked = play(word, json({ value, [link]: `${host}/next?of=${encodeURIComponent(word)}` }));
    const { items, complete } = got(await list(world().reader));
    expect([items.length, complete, asked.length]).toEqual([5_000, false, 3]);
  });

  it.each(lists)('of %s counts as nothing when a later page is refused', async (_name, word, host, link, list) => {
    const next = `${host}/next?of=${encodeURIComponent(word)}`;
    play(
      word,
      inTurn(json({ value: [item('a')], [link]: next }), json({ error: { code: 'AuthorizationFailed' } }, 403)),
    );
    expect(missed(await list(world().reader))).toMatchObject({ reason: 'forbidden' });
  });
});

describe('what leads to another host', () => {
  const targets = [
    `${ELSEWHERE}/steal`,
    'http://management.azure.com/steal',
    `${ARM}:8443/steal`,
    `${ARM}@elsewhere.test/steal`,
  ];
  const cases = lists.flatMap((one) => targets.map((target) => [...one, target] as const));
  it.each(cases)('as the next page of %s is not followed (%#)', async (_name, word, host, link, list, target) => {
    const stolen = play('/steal', json({ value: [item('stolen')] }));
    const answer: Answer = json({ value: [item('a')], [link]: target });
    const asked = play(word, answer);
    const { reason } = missed(await list(world().reader));
    expect(reason).toBe('malformed');
    expect(asked.map((one) => `https://${one.host}`)).toEqual([host]);
    expect(stolen).toEqual([]);
  });

  it.each(lists)('as the next page of %s without a scheme is not followed', async (_name, word, host, link, list) => {
    const next = `//elsewhere.test/steal?of=${encodeURIComponent(word)}`;
    const asked = play(word, inTurn(json({ value: [item('a')], [link]: next }), refusal(404, 'NotFound')));
    missed(await list(world().reader));
    expect([...new Set(asked.map((one) => `https://${one.host}`))]).toEqual([host]);
  });

  it.each(lists.flatMap((one) => [301, 302, 307, 308].map((status) => [...one, status] as const)))(
    'as a redirect of %s is not followed (%#)',
    async (_name, word, host, _link, list, status) => {
      const stolen = play('/steal', json({ value: [] }));
      const asked = play(word, json({}, status, { location: `${ELSEWHERE}/steal` }));
      expect(missed(await list(world().reader)).reason).toBe('unreachable');
      expect(asked.map((one) => `https://${one.host}`)).toEqual([host]);
      expect(stolen).toEqual([]);
    },
  );

  it('takes part in no sign-in', () => {
    expect([...new Set(signedIn)].sort()).toEqual([GRAPH, ARM].sort());
  });
});
