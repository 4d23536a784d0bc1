import { describe, expect, it } from 'vitest';
import type { AzureReader } from '../../src/azure/azure-reader.ts';
import type { Read, Reading } from '../../src/azure/reads.ts';
import {
  type Answer,
  got,
  inTurn,
  json,
  missed,
  named,
  play,
  playAzure,
  reading,
  refusal,
  reset,
  SUBSCRIPTION,
  silence,
  timed,
  world,
} from './far-azure.ts';

playAzure();

type Run = (reader: AzureReader, name: string, how?: Reading) => Promise<Read<object>>;
/** Each client there is: those of either library, and none. */
const clients: [name: string, run: Run][] = [
  ['cluster', (reader, name, how = reading()) => reader.cluster(named(name), how)],
  ['identity', (reader, name, how = reading()) => reader.identity(named(name), how)],
  ['application', (reader, name, how = reading()) => reader.application('id', name, how)],
];
const fine: Answer = json({
  id: `/subscriptions/${SUBSCRIPTION}/x`,
  name: 'fine',
  properties: {},
});
const failing = refusal(500, 'InternalServerError');
const throttled = (after: string, status = 429) => refusal(status, 'TooManyRequests', { 'retry-after': after });
const trickle: Answer = (response) => void response.writeHead(200).write('{"id":');
const seconds = () => '30';
const date = () => new Date(Date.now() + 30_500).toUTCString();
const words = ([client]: [string, Run], what: string) => `${what}-of-${client}`;

describe.concurrent.each(clients)('%s', (...client) => {
  const [, run] = client;

  it.each([
    ['500 twice', inTurn(failing, failing, fine), 3],
    ['503 once', inTurn(refusal(503, 'ServerBusy'), fine), 2],
    ['a reset', inTurn(reset, fine), 2],
    ['throttling of a second', inTurn(throttled('1'), fine), 2],
    ['throttling of no time', inTurn(throttled('0'), fine), 2],
  ] as const)('is read after %s', async (what, answer, requests) => {
    const word = words(client, `after-${what.replaceAll(' ', '-')}`);
    const asked = play(word, answer);
    const { read, ms } = await timed(run(world().reader, word));
    expect(got(read)).toMatchObject({ id: expect.any(String) });
    expect(asked).toHaveLength(requests);
    if (what === 'throttling of a second') expect(ms).toBeGreaterThan(900);
  });

  it.each([
    ['500', failing, 4],
    ['a reset', reset, 4],
    ['501', refusal(501, 'NotImplemented'), 1],
  ] as const)('is unreachable after %s without end', async (what, answer, requests) => {
    const word = words(client, `ever-${what.replaceAll(' ', '-')}`);
    const asked = play(word, answer);
    const { read, ms } = await timed(run(world().reader, word));
    expect(missed(read)).toMatchObject({ reason: 'unreachable' });
    expect(missed(read).detail).not.toContain('SECRET');
    expect(ms).toBeLessThan(3_000);
    expect(asked).toHaveLength(requests);
  });

  it.each([
    ['silence', silence],
    ['a trickle', trickle],
  ] as const)('is unreachable after three seconds of %s', async (what, answer) => {
    const word = words(client, what.replace(' ', '-'));
    const asked = play(word, answer);
    const { read, ms } = await timed(run(world().reader, word));
    expect(missed(read).reason).toBe('unreachable');
    expect(ms).toBeGreaterThan(2_900);
    expect(ms).toBeLessThan(4_000);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['seconds', 429, seconds],
    ['a date', 429, date],
    ['seconds', 503, seconds],
  ] as const)('is left alone for the time that is asked for in %s (%i)', async (form, status, after) => {
    const word = words(client, `alone-${form.replace(' ', '-')}-${status}`);
    const first: Answer = (...to) => throttled(after(), status)(...to);
    const asked = play(word, inTurn(first, fine));
    const { reader, clock } = world();
    const { read, ms } = await timed(run(reader, word));
    const failure = missed(read);
    expect(failure.reason).toBe('throttled');
    expect(ms).toBeLessThan(1_500);
    const wait = failure.until!.getTime() - failure.observedAt.getTime();
    expect(wait).toBeGreaterThan(28_000);
    expect(wait).toBeLessThanOrEqual(31_000);

    for (const aheadMs of [0, 6_000, 27_000]) {
      clock.aheadMs = aheadMs;
      for (const refresh of ['auto', 'force'] as const)
        expect(missed(await run(reader, word, reading({ refresh })))).toMatchObject({
          reason: 'throttled',
          until: failure.until,
        });
    }
    expect(asked).toHaveLength(1);
    clock.aheadMs = 31_500;
    got(await run(reader, word));
    expect(asked).toHaveLength(2);
  });

  it('that is throttled stands in the way of no other', async () => {
    const [word, other] = [words(client, 'apart'), words(client, 'fellow')];
    play(word, throttled('30'));
    play(other, fine);
    const { reader } = world();
    missed(await run(reader, word));
    got(await run(reader, other));
  });

  it.each([
    ['a second each', '1', 4],
    ['no time that is told', undefined, 1],
  ] as const)('that is throttled for ever, for %s, is throttled', async (_what, after, requests) => {
    const word = words(client, `throttled-${after}`);
    const asked = play(word, after === undefined ? refusal(429, 'TooManyRequests') : throttled(after));
    expect(missed(await run(world().reader, word)).reason).toBe('throttled');
    expect(asked.length).toBeLessThanOrEqual(requests);
  });

  it('is left alone for five minutes at most, whatever is asked for', async () => {
    const word = words(client, 'for-ages');
    play(word, throttled('99999999'));
    const failure = missed(await run(world().reader, word));
    const wait = failure.until!.getTime() - failure.observedAt.getTime();
    expect(wait).toBeGreaterThan(298_000);
    expect(wait).toBeLessThanOrEqual(300_000);
  });

  it.each(['retry-after-ms', 'x-ms-retry-after-ms'])('heeds %s', async (header) => {
    const word = words(client, `heeds-${header}`);
    const asked = play(word, refusal(429, 'TooManyRequests', { [header]: '30000' }));
    const { read, ms } = await timed(run(world().reader, word));
    expect([missed(read).reason, asked.length]).toEqual(['throttled', 1]);
    expect(ms).toBeLessThan(1_500);
  });
});
