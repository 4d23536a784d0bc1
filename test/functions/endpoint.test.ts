import { HttpRequest, InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { Problem, RequestError } from '../../src/contract/problem.ts';
import { endpoint, type Route } from '../../src/functions/endpoint.ts';

const route = (run: () => Promise<object>): Route => ({
  methods: ['POST'],
  needs: ['TOKEN_DOCTOR_CLOUD'],
  load: async () => run,
});

async function call(of: Route, { method = 'POST', faults = [] as Parameters<typeof endpoint>[1] } = {}) {
  const logged: unknown[] = [];
  const context = new InvocationContext({
    functionName: 'f',
    invocationId: 'id-1',
    logHandler: (_level, ...parts) => void logged.push(...parts),
  });
  const answer = await endpoint(of, faults)(new HttpRequest({ method, url: 'http://localhost/' }), context);
  if (!answer || typeof answer !== 'object' || !('body' in answer)) throw new Error('no answer');
  return {
    status: answer.status,
    headers: new Headers(answer.headers as Record<string, string>),
    body: JSON.parse(String(answer.body)),
    logged: logged.join('\n'),
  };
}

describe('endpoint', () => {
  it('answers JSON that nobody keeps, with the request id', async () => {
    const { status, headers, body } = await call(route(async () => ({ a: 1 })));
    expect([status, body]).toEqual([200, { a: 1 }]);
    expect(Object.fromEntries(headers)).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'id-1',
    });
  });

  it('answers another method with 405 and what is served', async () => {
    const { status, headers, body } = await call(
      route(async () => ({})),
      { method: 'GET' },
    );
    expect([status, headers.get('allow'), headers.get('content-type')]).toEqual([
      405,
      'POST',
      'application/problem+json',
    ]);
    expect(Problem.parse(body)).toMatchObject({ status: 405, requestId: 'id-1' });
  });

  it('answers 503 where a setting it needs is wrong, and names it', async () => {
    const wrong = [{ setting: 'TOKEN_DOCTOR_CLOUD', detail: 'is not one of them' } as const];
    const { status, headers, body } = await call(
      route(async () => ({})),
      { faults: wrong },
    );
    expect([status, headers.get('retry-after')]).toEqual([503, '60']);
    expect(Problem.parse(body).detail).toContain('TOKEN_DOCTOR_CLOUD');
    expect(
      (
        await call(
          route(async () => ({})),
          { faults: [{ setting: 'TOKEN_DOCTOR_ISSUERS', detail: 'x' }] },
        )
      ).status,
    ).toBe(200);
  });

  it('answers the caller’s fault with its problem', async () => {
    const fault = new RequestError(
      { type: '/problems/x', title: 'X', status: 400, detail: 'Do y.', errors: [{ pointer: '/a', detail: 'b' }] },
      { 'x-more': '1' },
    );
    const { status, headers, body } = await call(route(async () => Promise.reject(fault)));
    expect([status, headers.get('x-more')]).toEqual([400, '1']);
    expect(body).toEqual({ ...fault.problem, requestId: 'id-1' });
  });

  it.each([
    ['an error', new TypeError('secret eyJcanary')],
    ['something else', 'secret eyJcanary'],
  ])('answers %s of ours with a bare 500; the log has name and place, not the message', async (_name, thrown) => {
    const { status, body, logged } = await call(route(async () => Promise.reject(thrown)));
    expect(status).toBe(500);
    expect(Problem.parse(body).type).toBe('/problems/internal-error');
    expect(`${JSON.stringify(body)}${logged}`).not.toContain('canary');
    expect(JSON.parse(logged)).toMatchObject({ event: 'bug', requestId: 'id-1', place: 'f' });
  });

  it('does not load again after a call that failed', async () => {
    let loads = 0;
    const of: Route = {
      methods: ['POST'],
      needs: [],
      load: async () => {
        loads += 1;
        return async () => Promise.reject(new Error('bug'));
      },
    };
    const handler = endpoint(of, []);
    for (let calls = 0; calls < 2; calls += 1) {
      await handler(
        new HttpRequest({ method: 'POST', url: 'http://localhost/' }),
        new InvocationContext({ logHandler: () => {} }),
      );
    }
    expect(loads).toBe(1);
  });

  it('loads once, and again after a load that failed', async () => {
    let loads = 0;
    const of: Route = {
      methods: ['POST'],
      needs: [],
      load: async () => {
        loads += 1;
        if (loads === 1) throw new Error('chunk');
        return async () => ({});
      },
    };
    const handler = endpoint(of, []);
    const run = async () =>
      (await handler(
        new HttpRequest({ method: 'POST', url: 'http://localhost/' }),
        new InvocationContext({ logHandler: () => {} }),
      )) as { status: number };
    expect([(await run()).status, (await run()).status, (await run()).status]).toEqual([500, 200, 200]);
    expect(loads).toBe(2);
  });
});
