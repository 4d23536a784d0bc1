import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { expect, it } from 'vitest';
import type { Route, World } from '../../src/functions/endpoint.ts';
import { handlerOf } from '../../src/functions/handler.ts';
import { routes } from '../../src/routes.ts';
import { readSettings } from '../../src/settings.ts';
import { KeyCache } from '../../src/verify/key-cache.ts';
import { json, OTHER_SUBSCRIPTION, play, playAzure, SUBSCRIPTION, TRACEPARENT, world } from '../azure/far-azure.ts';
import { ROOT } from '../local/child.ts';
import { startServer } from '../local/server.ts';

playAzure();

const APP = '3e3e3e3e-0001-4222-8333-444455556666';
const TRACE = TRACEPARENT.slice(3, 35);
const ARM_HOST = 'management.azure.com';
const GRAPH_HOST = 'graph.microsoft.com';

/** What ARM and Graph see of a call that has an identity looked for, and what is logged. */
async function traced(traceParent: string) {
  const list = json({ value: [] });
  const asked = [
    play(
      '/subscriptions?',
      json({ value: [SUBSCRIPTION, OTHER_SUBSCRIPTION].map((subscriptionId) => ({ subscriptionId })) }),
    ),
    play(`${SUBSCRIPTION}/providers`, list),
    play(`${OTHER_SUBSCRIPTION}/providers`, list),
    play(APP, json({ error: { code: 'Request_ResourceNotFound' } }, 404)),
  ];
  const now = () => new Date();
  const read = readSettings({});
  const port = { getJson: () => expect.unreachable('no issuer is asked') };
  const ofDoctor: World = {
    ...read,
    routes,
    secondsToWait: () => 0,
    sources: async () => ({
      keys: new KeyCache({ port, now, freshSeconds: 600 }),
      now,
      cloud: 'public',
      issuers: [],
      openOrigins: [],
      tenants: [],
      azure: world().reader,
    }),
  };
  const logged: string[] = [];
  const context = new InvocationContext({
    functionName: 'verifyFederation',
    invocationId: 'id-1',
    traceContext: { traceParent, traceState: 'evil=1' },
    logHandler: (_level, ...parts) => void logged.push(parts.join(' ')),
  });
  const body = { string: JSON.stringify({ identity: { clientId: APP }, workload: { subject: 'a' } }) };
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost/',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const route = routes.find(({ name }) => name === 'verifyFederation') as Route;
  expect(await handlerOf(route, ofDoctor)(request, context)).toMatchObject({ status: 200 });
  return { asked: asked.flat(), logged: logged.join('\n') };
}

it('a call is one trace, at ARM and at Graph', async () => {
  const { asked, logged } = await traced(TRACEPARENT);
  expect(new Set(asked.map(({ host }) => host))).toEqual(new Set([ARM_HOST, GRAPH_HOST]));
  expect(new Set(asked.map(({ headers }) => headers.traceparent))).toEqual(new Set([TRACEPARENT]));
  expect(logged).toContain(`"traceId":"${TRACE}"`);
});

it.each([
  ['too short', TRACEPARENT.slice(0, -1)],
  ['in upper case', TRACEPARENT.toUpperCase()],
  ['of zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`],
  ['with a header behind it', `${TRACEPARENT}\r\nx-evil: 1`],
  ['of 10 kB', `${TRACEPARENT}${'e'.repeat(10_000)}`],
])('a trace %s goes nowhere', async (_case, traceParent) => {
  const { asked, logged } = await traced(traceParent);
  expect(asked.length).toBeGreaterThan(4);
  for (const { headers } of asked) {
    expect(headers).not.toHaveProperty('traceparent');
    expect(JSON.stringify(headers)).not.toMatch(/evil|4bf92f/i);
  }
  expect(logged).not.toMatch(/evil|4bf92f|0{32}/i);
});

it('a caller of the running API meets its trace again at ARM, at Graph and in the log', async () => {
  const requests = pathToFileURL(join(ROOT, 'test/local/fixtures/requests.ts')).href;
  const server = await startServer({ env: { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${requests}` } });
  try {
    const response = await fetch(`${server.url}/api/federation/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: TRACEPARENT, tracestate: 'evil=1' },
      body: JSON.stringify({ identity: { clientId: APP }, workload: { namespace: 'a', serviceAccount: 'b' } }),
    });
    expect(response.status).toBe(200);
    await expect
      .poll(server.output)
      .toContain(`"requestId":"${response.headers.get('x-request-id')}","traceId":"${TRACE}"`);
    for (const host of [ARM_HOST, GRAPH_HOST]) {
      const asked = server
        .output()
        .split('\n')
        .filter((line) => line.startsWith(`asked ${host} `));
      expect(asked.length).toBeGreaterThan(0);
      // The host has a span of its own in between.
      for (const line of asked)
        expect(line).toMatch(new RegExp(`^asked ${host} 00-${TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01 undefined$`));
    }
    expect(server.output()).not.toContain('evil');

    const group = '/subscriptions/0a1b2c3d-aaaa-4222-8333-444455556666/resourceGroups/rg-shop';
    const another = TRACEPARENT.replace('4bf9', '5bf9');
    await fetch(`${server.url}/api/keys/validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: another },
      body: JSON.stringify({
        kid: 'a',
        cluster: { resourceId: `${group}/providers/Microsoft.ContainerService/managedClusters/aks-shop` },
      }),
    });
    await expect.poll(server.output).toContain(`asked ${ARM_HOST} ${another.slice(0, 36)}`);
    const others = server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('asked ') && !/ (?:management\.azure|graph\.microsoft)\.com /.test(line));
    expect(others.join()).toContain('oic.prod-aks.azure.com');
    for (const line of others) expect(line).toMatch(/ undefined undefined$/);
  } finally {
    await server.stop();
  }
});
