// biome-ignore-all lint/suspicious/noTemplateCurlyInString: azd writes it so
import { azureReads } from '../../src/contract/azure-reads.ts';
import { at, isObject, parseBicep, type Template, type Written } from './bicep.ts';
import { code } from './demand.ts';
import { OLDEST, RESOURCES } from './demanded.ts';
import { DEFAULTS, HANDED, MODULES, OUTPUTS, SCOPES, SIZES, VARIABLES } from './demanded-inputs.ts';

type Files = Readonly<Record<string, string>>;

/** Whatever of these files would weaken a deployment, one line each; none: it is as it should be. */
export function weaknesses(files: Files): string[] {
  const templates = Object.entries(files)
    .filter(([name]) => name.endsWith('.bicep'))
    .map(([name, text]) => parseBicep(name, text));
  return [
    ...templates.flatMap(({ file, syntaxErrors }) => syntaxErrors.map((line) => `${file}:${line} is no Bicep`)),
    ...unknownFiles(files),
    ...Object.entries(files)
      .filter(([, text]) => /^\s*#disable/m.test(text))
      .map(([file]) => `${file}: a warning is off`),
    ...templates
      .filter(({ file, scope }) => scope !== SCOPES[file])
      .map(({ file, scope }) => `${file} is deployed to a ${scope}`),
    ...resources(templates),
    ...modules(templates),
    ...variables(templates),
    ...outputs(templates),
    ...role(files),
    ...parameters(templates, files),
    ...linter(files),
  ];
}

/** What is there beyond what is known, what is missing, and what of the rest differs. */
function compared<T>(
  kind: string,
  found: ReadonlyMap<string, T>,
  demanded: Readonly<Record<string, unknown>>,
  differences: (id: string, item: T) => string[],
): string[] {
  return [
    ...Object.keys(demanded)
      .filter((id) => !found.has(id))
      .map((id) => `${kind} ${id} is missing`),
    ...[...found].flatMap(([id, item]) =>
      id in demanded ? differences(id, item) : [`${kind} ${id}: what it must hold is said nowhere`],
    ),
  ];
}

/** What a folder of infrastructure may hold beside templates: a main.bicepparam, say, would be taken in place of main.parameters.json. */
function unknownFiles(files: Files): string[] {
  const known = [
    ...[...Object.keys(RESOURCES), ...Object.keys(MODULES)].map((id) => id.split(' ')[0]),
    ...['bicepconfig.json', 'grant-graph.sh', 'main.parameters.json', 'policies.json', 'reads.json'],
  ];
  return Object.keys(files)
    .filter((name) => !known.includes(name))
    .map((name) => `file ${name}: what it does is said nowhere`);
}

function resources(templates: readonly Template[]): string[] {
  const found = templates.flatMap((template) => template.resources);
  const byId = new Map(found.map((resource) => [`${resource.file} ${resource.symbol}`, resource]));
  return [
    ...(byId.size === found.length ? [] : ['a symbol stands for two resources']),
    ...compared('resource', byId, RESOURCES, (id, { type, version, existing, condition, loop, body }) => {
      const demand = RESOURCES[id];
      const how = { type, existing, condition, loop };
      const { type: asked, existing: read = false, condition: when, loop: each, body: exactly = {} } = demand ?? {};
      return [
        ...(same(how, { type: asked, existing: read, condition: when, loop: each }) ? [] : [`${id} is used otherwise`]),
        ...(isCurrent(type, version) ? [] : [`${id}: API version`]),
        ...[...new Set([...Object.keys(body), ...Object.keys(exactly)])]
          .filter((member) => !same(described(body[member], exactly[member]), exactly[member]))
          .map((member) => `${id}: ${member}`),
      ];
    }),
  ];
}

const isCurrent = (type: string, version = '9999-12-31') =>
  /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= (OLDEST[type.split('/')[0] ?? ''] ?? '2020-02-02');

/** Without its description, where none is asked for. */
function described(value: Written | undefined, asked: Written | undefined): Written | undefined {
  if (!isObject(value) || (isObject(asked) && 'description' in asked)) return value;
  const { description: _, ...rest } = value;
  return rest;
}

function modules(templates: readonly Template[]): string[] {
  const found = members(templates, ({ modules }) => modules);
  return compared('module', found, MODULES, (id, module) =>
    same(module, MODULES[id]) ? [] : [`module ${id} is used otherwise`],
  );
}

function outputs(templates: readonly Template[]): string[] {
  const found = members(templates, ({ outputs }) => outputs);
  return compared('output', found, OUTPUTS, (id, value) => (same(value, OUTPUTS[id]) ? [] : [`output ${id}`]));
}

/** By file and symbol. */
function members<T>(
  templates: readonly Template[],
  of: (template: Template) => ReadonlyMap<string, T>,
): Map<string, T> {
  return new Map(
    templates.flatMap((template) =>
      [...of(template)].map(([symbol, value]) => [`${template.file} ${symbol}`, value] as const),
    ),
  );
}

function variables(templates: readonly Template[]): string[] {
  const found = members(templates, ({ variables }) => variables);
  return [
    ...Object.entries(VARIABLES)
      .filter(([id, value]) => !same(unordered(found.get(id)), unordered(value)))
      .map(([id]) => `variable ${id}`),
    // Other tags may stand beside that by which azd finds the group.
    ...(same(at(found.get('main.bicep tags'), 'azd-env-name'), code('environmentName')) ? [] : ['main.bicep: tags']),
  ];
}

function role(files: Files): string[] {
  const actions = Object.values(azureReads).flatMap(({ of, permission }) => (of === 'arm' ? [permission] : []));
  return same([...json(files, 'reads.json', [])].sort(), actions.sort())
    ? []
    : ['the role allows other actions than the code uses'];
}

/** What opens something is opened by nobody who does not ask for it, and each variable of azd is named after its parameter. */
function parameters(templates: readonly Template[], files: Files): string[] {
  const defaults: Record<string, Written> = {
    ...Object.fromEntries(
      Object.entries({ ...DEFAULTS, ...SIZES }).map(([name, value]) => [`main.bicep ${name}`, value]),
    ),
    'reader.bicep useBuiltInReader': false,
    'reader-management-group.bicep useBuiltInReader': false,
  };
  const given: Record<string, unknown> = json(files, 'main.parameters.json', { parameters: {} }).parameters;
  const variable = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const asked: Record<string, string> = {
    environmentName: '${AZURE_ENV_NAME}',
    location: '${AZURE_LOCATION}',
    ...Object.fromEntries(
      Object.entries(DEFAULTS).map(([name, value]) => [name, `\${TOKEN_DOCTOR_${variable(name)}=${value}}`]),
    ),
  };
  return [
    ...[...members(templates, (template) => template.parameters)]
      .filter(([id, value]) => !same(value, defaults[id]))
      .map(([id]) => `default of ${id}`),
    ...HANDED.filter((name) => !(name in given)).map((name) => `main.parameters.json: ${name} is missing`),
    ...Object.keys(given)
      .filter((name) => !(name in SIZES) && !(name in asked && same(given[name], { value: asked[name] })))
      .map((name) => `main.parameters.json: ${name}`),
    ...(same(json(files, 'policies.json', null), {}) ? [] : ['policies.json lets somebody in']),
  ];
}

/** Each rule that is listed is an error; those of secrets are. */
function linter(files: Files): string[] {
  const { analyzers, ...rest } = json(files, 'bicepconfig.json', {});
  const { enabled, rules = {}, ...more } = analyzers?.core ?? {};
  const levels = Object.entries<{ level?: string }>(rules);
  return [
    ...(same([enabled, rest, more], [true, {}, {}]) ? [] : ['bicepconfig.json: more or less than its rules']),
    ...levels.filter(([, rule]) => !same(rule, { level: 'error' })).map(([name]) => `bicepconfig.json: ${name}`),
    ...LINTED.filter((name) => !(name in rules)).map((name) => `bicepconfig.json: ${name} is missing`),
  ];
}

const LINTED = [
  ...[
    'no-deployments-resources',
    'no-hardcoded-env-urls',
    'no-hardcoded-location',
    'outputs-should-not-contain-secrets',
  ],
  ...['secure-parameter-default', 'secure-params-in-nested-deploy', 'secure-secrets-in-params'],
  ...['use-secure-value-for-secure-inputs', 'use-stable-resource-identifiers'],
];

const json = (files: Files, name: string, otherwise: unknown) => JSON.parse(files[name] ?? JSON.stringify(otherwise));

const unordered = (value: Written | undefined) => (Array.isArray(value) ? [...value].sort() : value);

/** Equal as JSON, whatever the order of members. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
