import { describe, expect, it, vi } from 'vitest';
import type { Read } from '../../src/azure/reads.ts';
import {
  got,
  json,
  missed,
  named,
  play,
  playAzure,
  playSignIn,
  reading,
  SUBSCRIPTION,
  signedIn,
  timed,
  world,
} from './far-azure.ts';

/** The identity library keeps tokens for the whole process, so each case has an Azure, and thus a resource, of its own. */
const azures = {
  refuses: 'https://management.refuses.invented',
  forbids: 'https://management.forbids.invented',
  fails: 'https://management.fails.invented',
  silent: 'https://management.silent.invented',
  absent: 'https://management.absent.invented',
  cli: 'https://management.cli.invented',
  many: 'https://management.many.invented',
};
playAzure(...Object.values(azures));

const fine = json({ id: `/subscriptions/${SUBSCRIPTION}/x`, name: 'fine', value: [], properties: {} });
const wasAsked = (resource: string) => signedIn.filter((one) => one === resource).length;

describe('an identity endpoint', () => {
  it.each([
    ['refuses', 400],
    ['forbids', 401],
  ] as const)('that %s (%i) leaves nothing readable, until it does not', async (which, status) => {
    const arm = azures[which];
    playSignIn(arm, (response, nth) => {
      if (nth > 0) return false;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: 'invalid_request', error_description: 'SECRET' }));
      return true;
    });
    const asked = play(`id-${which}`, fine);
    const { reader } = world({ arm });
    const { read, ms } = await timed(reader.identity(named(`id-${which}`), reading()));
    expect(missed(read)).toMatchObject({ reason: 'forbidden', detail: expect.stringContaining('sign in') });
    expect(missed(read).detail).not.toContain('SECRET');
    expect(ms).toBeLessThan(3_000);
    expect([asked.length, wasAsked(arm)]).toEqual([0, 1]);

    got(await reader.identity(named(`id-${which}`), reading({ refresh: 'force' })));
    expect([asked.length, wasAsked(arm)]).toEqual([1, 2]);
  });

  it('that never answers is waited for only as long as the caller does', async () => {
    const arm = azures.silent;
    playSignIn(arm, (_response, nth) => nth === 0);
    const asked = play('id-silent', fine);
    const { reader } = world({ arm });
    const signal = AbortSignal.timeout(300);
    const { read, ms } = await timed(reader.identity(named('id-silent'), reading({ signal })));
    expect(missed(read).reason).toBe('unreachable');
    expect(ms).toBeLessThan(1_500);
    expect(asked).toEqual([]);

    // The read goes on, for whoever waits longer; none of it stands in the way of another, once it is given up.
    const longer = await timed(reader.identity(named('id-silent'), reading()));
    expect(missed(longer.read)).toMatchObject({ reason: expect.stringMatching(/^(unreachable|forbidden)$/) });
    expect(longer.ms).toBeLessThan(8_500);
    for (const run of [
      async () => await reader.identity(named('id-silent'), reading({ refresh: 'force' })),
      async () => await reader.subscriptions(reading()),
    ]) {
      play('/subscriptions?', fine);
      got<unknown>(await (run() as Promise<Read<unknown>>));
    }
    expect(asked).toHaveLength(1);
  });

  it('is asked once, however many wait', async () => {
    const arm = azures.many;
    const asked = play('id-many', fine);
    const { reader } = world({ arm });
    const reads = Array.from({ length: 12 }, (_, index) => reader.identity(named(`id-many-${index}`), reading()));
    for (const read of await Promise.all(reads)) got(read);
    expect([asked.length, wasAsked(arm)]).toEqual([12, 1]);
  });

  it('that cannot be reached leaves nothing readable', async () => {
    const arm = azures.absent;
    playSignIn(arm, (response) => response.socket?.destroy() !== undefined);
    const asked = play('id-absent', fine);
    const { reader } = world({ arm });
    expect(missed(await reader.identity(named('id-absent'), reading())).reason).toMatch(/^(forbidden|unreachable)$/);
    expect(asked).toEqual([]);
  });
});

describe('a workstation', () => {
  it('without az is not signed in', async () => {
    const endpoint = process.env.IDENTITY_ENDPOINT;
    vi.stubEnv('IDENTITY_ENDPOINT', '');
    vi.stubEnv('PATH', '/nowhere');
    try {
      const asked = play('id-cli', fine);
      const failure = missed(await world({ arm: azures.cli }).reader.identity(named('id-cli'), reading()));
      expect(failure).toMatchObject({ reason: 'forbidden', detail: expect.stringContaining('az login') });
      expect(asked).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      vi.stubEnv('IDENTITY_ENDPOINT', endpoint);
      vi.stubEnv('IDENTITY_HEADER', 'invented-identity-header');
    }
  });
});
