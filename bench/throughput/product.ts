import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { startApp } from '../../local/functions-app.ts';
import { AUDIENCE } from '../keys/contenders.ts';
import { ISSUER, JWKS_URI, startKeyServer } from '../keys/key-server.ts';

/** A call of the product, which fails where its answer is not what it should be. */
export interface Call {
  name: string;
  once(): Promise<void>;
}

const CLUSTER_ISSUER =
  'https://westeurope.oic.prod-aks.azure.com/0a1b2c3d-1111-4222-8333-444455556666/c1c2c3c4-1111-4222-8333-444455556666/';

/** Starts the built entry with one policy, and gives the calls that are measured; none asks Azure for anything. */
export async function productCalls(): Promise<Call[]> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', use: 'sig', alg: 'RS256' };
  const server = await startKeyServer();
  server.keys = [jwk];
  const token = await new SignJWT(claims())
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: 'bench' })
    .sign(privateKey);

  process.env.TOKEN_DOCTOR_ISSUERS = JSON.stringify([{ issuer: ISSUER, jwksUri: JWKS_URI }]);
  process.env.TOKEN_DOCTOR_POLICIES = JSON.stringify({ default: { issuers: [ISSUER], audiences: [AUDIENCE] } });
  process.env.TOKEN_DOCTOR_RATE_LIMIT = '0';
  // The entry tells of its start; only the tables are for stdout.
  console.log = () => {};
  const app = await startApp('dist/index.js', '', () => {});

  const call = (path: string, type: string, text: string, answered: string): Call => {
    const called = app.functions.find(({ route }) => route === path);
    if (!called) throw new Error(`The product has no route ${path}.`);
    const body = Buffer.from(text);
    const headers = { 'content-type': type, 'content-length': String(body.length) };
    const traceContext = { traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const url = new URL(path, 'https://bench.example/');
    return {
      name: `\`/${path}\``,
      once: async () => {
        const answer = await app.invoke(called, { method: 'POST', url, headers, parameters: {}, body, traceContext });
        const said = Buffer.from(answer.body).toString();
        if (!said.includes(answered)) throw new Error(`${path} answered ${answer.status} ${said.slice(0, 500)}`);
      },
    };
  };
  const json = 'application/json';
  const passes = '"verdict": "pass"';
  return [
    call('api/introspect', 'application/x-www-form-urlencoded', `token=${token}`, '"active": true'),
    call('api/tokens/analyze', json, JSON.stringify({ token, target: { policy: 'default' } }), passes),
    call('api/federation/verify', json, JSON.stringify(federation(jwk)), passes),
  ];
}

/** As many and as long as those of an access token of Entra: about 1.5 kB with header and signature. */
function claims() {
  const seconds = Math.floor(Date.now() / 1000);
  const some = () => randomBytes(24).toString('base64url');
  const named = ['aio', 'appid', 'azp', 'deviceid', 'family_name', 'given_name', 'idp', 'ipaddr', 'name', 'oid', 'rh'];
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: some(),
    iat: seconds - 60,
    nbf: seconds - 60,
    exp: seconds + 86_400,
    scp: 'orders.read',
    ver: '2.0',
    uti: some(),
    ...Object.fromEntries(named.map((name) => [name, some()])),
  };
}

/** What `az` prints, handed in: a chain without a fault. */
const federation = (jwk: object) => ({
  workload: { namespace: 'shop', serviceAccount: 'checkout' },
  evidence: {
    cluster: {
      name: 'aks-shop',
      powerState: { code: 'Running' },
      provisioningState: 'Succeeded',
      oidcIssuerProfile: { enabled: true, issuerUrl: CLUSTER_ISSUER },
      securityProfile: { workloadIdentity: { enabled: true } },
    },
    federatedCredentials: [
      {
        name: 'checkout',
        issuer: CLUSTER_ISSUER,
        subject: 'system:serviceaccount:shop:checkout',
        audiences: ['api://AzureADTokenExchange'],
      },
    ],
    discovery: { issuer: CLUSTER_ISSUER, jwks_uri: `${CLUSTER_ISSUER}openid/v1/jwks` },
    keys: { keys: [jwk] },
  },
});
