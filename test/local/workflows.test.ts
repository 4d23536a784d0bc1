import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isScalar, parse, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { ROOT } from './child.ts';

/** What a workflow may hold, and must: the shape alone keeps out self-hosted runners, unbounded jobs and default permissions. */
const step = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.boolean()])).optional(),
  env: z.record(z.string(), z.string()).optional(),
  run: z.string().optional(),
});
const job = z.strictObject({
  if: z.string().optional(),
  needs: z.string().optional(),
  'runs-on': z.literal('ubuntu-24.04'),
  'timeout-minutes': z.int().max(30),
  permissions: z.record(z.string(), z.enum(['read', 'write'])),
  outputs: z.record(z.string(), z.string()).optional(),
  strategy: z.strictObject({ 'fail-fast': z.boolean(), matrix: z.record(z.string(), z.array(z.string())) }).optional(),
  steps: z.array(step),
});
const workflow = z.strictObject({
  name: z.string(),
  // None that runs with the rights of the base repository on what a stranger sent, such as pull_request_target or workflow_run.
  on: z.strictObject({
    push: z
      .union([
        z.strictObject({ branches: z.tuple([z.literal('main')]) }),
        z.strictObject({ tags: z.tuple([z.literal('v*')]) }),
      ])
      .optional(),
    pull_request: z.null().optional(),
    schedule: z.array(z.strictObject({ cron: z.string() })).optional(),
  }),
  permissions: z.strictObject({}),
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.union([z.boolean(), z.string()]) }),
  defaults: z.strictObject({ run: z.strictObject({ shell: z.literal('bash') }) }).optional(),
  jobs: z.record(z.string(), job),
});

/** All that a job may do. One that is not named here reads the repository. */
const ALLOWANCES: Readonly<Record<string, Readonly<Record<string, 'read' | 'write'>>>> = {
  'ci.yml what-if': { contents: 'read', 'id-token': 'write' },
  'codeql.yml analyze': { actions: 'read', contents: 'read', 'security-events': 'write' },
  'release.yml publish': { attestations: 'write', contents: 'write', 'id-token': 'write' },
};

const folder = join(ROOT, '.github/workflows');
const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const workflows = texts.map(({ name, text }) => ({ file: name, ...workflow.parse(parse(text)) }));
const jobs = workflows.flatMap(({ file, on, jobs }) =>
  Object.entries(jobs).map(([id, job]) => ({ name: `${file} ${id}`, on, ...job })),
);
const steps = jobs.flatMap(({ name, steps }) => steps.map((step) => ({ job: name, ...step })));
const runs = steps.flatMap(({ job, run }) => (run === undefined ? [] : [{ job, run }]));
const project = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('workflows', () => {
  it('pin every action to a commit, say its version, and say the same everywhere', () => {
    const pins = new Map<string, Set<string>>();
    for (const { text } of texts)
      visit(parseDocument(text), {
        Pair(_, { key, value }) {
          if (!isScalar(key) || key.value !== 'uses') return;
          const use = isScalar(value) ? `${value.value} #${value.comment}` : '';
          expect(use).toMatch(/^[\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
          const [action = '', pin = ''] = use.split('@');
          const repository = action.split('/').slice(0, 2).join('/');
          pins.set(repository, (pins.get(repository) ?? new Set()).add(pin));
        },
      });
    expect(pins.size).toBeGreaterThan(0);
    for (const [repository, said] of pins) expect([...said], repository).toHaveLength(1);
  });

  it.each(jobs)('$name has the permissions that are listed, and no other', ({ name, permissions }) => {
    expect(permissions).toEqual(ALLOWANCES[name] ?? { contents: 'read' });
  });

  it('have every job that is listed', () => {
    expect(jobs.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(ALLOWANCES)));
  });

  it.each(jobs.filter(({ on }) => 'pull_request' in on))(
    '$name signs in and writes nowhere for a pull request',
    (job) => {
      const grants = Object.keys(job.permissions).filter(
        (scope) => scope !== 'security-events' && job.permissions[scope] === 'write',
      );
      if (grants.length > 0) expect(job.if).toMatch(/^github\.event_name == 'push'( && [^|]+)?$/);
    },
  );

  it('know no secret', () => {
    for (const { name, text } of texts) expect(text, name).not.toMatch(/\bsecrets\b/);
  });

  it('leave no credentials behind in a checkout', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const { job, with: inputs } of checkouts) expect(inputs, job).toEqual({ 'persist-credentials': false });
  });

  it('put no value into a script but by a variable', () => {
    for (const { job, run } of runs) expect(run, job).not.toContain('${{');
  });

  it('run the install scripts that package.json allows, and no other', () => {
    const allowed = Object.entries(project.allowScripts).flatMap(([name, allowed]) => (allowed ? [name] : []));
    const installing = runs.filter(({ run }) => /\bnpm (ci|i|install|rebuild)\b/.test(run));
    expect(installing.length).toBeGreaterThan(0);
    for (const { job, run } of installing)
      expect(run, job).toBe(`npm ci --ignore-scripts\nnpm rebuild ${allowed.join(' ')}\n`);
  });

  it('call scripts of package.json that exist', () => {
    const called = runs.flatMap(({ run }) =>
      [...run.matchAll(/\bnpm (?:run ([\w:-]+)|(test))\b/g)].map((match) => match[1] ?? match[2]),
    );
    expect(called.length).toBeGreaterThan(0);
    for (const script of called) expect(Object.keys(project.scripts)).toContain(script);
  });

  it('serve the package, once it is made, on each Node of the matrix', () => {
    expect(jobs.find(({ name }) => name === 'ci.yml test')?.strategy?.matrix).toEqual({ node: ['22', '24'] });
    const inOrder = steps.flatMap(({ job, run }) => (job === 'ci.yml test' ? (run ?? []) : []));
    expect(inOrder.slice(-2)).toEqual([
      'npm run package',
      'node --disable-warning=ExperimentalWarning scripts/smoke.ts package/token-doctor-*.zip',
    ]);
  });

  it('build and lint each Bicep file, and compare with what is deployed', () => {
    const inOrder = runs.flatMap(({ job, run }) => (/^ci\.yml (?:bicep|what-if)$/.test(job) ? run : [])).join('');
    for (const command of [
      /^for file in infra\/\*\.bicep; do$/m,
      /az bicep build --file "\$file"/,
      /az bicep lint --file "\$file"/,
    ])
      expect(inOrder).toMatch(command);
    expect(inOrder).toMatch(/^az deployment sub what-if .*--template-file infra\/main\.bicep/m);
  });

  it('review what a pull request adds to what runs and to what only builds', () => {
    const review = steps.find(({ uses }) => uses?.startsWith('actions/dependency-review-action@'));
    expect(review?.with).toEqual({ 'fail-on-scopes': 'runtime, development' });
  });

  it('hand the release over before the tests run, and publish it after', () => {
    const inOrder = steps.flatMap(({ job, run, uses }) =>
      job === 'release.yml build' ? (run?.trim() ?? uses?.split('@')[0] ?? []) : [],
    );
    expect(inOrder.slice(-2)).toEqual(['actions/upload-artifact', 'npm test']);
    expect(jobs.find(({ name }) => name === 'release.yml publish')?.needs).toBe('build');
  });

  it('name files that exist', () => {
    const named = runs.flatMap(({ run }) => run.match(/(?<=^|\s)(?:infra|local|scripts)\/[\w./*-]+/gm) ?? []);
    expect(named.length).toBeGreaterThan(0);
    for (const path of named) expect(globSync(path, { cwd: ROOT }), path).not.toEqual([]);
  });
});
