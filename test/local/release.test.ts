import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { finished, ROOT, temporaryFolder } from './child.ts';

/** The scripts of the release, run as GitHub does, with other programs in place of npm and gh. */

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  with?: Readonly<Record<string, string | boolean>>;
}
const { jobs } = parse(readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8'));
const build: Step[] = jobs.build.steps;
const publish: Step[] = jobs.publish.steps;
const VERSION = '1.2.3';

let cwd: string;
beforeEach(() => {
  cwd = temporaryFolder();
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ version: VERSION }));
  mkdirSync(join(cwd, 'bin'));
});

const program = (name: string, script: string) =>
  writeFileSync(join(cwd, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
const run = (step: Step | undefined, env: NodeJS.ProcessEnv = {}) =>
  finished('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? 'exit 99'], {
    cwd,
    env: {
      PATH: `${join(cwd, 'bin')}${delimiter}${process.env.PATH}`,
      GITHUB_OUTPUT: join(cwd, 'output'),
      GITHUB_REF_NAME: `v${VERSION}`,
      GITHUB_REPOSITORY: 'owner/repository',
      RUNNER_TEMP: cwd,
      ...env,
    },
  });

describe('a release', () => {
  const compare = build.find(({ name }) => name?.startsWith('Compare the tag'));

  it('has the version of package.json', async () => {
    expect((await run(compare)).code).toBe(0);
    expect(readFileSync(join(cwd, 'output'), 'utf8')).toBe(`version=${VERSION}\n`);
  });

  it.each(['v1.2.4', '1.2.3', 'v1.2.3-rc.1', 'v$(id)', 'v*'])('is none under the tag %s', async (tag) => {
    const { code, lines } = await run(compare, { GITHUB_REF_NAME: tag });
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [`::error::The tag is ${tag}, and package.json says ${VERSION}.`],
    });
  });

  const twice = build.find(({ name }) => name?.startsWith('Package twice'));
  /** `npm run package`, with content that may differ from run to run. */
  const packaging = (content: string) =>
    program(
      'npm',
      `mkdir package && cd package && for file in zip cdx.json; do ${content} > token-doctor-1.$file; done`,
    );

  it('has the checksums of the zip and its SBOM', async () => {
    packaging('echo same');
    expect((await run(twice)).code).toBe(0);
    const sha256 = createHash('sha256').update('same\n').digest('hex');
    expect(readFileSync(join(cwd, 'package/SHA256SUMS'), 'utf8')).toBe(
      ['zip', 'cdx.json'].map((file) => `${sha256}  token-doctor-1.${file}\n`).join(''),
    );
  });

  it('is none where packaging gives other bytes the second time', async () => {
    packaging('echo $$');
    const { code, output } = await run(twice);
    expect(code).toBe(1);
    expect(output).toMatch(/token-doctor-1\.zip: FAILED/);
  });

  it('takes nothing out of a cache', () => {
    const node = build.find(({ uses }) => uses?.startsWith('actions/setup-node@'));
    expect(node?.with).toEqual({ 'node-version': '24', 'package-manager-cache': false });
    expect(JSON.stringify(jobs)).not.toContain('actions/cache');
  });

  it('is attested: all files that hold code or tell of it, and the zip with its SBOM', () => {
    const attested = publish.filter(({ uses }) => uses?.startsWith('actions/attest@'));
    const zip = `token-doctor-\${{ needs.build.outputs.version }}`;
    expect(attested.map((step) => step.with)).toEqual([
      { 'subject-path': 'token-doctor-*' },
      { 'subject-path': `${zip}.zip`, 'sbom-path': `${zip}.cdx.json` },
    ]);
    expect(jobs.build.outputs.version).toBe(`\${{ steps.version.outputs.version }}`);
  });

  it('is published with all of it, under a tag that exists', async () => {
    for (const file of ['token-doctor-1.zip', 'token-doctor-1.cdx.json', 'SHA256SUMS'])
      writeFileSync(join(cwd, file), '');
    program('gh', 'printf "%s\\n" "$@"');
    const { code, lines } = await run(publish.at(-1));
    expect(code).toBe(0);
    expect(lines).toEqual([
      ...['release', 'create', `v${VERSION}`, '--repo', 'owner/repository', '--verify-tag', '--generate-notes'],
      ...['token-doctor-1.cdx.json', 'token-doctor-1.zip', 'SHA256SUMS'],
    ]);
  });
});
