import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_ID, CLUSTER_ISSUER, TENANT } from '../../local/sandbox/world.ts';
import { type StartedServer, startServer } from '../local/server.ts';
import { SUITE_CANARY } from '../suite-record.ts';
import { testKey } from '../tokens.ts';

/** Stands in every claim and header of the tokens here; the whole suite's logs are searched for it at the end, too. */
const canary = process.env[SUITE_CANARY] ?? 'canary';

let server: StartedServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

/** Tokens that take every way through the product: good ones, and broken ones of each kind. */
async function tokens(): Promise<string[]> {
  const now = Math.floor(Date.now() / 1000);
  const issuers = [
    `https://login.microsoftonline.com/${TENANT}/v2.0`,
    `https://sts.windows.net/${TENANT}/`,
    CLUSTER_ISSUER,
    `https://${canary}.example/`,
    canary,
  ];
  const claims = (iss: string) => ({
    iss,
    aud: iss === canary ? canary : API_ID,
    exp: now + 3600,
    tid: iss === canary ? canary : TENANT,
    ...Object.fromEntries(
      ['sub', 'oid', 'appid', 'azp', 'scp', 'jti', 'uti', 'upn', 'name', 'ver', 'idtyp', canary].map((name) => [
        name,
        `${name}-${canary}`,
      ]),
    ),
    roles: [canary],
    groups: [canary],
    'kubernetes.io': { [canary]: canary },
    cnf: { kid: canary },
  });
  const key = await testKey(canary);
  const good = await Promise.all(
    issuers.map((iss) =>
      key.sign(claims(iss), { typ: canary, x5t: canary, jku: `https://${canary}.example/`, nonce: canary }),
    ),
  );
  // Signed by the sandbox, so that the way beyond the signature is taken as well.
  const minted = await Promise.all(
    [
      `entra-v2?claim.name=${canary}&claim.roles=["${canary}"]&claim.sub=${canary}&claim.oid=${canary}&claim.uti=${canary}&header.x=${canary}`,
      `entra-v2?claim.scp=${canary}&claim.azp=${canary}&claim.sub=${canary}`,
      `entra-v1?aud=aks&claim.oid=${canary}`,
      `entra-v1?aud=${canary}`,
      `entra-v2?claim.exp="${canary}"`,
    ].map(async (recipe) => await (await fetch(`${server.url}/sandbox/tokens/${recipe}`)).text()),
  );
  const [first = ''] = good;
  return [
    ...good,
    ...minted,
    first.slice(0, first.length / 2),
    `Bearer ${first}`,
    `${first}${'A'.repeat(20_000)}`,
    `${first}.${canary}.${canary}`,
    `{"${canary}"`,
    canary,
  ];
}

const send = async (path: string, body: string, type: string, accept = '*/*') =>
  await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, accept, authorization: `Bearer ${canary}`, 'x-functions-key': canary },
    body,
  });

describe('no word of a token', () => {
  it('stands in a log or in a problem document, whatever way it is sent and whatever becomes of it', async () => {
    const json = 'application/json';
    const form = 'application/x-www-form-urlencoded';
    const answers: Promise<Response>[] = [];
    const sent = await tokens();
    for (const token of sent) {
      answers.push(
        send('/api/introspect', `token=${encodeURIComponent(token)}`, form),
        send('/api/introspect', JSON.stringify({ token }), json),
        send('/api/introspect?policy=pods', JSON.stringify({ token, token_type_hint: canary }), json),
        ...[
          'aks-api-server',
          'arm',
          'token-exchange',
          'servicenow-oidc',
          { policy: 'default' },
          { custom: { issuers: [canary], audiences: [canary], subjects: [canary] } },
          undefined,
        ].map((target) => send('/api/tokens/analyze', JSON.stringify({ token, target }), json)),
        send('/api/tokens/analyze', JSON.stringify({ token, target: 'mcp', resource: canary }), json),
        send('/api/tokens/analyze', JSON.stringify({ header: { alg: canary }, claims: { iss: token } }), json),
        ...['text/markdown', 'text/plain', 'application/junit+xml'].map((type) =>
          send('/api/tokens/analyze?gate=true', JSON.stringify({ token, target: 'arm' }), json, type),
        ),
        send('/api/keys/validate', JSON.stringify({ token }), json),
        send('/api/keys/validate', JSON.stringify({ token, tenant: TENANT, consumer: { jwksUri: token } }), json),
        send('/api/keys/validate', JSON.stringify({ kid: canary, jwksUri: `https://${canary}.example/keys` }), json),
        send(
          '/api/keys/validate',
          JSON.stringify({ kid: canary, tenant: TENANT, appId: API_ID, refresh: 'force' }),
          json,
        ),
        // The token in the wrong place, in every place there is.
        send('/api/keys/validate', JSON.stringify({ kid: token, issuer: token, jwksUri: token }), json),
        send('/api/keys/validate', JSON.stringify({ kid: [token], tenant: token, appId: token, refresh: token }), json),
        send(
          '/api/keys/validate',
          JSON.stringify({ token, consumer: { product: token, jwks: { keys: token } } }),
          json,
        ),
        send('/api/keys/validate', JSON.stringify({ token, cluster: { resourceId: [token] } }), json),
        send('/api/federation/verify', JSON.stringify({ token, identity: { clientId: canary } }), json),
        send('/api/federation/verify', JSON.stringify({ token, identity: { clientId: token.slice(0, 2000) } }), json),
        send(
          '/api/federation/verify',
          JSON.stringify({
            workload: { namespace: canary, serviceAccount: canary, issuer: canary, audience: canary },
            evidence: {
              cluster: { id: canary, name: canary, oidcIssuerProfile: { enabled: true, issuerURL: canary } },
              identity: { clientId: canary, tenantId: canary },
              federatedCredentials: [{ name: canary, issuer: canary, subject: canary, audiences: [canary] }],
            },
          }),
          json,
        ),
        send('/api/federation/verify', JSON.stringify({ token: [token], cluster: token, identity: token }), json),
        send(
          '/api/federation/verify',
          JSON.stringify({
            claims: token,
            cluster: { resourceId: token },
            identity: { clientId: [token], tenantId: token },
          }),
          json,
        ),
        send(`/api/introspect?policy=${encodeURIComponent(token.slice(0, 4000))}`, 'token=a', form),
        send(`/api/tokens/analyze?gate=${encodeURIComponent(token.slice(0, 4000))}`, '{}', json),
        send('/api/introspect', JSON.stringify({ token: { [token]: 1 } }), json),
        send('/api/tokens/analyze', JSON.stringify({ claims: token, header: token, resource: token }), json),
        send('/api/tokens/analyze', JSON.stringify({ token, target: { policy: token, custom: token } }), json),
        send('/api/tokens/analyze', JSON.stringify({ token, target: { policy: token } }), json),
        send('/api/tokens/analyze', JSON.stringify({ token: [token], target: token, cloud: token, at: token }), json),
        send('/api/tokens/analyze', `{"token":"${token}`, json),
        send('/api/tokens/analyze', token, json),
        send('/api/tokens/analyze', token, token.slice(0, 100).replace(/[^\w.-]/g, '')),
      );
    }
    const received = await Promise.all(answers);
    const problems = received.filter(({ headers }) => headers.get('content-type') === 'application/problem+json');
    expect(problems.length).toBeGreaterThan(sent.length * 6);
    const texts = await Promise.all(problems.map(async (problem) => await problem.text()));
    // A problem may repeat up to 24 characters of a name that stands where a name belongs.
    expect(texts.filter((text) => text.includes(canary))).toEqual([]);
    // One line a request, and what was taken away is not in them.
    await expect.poll(() => server.output().match(/"event":"request"/g)?.length).toBe(received.length);
    expect(server.output()).toMatch(/"active":true/);
    expect(server.output()).not.toContain(canary);
    for (const token of sent) {
      const signature = token.split('.')[2]?.slice(0, 24) ?? '';
      if (signature.length === 24) expect(server.output()).not.toContain(signature);
    }
  });
});
