import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSettings, settingNames } from '../../src/settings.ts';
import { filesOf, parseBicep } from './bicep.ts';
import { planted } from './planted.ts';

const files = filesOf('infra');

/** Which settings stand not in all three places. */
function gaps(code: readonly string[], bicep: readonly string[], sample: readonly string[]): string[] {
  const places = [code, bicep, sample];
  return [...new Set(places.flat())].filter((name) => places.some((place) => !place.includes(name))).sort();
}

it('finds each file that it loads', () => {
  const loaded = Object.entries(files).flatMap(([file, text]) =>
    file.endsWith('.bicep')
      ? [...text.matchAll(/load\w+\('(.+?)'/g)].map(([, path]) => join('infra', String(path)))
      : [],
  );
  expect(loaded.filter((path) => !existsSync(path))).toEqual([]);
});

it('has azd upload the package as it is, and run two scripts of this project, each at its time', () => {
  expect(parse(readFileSync('azure.yaml', 'utf8'))).toEqual({
    name: 'token-doctor',
    requiredVersions: { azd: expect.stringMatching(/^>= \d+\.\d+\.\d+$/) },
    infra: { provider: 'bicep', path: 'infra' },
    services: {
      // By the tag `azd-service-name` of the app.
      api: {
        project: '.',
        host: 'function',
        language: 'custom',
        dist: 'package/app',
        remoteBuild: false,
        hooks: { prepackage: { run: 'npm run package' } },
      },
    },
    hooks: { postdown: { run: 'npm run remove-roles', interactive: true } },
  });
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect([scripts.package, scripts['remove-roles']]).toEqual(
    ['package', 'remove-roles'].map((name) => `node local/bootstrap.cjs scripts/${name}.ts`),
  );
});

describe('monitoring', () => {
  const { variables } = parseBicep('monitoring.bicep', files['monitoring.bicep'] ?? '');
  const listed = (name: string) => variables.get(name) as unknown as Record<string, string & { expression: string }>[];
  const fileOf = (loading: { expression: string } | undefined) =>
    join('infra', /^loadTextContent\('(.+)'\)$/.exec(loading?.expression ?? '')?.[1] ?? '');
  const all = (folder: string) => readdirSync(join('infra', folder)).map((name) => join('infra', folder, name));

  it('saves each query under the question that it begins with', () => {
    const saved = listed('queries').map(({ displayName, body }) => [fileOf(body), `// ${displayName}`]);
    const firstLine = (file: string) => readFileSync(file, 'utf8').split('\n')[0];
    expect(saved).toEqual(all('queries').map((file) => [file, firstLine(file)]));
  });

  it('alerts by each query, of the number that it measures', () => {
    const alerts = listed('alerts');
    expect([...new Set(alerts.map(({ query }) => fileOf(query)))]).toEqual(all('alerts'));
    for (const { name, query, column, aggregation } of alerts) {
      const [, measured, how] = /^\/\/ Measured: (\w+) \((\w+)\)/m.exec(readFileSync(fileOf(query), 'utf8')) ?? [];
      expect([name, column, aggregation?.toLowerCase()]).toEqual([name, measured, how]);
    }
  });

  it('alerts within windows that hold a whole step of the query', () => {
    for (const { name, query, window } of listed('alerts')) {
      const step = Number(/bin\(TimeGenerated, (\d+)m\)/.exec(readFileSync(fileOf(query), 'utf8'))?.[1]);
      expect(Number(window?.slice(2, -1)), name).toBeGreaterThanOrEqual(2 * step);
    }
  });

  it('alerts at the thresholds that its query calls a fair start, for each dimension its own', () => {
    for (const file of all('alerts')) {
      const measured = /^\/\/ Measured: .*$/m.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
      const dimension = /split by the dimension `(\w+)`: `(\w+)` or `(\w+)`/.exec(measured);
      const [, name = '', ...values] = dimension ?? [];
      const thresholds = /; (\d+)(?: and (\d+))? (?:is a fair start|are a fair start|tells each)/
        .exec(measured)
        ?.slice(1);
      const rules = listed('alerts').filter(({ query }) => fileOf(query) === file);
      expect(rules.map(({ threshold, dimensions }) => [Number(threshold), dimensions])).toEqual(
        dimension
          ? values.map((value, i) => [Number(thresholds?.[i]), [{ name, operator: 'Include', values: [value] }]])
          : [[Number(thresholds?.[0]), []]],
      );
    }
  });

  it('alerts by a severity that people are told of: 4 is the verbose one', () => {
    expect(listed('alerts').filter(({ severity }) => ![0, 1, 2, 3].includes(Number(severity)))).toEqual([]);
  });

  it('has a line for each alert in the manual, and no other', () => {
    const manual = readFileSync('docs/operate.md', 'utf8').split('\n## Alerts\n')[1]?.split('\n## ')[0] ?? '';
    const lines = [...manual.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
    expect(lines).toEqual(listed('alerts').map(({ name }) => name));
  });
});

describe('settings', () => {
  const own = (names: Iterable<string>) => [...names].filter((name) => name.startsWith('TOKEN_DOCTOR_'));
  const bicepSettings = (text: string): string[] => {
    const set = parseBicep('app.bicep', text).variables.get('ownSettings');
    return own(Object.keys(set ?? {}));
  };
  const code = own(settingNames);
  const bicep = bicepSettings(files['app.bicep'] ?? '');
  const sample = own(Object.keys(JSON.parse(readFileSync('local.settings.sample.json', 'utf8')).Values));

  it('are the same in code, Bicep and sample', () => {
    expect(code.length).toBeGreaterThan(10);
    expect(gaps(code, bicep, sample)).toEqual([]);
  });

  it.each(code)('%s is missed in each place', (name) => {
    const without = (names: readonly string[]) => names.filter((other) => other !== name);
    const removed = planted('app.bicep', new RegExp(`^ *${name}: .*\\n`, 'm'), '')['app.bicep'] ?? '';
    expect(gaps(without(code), bicep, sample)).toEqual([name]);
    expect(gaps(code, bicepSettings(removed), sample)).toEqual([name]);
    expect(gaps(code, bicep, without(sample))).toEqual([name]);
  });

  it('are by default what the code has by default, with snapshots on', () => {
    const main = parseBicep('main.bicep', files['main.bicep'] ?? '').parameters;
    const byDefault = (written: unknown): string => {
      const text =
        typeof written === 'object' ? String((written as { expression: string }).expression) : String(written);
      const file = /^loadTextContent\('\.\/(.+)'\)$/.exec(text)?.[1];
      return file === undefined ? text : (files[file] ?? '');
    };
    const set = parseBicep('app.bicep', files['app.bicep'] ?? '').variables.get('ownSettings') ?? {};
    const environment = Object.fromEntries(
      Object.entries(set).map(([name, value]) => {
        const parameter = /^(?:string\()?(\w+)\)?$/.exec(String((value as { expression?: string }).expression))?.[1];
        return [name, parameter === undefined || parameter === 'subscriptions' ? '' : byDefault(main.get(parameter))];
      }),
    );
    const container = 'https://account.blob.core.windows.net/token-doctor-keys';
    const { settings, faults, unknown } = readSettings({ ...environment, TOKEN_DOCTOR_SNAPSHOTS: container });
    expect([faults, unknown]).toEqual([[], []]);
    expect(settings).toEqual(readSettings({ TOKEN_DOCTOR_SNAPSHOTS: container }).settings);
  });
});
