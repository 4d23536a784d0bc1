import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { fakeAz } from './fake-az.ts';

const PRINCIPAL = '0a1b2c3d-aaaa-4222-8333-444455556666';

const AZ = `
const asked = args.join(' ');
if (asked.startsWith('cloud show')) console.log('https://graph.example/');
else if (asked.startsWith('ad sp show')) console.log(/appRoles/.test(asked) ? 'role of ' + /'(.*)'/.exec(asked)[1] : 'graph');
else if (asked.includes('--method GET')) console.log(process.env.GRANTED);
`;

function grantGraph(granted: string, ...principal: readonly string[]) {
  const az = fakeAz(AZ);
  const { status } = spawnSync('sh', ['infra/grant-graph.sh', ...principal], { env: { ...az.env, GRANTED: granted } });
  const asked = az.asked();
  return { status, asked, posted: asked.filter((args) => args.includes('POST')) };
}

it('gives one permission, of reading applications, to the identity that is named, in the cloud that is signed in to', () => {
  const { status, posted } = grantGraph('', PRINCIPAL);
  expect(status).toBe(0);
  const [args = []] = posted;
  expect(posted).toHaveLength(1);
  expect(args).toContain(`https://graph.example/v1.0/servicePrincipals/${PRINCIPAL}/appRoleAssignments`);
  expect(JSON.parse(args[args.indexOf('--body') + 1] ?? '')).toEqual({
    principalId: PRINCIPAL,
    resourceId: 'graph',
    appRoleId: 'role of Application.Read.All',
  });
});

it('gives nothing twice', () => {
  expect(grantGraph('given', PRINCIPAL)).toMatchObject({ status: 0, posted: [] });
});

it('asks nothing without an identity', () => {
  const { status, asked } = grantGraph('');
  expect(status).not.toBe(0);
  expect(asked).toEqual([]);
});
