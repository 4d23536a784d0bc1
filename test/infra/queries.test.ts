import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Schema } from '../../scripts/logs-page.ts';
import { LogLine } from '../../src/contract/log-line.ts';
import { routes } from '../../src/routes.ts';
import { parseBicep } from './bicep.ts';
import { type Analyzed, analyze } from './kusto.ts';

const { oneOf: lines = [] } = z.toJSONSchema(LogLine) as Schema;
const eventOf = ({ properties }: Schema) => properties?.event?.const ?? '';
/** What the members of our lines may be compared with. */
const WORDS = new Set([
  ...lines.flatMap(wordsOf),
  ...routes.map(({ name }) => name),
  ...routes.map(({ method }) => method),
]);

function wordsOf({ const: one, enum: some = [], properties = {}, items }: Schema): string[] {
  const inside = [...Object.values(properties), ...(items ? [items] : [])];
  return [...(one === undefined ? [] : [one]), ...some, ...inside.flatMap(wordsOf)];
}

/** What each function makes of a member, so that a member of another type would be null. */
const GIVES: Record<string, string> = { tostring: 'string', toint: 'integer', tolong: 'integer', tobool: 'boolean' };

/** What a query reads that the product does not log: wrong members, wrong types, wrong words. */
function misread({ members, compared }: Analyzed): string[] {
  const prefixes = compared.filter((text) => text.startsWith('{"event":'));
  const selected = lines.filter((line) =>
    prefixes.some((prefix) => JSON.stringify({ event: eventOf(line) }).startsWith(prefix)),
  );
  const reads = selected.map(({ properties }) => properties?.sources?.items ?? {});
  const known: Record<string, Schema[]> = { line: selected, read: reads };
  const faults = members.flatMap(({ of, member, given }) => {
    const found = (known[of] ?? []).flatMap(({ properties }) => properties?.[member] ?? []);
    const wanted = given === undefined ? undefined : GIVES[given];
    if (found.length === 0) return [`${of}.${member} is not logged`];
    return wanted === undefined || found.some(({ type }) => type === wanted) ? [] : [`${of}.${member} is no ${wanted}`];
  });
  const words = compared.filter((text) => !prefixes.includes(text) && !WORDS.has(text));
  return [...faults, ...words.map((word) => `nothing is "${word}"`)];
}

const files = ['infra/queries', 'infra/alerts'].flatMap((folder) =>
  readdirSync(folder).map((name) => join(folder, name)),
);
const queries = files.map((file) => [file, readFileSync(file, 'utf8')] as const);

const alerts = queries.filter(([file]) => file.startsWith('infra/alerts'));

describe('saved queries', () => {
  it.each(queries)('%s means something to Microsoft’s language service', (_file, query) => {
    expect(analyze(query).faults).toEqual([]);
  });

  it.each(queries)('%s reads what is logged', (_file, query) => {
    const analyzed = analyze(query);
    expect(analyzed.members.length).toBeGreaterThan(0);
    expect(misread(analyzed)).toEqual([]);
  });

  it.each(queries)(
    '%s begins with its question and with what to do, and counts what sampling left out',
    (_file, query) => {
      const [question, advice] = query.split('\n');
      expect(question).toMatch(/^\/\/ [A-Z].*\?$/);
      expect(advice).toMatch(/^\/\/ [A-Z0-9].*\.$/);
      expect(query).toContain('ItemCount');
      expect(query).not.toMatch(/\bcount(?:if)?\(/);
    },
  );

  it.each(alerts)('%s has the number that it says is measured', (_file, query) => {
    const [, measured = ''] = /^\/\/ Measured: (\w+) \((?:maximum|total)\)/m.exec(query) ?? [];
    const { columns } = analyze(query);
    expect(columns.TimeGenerated).toBe('datetime');
    expect(columns[measured]).toMatch(/^(?:real|long|int)$/);
  });
});

it('the host lets every line through, as a sample', () => {
  const { logLevel, applicationInsights } = JSON.parse(readFileSync('host.json', 'utf8')).logging;
  expect(logLevel).toEqual({ default: 'Information' });
  const { isEnabled, excludedTypes } = applicationInsights.samplingSettings;
  expect([isEnabled, excludedTypes]).toEqual([true, expect.not.stringContaining('Trace')]);
});

it('alerts split a query by a column that it has, at words that it gives', () => {
  const { variables } = parseBicep('monitoring.bicep', readFileSync('infra/monitoring.bicep', 'utf8'));
  const rules = variables.get('alerts') as {
    query: { expression: string };
    dimensions: { name: string; values: string[] }[];
  }[];
  const split = rules.flatMap(({ query, dimensions }) => dimensions.map((by) => ({ ...query, ...by })));
  expect(split.length).toBeGreaterThan(1);
  for (const { expression, name, values } of split) {
    const [, file = ''] = /^loadTextContent\('\.(\/alerts\/.+)'\)$/.exec(expression) ?? [];
    const query = readFileSync(`infra${file}`, 'utf8');
    expect(Object.keys(analyze(query).columns)).toContain(name);
    const given = new RegExp(`^\\| extend ${name} = iff\\(.*, "(\\w+)", "(\\w+)"\\)$`, 'm').exec(query)?.slice(1);
    expect(given).toEqual(expect.arrayContaining(values));
  }
});

describe('the comparison', () => {
  const REQUESTS = `AppTraces | where Message startswith '{"event":"request"' | extend line = parse_json(Message)`;

  it.each([
    ['a misspelt member', `${REQUESTS} | project tostring(line.verdikt)`, ['line.verdikt is not logged']],
    ['a member of another event', `${REQUESTS} | project tostring(line.variable)`, ['line.variable is not logged']],
    ['a member taken for a number', `${REQUESTS} | project toint(line.verdict)`, ['line.verdict is no integer']],
    [
      'a misspelt member of a read',
      `${REQUESTS} | mv-expand read = line.sources | project toint(read.ms)`,
      ['read.ms is not logged'],
    ],
    ['a misspelt word', `${REQUESTS} | where tostring(line.keys) == "stail"`, ['nothing is "stail"']],
    [
      'a misspelt word of several',
      `${REQUESTS} | where tostring(line.keys) in ("stale", "degrated")`,
      ['nothing is "degrated"'],
    ],
    [
      'an event that is none',
      `AppTraces | where Message startswith '{"event":"reqest"' | extend line = parse_json(Message) | project tostring(line.route)`,
      ['line.route is not logged'],
    ],
    ['nothing wrong', `${REQUESTS} | where tostring(line.keys) == "stale" | project toint(line.status)`, []],
  ])('tells %s', (_case, query, faults) => {
    const analyzed = analyze(query);
    expect([analyzed.faults, misread(analyzed)]).toEqual([[], faults]);
  });

  it.each([
    ['a column that is none', 'AppTraces | project Mesage'],
    ['a table that is none', 'AppTrace | take 1'],
    ['a text where a number is due', 'AppTraces | summarize sum(Message)'],
    ['a sentence that is not finished', 'AppTraces | where'],
  ])('finds %s', (_case, query) => {
    expect(analyze(query).faults).not.toEqual([]);
  });
});
