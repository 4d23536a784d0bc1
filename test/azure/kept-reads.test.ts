import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
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
  SUBSCRIPTION,
  silence,
  TRACEPARENT,
  timed,
  world,
} from './far-azure.ts';

playAzure();

const id = (name: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-invented/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
const identity = (name: string) => json({ id: id(name), name, properties: {} });
const slowly =
  (ms: number, answer: Answer): Answer =>
  (response, nth, request) =>
    void setTimeout(ms).then(() => answer(response, nth, request));

describe('what was read', () => {
  it('is kept for 30 s, and told with its age', async () => {
    const asked = play('id-kept', identity('id-kept'));
    const { reader, clock } = world();
    const first = await reader.identity(named('id-kept'), reading());
    clock.aheadMs = 29_000;
    const second = await reader.identity(named('id-kept'), reading());
    expect([second.observedAt, asked.length]).toEqual([first.observedAt, 1]);
    clock.aheadMs = 30_001;
    const third = await reader.identity(named('id-kept'), reading());
    expect(third.observedAt.getTime()).toBeGreaterThan(first.observedAt.getTime() + 29_000);
    expect(asked).toHaveLength(2);
  });

  it('does not count when it is to be read anew, and what is read then does', async () => {
    const asked = play('id-forced', identity('id-forced'));
    const { reader } = world();
    for (const refresh of ['auto', 'force', 'force', 'auto'] as const)
      got(await reader.identity(named('id-forced'), reading({ refresh })));
    expect(asked).toHaveLength(3);
  });

  it('is read under the id and the trace of whoever asked first', async () => {
    const asked = play('id-traced', slowly(100, identity('id-traced')));
    const { reader } = world();
    const other = { requestId: 'another', traceparent: TRACEPARENT.replace('4bf9', '5bf9') };
    const both = [reading({ requestId: 'the-first' }), reading(other)];
    for (const read of await Promise.all(both.map((how) => reader.identity(named('id-traced'), how)))) got(read);
    expect(asked.map(({ headers }) => [headers['x-ms-client-request-id'], headers.traceparent])).toEqual([
      ['the-first', TRACEPARENT],
    ]);
  });

  it('is one however its name is spelt', async () => {
    const asked = play('id-letters', identity('id-letters'));
    const { reader } = world();
    got(await reader.identity(named('id-letters'), reading()));
    got(await reader.identity({ ...named('ID-Letters'), resourceGroup: 'RG-Invented' }, reading()));
    expect(asked).toHaveLength(1);
  });

  it('is kept for itself: not for its credentials, nor for another reader', async () => {
    const asked = play('id-apart', (response, nth, request) =>
      (request.url?.includes('federated') ? json({ value: [] }) : identity('id-apart'))(response, nth, request),
    );
    const { reader } = world();
    expect(got(await reader.identity(named('id-apart'), reading()))).toMatchObject({ name: 'id-apart' });
    expect(got(await reader.federatedCredentials(named('id-apart'), reading())).items).toEqual([]);
    got(await world().reader.identity(named('id-apart'), reading()));
    expect(asked).toHaveLength(3);
  });

  it('of version 1.0 is not taken for the beta version', async () => {
    const app = '3e3e3e3e-0001-4222-8333-444455556666';
    const asked = play(app, json({ value: [] }));
    const { reader } = world();
    got(await reader.applicationCredentials(app, false, reading()));
    got(await reader.applicationCredentials(app, true, reading()));
    expect(asked).toHaveLength(2);
  });
});

describe('a failure', () => {
  it('is kept for 5 s alone', async () => {
    const asked = play('id-late', inTurn(refusal(403, 'AuthorizationFailed'), identity('id-late')));
    const { reader, clock } = world();
    expect(missed(await reader.identity(named('id-late'), reading())).reason).toBe('forbidden');
    clock.aheadMs = 4_000;
    expect(missed(await reader.identity(named('id-late'), reading())).reason).toBe('forbidden');
    expect(asked).toHaveLength(1);
    clock.aheadMs = 5_001;
    expect(got(await reader.identity(named('id-late'), reading()))).toMatchObject({ name: 'id-late' });
    expect(asked).toHaveLength(2);
  });

  it('does not count when it is to be read anew', async () => {
    const asked = play('id-anew', inTurn(refusal(404, 'ResourceNotFound'), identity('id-anew')));
    const { reader } = world();
    missed(await reader.identity(named('id-anew'), reading()));
    got(await reader.identity(named('id-anew'), reading({ refresh: 'force' })));
    expect(asked).toHaveLength(2);
  });
});

describe('many at the same time', () => {
  it.each(['auto', 'force'] as const)('share one request (%s)', async (refresh) => {
    const word = `id-shared-${refresh}`;
    const asked = play(word, slowly(50, identity(word)));
    const { reader } = world();
    const reads = await Promise.all(
      Array.from({ length: 20 }, () => reader.identity(named(word), reading({ refresh }))),
    );
    expect(reads.map((read) => read.ok)).toEqual(Array(20).fill(true));
    expect(asked).toHaveLength(1);
  });

  it('share one refusal', async () => {
    const asked = play('id-refused', slowly(50, refusal(403, 'AuthorizationFailed')));
    const { reader } = world();
    const reads = await Promise.all(Array.from({ length: 20 }, () => reader.identity(named('id-refused'), reading())));
    expect(new Set(reads.map((read) => missed(read).reason))).toEqual(new Set(['forbidden']));
    expect(asked).toHaveLength(1);
  });

  it('are eight requests at once, of whatever is read', async () => {
    const asked = play('at-once', slowly(40, json({ id: id('at-once'), name: 'at-once', properties: {} })));
    const { reader } = world();
    const names = Array.from({ length: 30 }, (_, index) => named(`at-once-${index}`));
    const reads = names.map((one, index) =>
      index % 2 === 0 ? reader.identity(one, reading()) : reader.cluster(one, reading()),
    );
    expect((await Promise.all<{ ok: boolean }>(reads)).every(({ ok }) => ok)).toBe(true);
    expect(asked).toHaveLength(30);
    expect(Math.max(...asked.map(({ atOnce }) => atOnce))).toBe(8);
  });
});

describe('a caller that waits no longer', () => {
  it('is told so at once', async () => {
    play('id-silent', silence);
    const { read, ms } = await timed(
      world().reader.identity(named('id-silent'), reading({ signal: AbortSignal.timeout(200) })),
    );
    expect(missed(read).reason).toBe('unreachable');
    expect(ms).toBeLessThan(1_500);
  });

  it('that never waited is, too', async () => {
    play('id-hurry', silence);
    const signal = AbortSignal.abort();
    const { read, ms } = await timed(world().reader.identity(named('id-hurry'), reading({ signal })));
    expect(missed(read).reason).toBe('unreachable');
    expect(ms).toBeLessThan(1_000);
  });

  it('leaves the read to those who do', async () => {
    const asked = play('id-patient', slowly(400, identity('id-patient')));
    const { reader } = world();
    const [hasty, patient] = await Promise.all([
      reader.identity(named('id-patient'), reading({ signal: AbortSignal.timeout(100) })),
      reader.identity(named('id-patient'), reading()),
    ]);
    expect([missed(hasty).reason, got(patient)]).toMatchObject(['unreachable', { name: 'id-patient' }]);
    got(await reader.identity(named('id-patient'), reading()));
    expect(asked).toHaveLength(1);
  });
});
