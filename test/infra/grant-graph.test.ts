import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const PRINCIPAL = '0a1b2c3d-aaaa-4222-8333-444455556666';
let folder: string;

/** Answers as the Azure CLI does, and writes down what it was asked. */
const FAKE_AZ = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(__dirname + '/asked', JSON.stringify(args) + '\\n');
const asked = args.join(' ');
if (asked.startsWith('cloud show')) console.log('https://graph.example/');
else if (asked.startsWith('ad sp show')) console.log(/appRoles/.test(asked) ? 'role of ' + /'(.*)'/.exec(asked)[1] : 'graph');
else if (asked.includes('--method GET')) console.log(process.env.GRANTED);
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-doctor-az-'));
  writeFileSync(join(folder, 'az'), FAKE_AZ);
  chmodSync(join(folder, 'az'), 0o755);
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
});
afterAll(() => rmSync(folder, { recursive: true }));

function grantGraph(granted: string, ...principal: readonly string[]) {
  writeFileSync(join(folder, 'asked'), '');
  const { status } = spawnSync('sh', ['infra/grant-graph.sh', ...principal], {
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, GRANTED: granted },
  });
  const asked = readFileSync(join(folder, 'asked'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): string[] => JSON.parse(line));
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
