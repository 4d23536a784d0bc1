import { azureReads } from '../../src/contract/azure-reads.ts';
import { at, parseBicep, type Template, type Written } from './bicep.ts';
import { DEFAULTS, MODULES, RESOURCES, VARIABLES } from './demanded.ts';

type Files = Readonly<Record<string, string>>;

/** Whatever of these files would weaken a deployment, one line each; none: it is as it should be. */
export function weaknesses(files: Files): string[] {
  const templates = Object.entries(files)
    .filter(([name]) => name.endsWith('.bicep'))
    .map(([name, text]) => parseBicep(name, text));
  return [
    ...templates.flatMap(({ file, syntaxErrors }) => syntaxErrors.map((line) => `${file}:${line} is no Bicep`)),
    ...resources(templates),
    ...modules(templates),
    ...variables(templates),
    ...role(files),
    ...templates.flatMap(secretsOf),
    ...parameters(templates, files),
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

function resources(templates: readonly Template[]): string[] {
  const found = templates.flatMap((template) => template.resources).filter(({ existing }) => !existing);
  const byId = new Map(found.map((resource) => [`${resource.file} ${resource.symbol}`, resource]));
  return [
    ...(byId.size === found.length ? [] : ['a symbol stands for two resources']),
    ...compared('resource', byId, RESOURCES, (id, { type, condition, body }) => {
      const demand = RESOURCES[id];
      return [
        ...(type === demand?.type ? [] : [`${id} is a ${type}`]),
        ...(condition === demand?.condition ? [] : [`${id} is deployed if ${condition}`]),
        // A scope that nothing asks for leads elsewhere.
        ...(demand && 'scope' in demand.exactly === 'scope' in body ? [] : [`${id}: scope`]),
        ...Object.entries(demand?.exactly ?? {})
          .filter(([path, value]) => !same(at(body, path), value))
          .map(([path]) => `${id}: ${path}`),
      ];
    }),
  ];
}

function modules(templates: readonly Template[]): string[] {
  const found = new Map(
    templates.flatMap(({ file, modules }) =>
      [...modules].map(([symbol, module]) => [`${file} ${symbol}`, module] as const),
    ),
  );
  return compared('module', found, MODULES, (id, { path, condition, loop, body: { scope, params } }) =>
    same({ path, condition, loop, scope, params }, MODULES[id]) ? [] : [`module ${id} is used otherwise`],
  );
}

function variables(templates: readonly Template[]): string[] {
  const found = new Map<string, Written>(
    templates.flatMap(({ file, variables }) =>
      [...variables].map(([symbol, value]) => [`${file} ${symbol}`, value] as const),
    ),
  );
  return Object.entries(VARIABLES)
    .filter(([id, value]) => !same(unordered(found.get(id)), unordered(value)))
    .map(([id]) => `variable ${id}`);
}

function role(files: Files): string[] {
  const actions = Object.values(azureReads).flatMap(({ of, permission }) => (of === 'arm' ? [permission] : []));
  const said = JSON.parse(files['reads.json'] ?? 'null');
  return same(said, actions) ? [] : ['the role allows other actions than the code uses'];
}

/** Keys of storage or app would be outputs for whoever may read a deployment. */
function secretsOf({ file, outputs }: Template): string[] {
  return [...outputs].flatMap(([name, value]) =>
    /\blist\w*\(|connectionstring|instrumentationkey|keys\[/i.test(JSON.stringify(value))
      ? [`${file}: output ${name} holds a secret`]
      : [],
  );
}

/** What opens something is opened by nobody who does not ask for it, and each variable of azd is named after its parameter. */
function parameters(templates: readonly Template[], files: Files): string[] {
  const known = templates.find(({ file }) => file === 'main.bicep')?.parameters ?? new Map<string, Written>();
  const { parameters } = JSON.parse(files['main.parameters.json'] ?? '{"parameters":{}}');
  const given = Object.keys(parameters);
  const variable = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const handed = (name: string) =>
    name in DEFAULTS
      ? `\${TOKEN_DOCTOR_${variable(name)}=${DEFAULTS[name]}}`
      : `\${${{ environmentName: 'AZURE_ENV_NAME', location: 'AZURE_LOCATION' }[name]}}`;
  return [
    ...Object.entries(DEFAULTS)
      .filter(([name, value]) => !same(known.get(name), value))
      .map(([name]) => `main.bicep: default of ${name}`),
    ...[...known]
      .filter(([name, value]) => value === undefined && !given.includes(name))
      .map(([name]) => `main.parameters.json: ${name} is missing`),
    ...given
      .filter((name) => !known.has(name) || !same(parameters[name], { value: handed(name) }))
      .map((name) => `main.parameters.json: ${name}`),
    ...(files['policies.json']?.trim() === '{}' ? [] : ['policies.json lets somebody in']),
  ];
}

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
