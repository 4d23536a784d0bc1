import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { fakeAz } from './fake-az.ts';

const SUBSCRIPTION = '0a1b2c3d-aaaa-4222-8333-444455556666';
const OTHER = '0a1b2c3d-bbbb-4222-8333-444455556666';

const AZ = `
if (args.join(' ').includes(process.env.AZ_FAILS_AT || 'nowhere')) { console.error('ERROR: Please run az login'); process.exit(1); }
const scope = args[args.indexOf('--scope') + 1];
const of = scope.split('/').at(-1);
const answers = {
  'role assignment list': [
    { id: scope + '/ours', description: 'Token Doctor (shop of ${SUBSCRIPTION.toUpperCase()})', scope },
    { id: scope + '/inherited', description: 'Token Doctor (shop of ${SUBSCRIPTION})', scope: '/elsewhere' },
    { id: scope + '/theirs', description: 'Token Doctor (shop2 of ${SUBSCRIPTION})', scope },
    { id: scope + '/namesake', description: 'Token Doctor (shop of ${OTHER})', scope },
    { id: scope + '/bracketed', description: 'Token Doctor (shop(1) of ${SUBSCRIPTION})', scope },
    { id: scope + '/nameless', description: null, scope },
  ],
  'role definition list': [
    { name: 'd-ours', roleName: 'Token Doctor reader (shop of ${SUBSCRIPTION}, ' + of + ')' },
    { name: 'd-theirs', roleName: 'Token Doctor reader (shop2 of ${SUBSCRIPTION}, ' + of + ')' },
    { name: 'd-namesake', roleName: 'Token Doctor reader (shop of ${OTHER}, ' + of + ')' },
  ],
};
const answer = answers[args.slice(0, 3).join(' ')];
if (answer) console.log(JSON.stringify(answer));
`;

function removeRoles(env: Readonly<Record<string, string>>) {
  const az = fakeAz(AZ);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/remove-roles.ts'], {
    encoding: 'utf8',
    env: { ...az.env, ...env },
  });
  const asked = az.asked().map((args) => args.join(' '));
  return { status, stdout, stderr, deleted: asked.filter((line) => / delete /.test(line)), asked };
}

it('removes the assignment, then the definition, of this environment in each subscription and group, and nothing else', () => {
  const group = '/providers/Microsoft.Management/managementGroups/mg-1';
  const of = (scope: string) => [
    `role assignment delete --ids ${scope}/ours --output json`,
    `role definition delete --name d-ours --scope ${scope} --output json`,
  ];
  const { status, deleted } = removeRoles({
    AZURE_ENV_NAME: 'shop',
    AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
    TOKEN_DOCTOR_SUBSCRIPTIONS: ` ${OTHER.toUpperCase()},`,
    TOKEN_DOCTOR_MANAGEMENT_GROUP: 'mg-1',
  });
  expect(deleted).toEqual([`/subscriptions/${SUBSCRIPTION}`, `/subscriptions/${OTHER}`, group].flatMap(of));
  expect(status).toBe(0);
});

it('looks into the subscription of the deployment where no other was read', () => {
  const { asked } = removeRoles({ AZURE_ENV_NAME: 'shop', AZURE_SUBSCRIPTION_ID: SUBSCRIPTION });
  expect(asked.filter((line) => / list /.test(line)).every((line) => line.includes(SUBSCRIPTION))).toBe(true);
});

it.each([
  ['a subscription that a shell would read', { TOKEN_DOCTOR_SUBSCRIPTIONS: 'a&calc' }],
  ['a management group that a shell would read', { TOKEN_DOCTOR_MANAGEMENT_GROUP: 'a b' }],
])('asks nothing with %s, and says which', (_what, env) => {
  const { status, asked, stderr } = removeRoles({
    AZURE_ENV_NAME: 'shop',
    AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
    ...env,
  });
  expect([status, asked]).toEqual([1, []]);
  expect(stderr).toContain(`${Object.values(env)}: neither`);
});

it('takes any name of an environment that azd takes', () => {
  const { status, deleted } = removeRoles({ AZURE_ENV_NAME: 'shop(1)', AZURE_SUBSCRIPTION_ID: SUBSCRIPTION });
  expect([status, deleted]).toEqual([
    0,
    [`role assignment delete --ids /subscriptions/${SUBSCRIPTION}/bracketed --output json`],
  ]);
});

it.each([
  ['no environment', { AZURE_ENV_NAME: '', AZURE_SUBSCRIPTION_ID: SUBSCRIPTION }],
  ['no subscription', { AZURE_ENV_NAME: 'shop', AZURE_SUBSCRIPTION_ID: '' }],
])('asks nothing with %s', (_what, env) => {
  const { status, asked } = removeRoles(env);
  expect([status, asked]).toEqual([1, []]);
});

it('goes on where the Azure CLI fails at one place, and says which that is and what is left to do', () => {
  const { status, stderr, deleted } = removeRoles({
    AZURE_ENV_NAME: 'shop',
    AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
    TOKEN_DOCTOR_SUBSCRIPTIONS: OTHER,
    AZ_FAILS_AT: `--scope /subscriptions/${SUBSCRIPTION}`,
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    new RegExp(`left at /subscriptions/${SUBSCRIPTION}\\. Run \`az login\`.*azd hooks run postdown`),
  );
  expect(deleted).toHaveLength(2);
  expect(deleted.every((line) => line.includes(OTHER))).toBe(true);
});
