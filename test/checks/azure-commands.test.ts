import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { aks, deleteCredential, word, writeCredential } from '../../src/checks/azure-commands.ts';
import { CLIENT, HOSTILE } from './builders.ts';
import {
  AUDIENCE,
  applicationOf,
  CLUSTER_ID,
  clusterOf,
  credentialOf,
  IDENTITY_ID,
  ISSUER,
  identityOf,
  OF_CLUSTER,
  OF_IDENTITY,
  SUBJECT,
} from './federation-builders.ts';

const WANTED = { issuer: ISSUER, subject: SUBJECT, audience: AUDIENCE };
const NONE = { taken: [] };
const created = (...given: Parameters<typeof writeCredential>) => writeCredential(...given) ?? [];
const VALUES = `--issuer '${ISSUER}' --subject '${SUBJECT}' --audiences '${AUDIENCE}'`;
/** Every command there is, with that value wherever one can be. */
const allWith = (value: string): string[] => {
  const wanted = { issuer: value, subject: value, audience: value };
  const cluster = clusterOf({ id: value, name: value });
  const identity = identityOf({ resourceId: value, name: value, clientId: value });
  const application = applicationOf({ clientId: value, name: value });
  const credential = credentialOf({ name: value, issuer: value, subject: value });
  return [
    aks('update', cluster),
    ...[identity, application, undefined].flatMap((of) => [
      ...(writeCredential(of, wanted, NONE) ?? []),
      ...(writeCredential(of, wanted, { existing: credential, taken: [credential] }) ?? []),
      deleteCredential(of, credential),
    ]),
  ];
};
const hostile = [
  ...HOSTILE,
  '--server=evil.example',
  '@file',
  '~',
  '*',
  '#x',
  '(a)',
  "'; id '",
  "a'b",
  '\\',
  'a\u200bb',
  'аpi://x',
  '',
  '*\n',
];

describe('a command', () => {
  it.each([
    [aks('start', clusterOf()), `az aks start ${OF_CLUSTER}`],
    [aks('update', clusterOf(), '--enable-x'), `az aks update ${OF_CLUSTER} --enable-x`],
    [aks('start', clusterOf({ id: undefined })), `az aks start -g "$RESOURCE_GROUP" -n 'shop-aks'`],
    [aks('start', {}), 'az aks start -g "$RESOURCE_GROUP" -n "$CLUSTER"'],
    [aks('start', clusterOf({ id: IDENTITY_ID })), `az aks start -g "$RESOURCE_GROUP" -n 'shop-aks'`],
    [
      aks('start', clusterOf({ id: CLUSTER_ID.toUpperCase() })),
      `az aks start ${OF_CLUSTER}`
        .replace(/'shop.*/, `'SHOP-RG' -n 'SHOP-AKS'`)
        .replace(/n [0-9a-f-]{36}/, (id) => id.toLowerCase()),
    ],
    ...created(identityOf(), WANTED, NONE).map((command) => [
      command,
      `az identity federated-credential create ${OF_IDENTITY} --name 'workload-identity' ${VALUES}`,
    ]),
    ...created(identityOf(), WANTED, { existing: credentialOf(), taken: [] }).map((command) => [
      command,
      `az identity federated-credential update ${OF_IDENTITY} --name 'orders' ${VALUES}`,
    ]),
    ...created(undefined, {} as typeof WANTED, NONE).map((command) => [
      command,
      'az identity federated-credential create -g "$RESOURCE_GROUP" --identity-name "$IDENTITY" --name \'workload-identity\' --issuer "$ISSUER" --subject "$SUBJECT" --audiences "$AUDIENCE"',
    ]),
    [
      deleteCredential(identityOf(), credentialOf()),
      `az identity federated-credential delete ${OF_IDENTITY} --name 'orders'`,
    ],
    [
      deleteCredential(applicationOf(), credentialOf({ name: undefined })),
      `az ad app federated-credential delete --id '${CLIENT}' --federated-credential-id "$CREDENTIAL"`,
    ],
  ])('is %s', (command, expected) => {
    expect(command).toBe(expected);
  });

  it.each([
    ['creates', undefined, { name: 'workload-identity', issuer: ISSUER, subject: SUBJECT, audiences: [AUDIENCE] }],
    ['updates', credentialOf(), { issuer: ISSUER, subject: SUBJECT, audiences: [AUDIENCE] }],
  ])('of an application %s by JSON', (_name, existing, expected) => {
    const [command = ''] = created(applicationOf(), WANTED, { existing, taken: [] });
    expect(JSON.parse(/--parameters '([^']*)'$/.exec(command)?.[1] ?? '')).toEqual(expected);
    expect(command.includes("--federated-credential-id 'orders'")).toBe(existing !== undefined);
  });

  it.each(hostile)('has nothing of %j', (value) => {
    for (const command of allWith(value)) {
      if (value) expect(command).not.toContain(value);
      expect(command).toMatch(/^az [\x20-\x7e]*$/);
    }
  });

  // A shell reads what is plain as the one word that it is.
  it.each([SUBJECT, 'a b', 'a*', 'a=b', '/eid1/c/pub/t/x', 'a(b)', 'x'.repeat(600)])('takes %j as it is', (value) => {
    expect(execFileSync('sh', ['-c', `printf %s ${word(value, 'V')}`], { cwd: '/' }).toString()).toBe(value);
  });

  it.each([undefined, '', 'x'.repeat(601), ...hostile])('leaves %j to the reader', (value) => {
    expect(word(value, 'NAME')).toBe('"$NAME"');
  });

  it('creates under a name that is free: one that is taken would be overwritten', () => {
    const named = (...names: string[]) => {
      const taken = names.map((name) => credentialOf({ name }));
      return /--name ('[^']*')/.exec(created(identityOf(), WANTED, { taken })[0] ?? '')?.[1];
    };
    expect(named('orders')).toBe("'workload-identity'");
    expect(named('Workload-Identity')).toBe("'workload-identity-2'");
    expect(named('workload-identity', 'workload-identity-2')).toBe("'workload-identity-3'");
  });

  it('is none where a flexible credential would be rewritten, or JSON would hold what is not plain', () => {
    const flexible = credentialOf({ subject: undefined });
    expect(writeCredential(identityOf(), WANTED, { existing: flexible, taken: [] })).toBeUndefined();
    expect(writeCredential(applicationOf(), { ...WANTED, subject: "x'" }, NONE)).toBeUndefined();
    expect(writeCredential(applicationOf(), { ...WANTED, subject: undefined }, NONE)).toBeUndefined();
  });
});
