import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';

/** A value as it is written: literals as themselves, objects and arrays of such, any other expression as its text. */
export type Written =
  | string
  | number
  | boolean
  | Expression
  | readonly Written[]
  | { readonly [name: string]: Written };
export interface Expression {
  readonly expression: string;
}

export interface Resource {
  file: string;
  symbol: string;
  /** With that of its parents, without the API version. */
  type: string;
  /** API version; undefined: that of its parent. */
  version: string | undefined;
  existing: boolean;
  /** Under which condition it is deployed; undefined: always. */
  condition: string | undefined;
  /** What it is deployed once for each of. */
  loop: string | undefined;
  body: Body;
}

/** A part of a template with a file of its own. */
export interface Module {
  path: string;
  condition: string | undefined;
  /** What it is deployed once for each of. */
  loop: string | undefined;
  body: Body;
}

type Body = { readonly [name: string]: Written };

export interface Template {
  file: string;
  /** Where it is deployed to; undefined: a resource group. */
  scope: string | undefined;
  resources: Resource[];
  /** Default values, undefined where there is none. */
  parameters: Map<string, Written | undefined>;
  variables: Map<string, Written>;
  outputs: Map<string, Written>;
  modules: Map<string, Module>;
  /** Lines of what could not be parsed. */
  syntaxErrors: number[];
}

const require = createRequire(import.meta.url);
await Parser.init();
const parser = new Parser();
parser.setLanguage(
  await Language.load(join(dirname(require.resolve('tree-sitter-bicep/package.json')), 'tree-sitter-bicep.wasm')),
);

/** Every file of a folder by name. */
export const filesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

/** Throws nothing: what cannot be parsed is told by its lines. */
export function parseBicep(file: string, text: string): Template {
  const root = parser.parse(text)?.rootNode;
  if (!root) throw new Error(`${file} could not be parsed`);
  const template: Template = {
    file,
    scope: undefined,
    resources: [],
    parameters: new Map(),
    variables: new Map(),
    outputs: new Map(),
    modules: new Map(),
    syntaxErrors: brokenLines(root),
  };
  for (const node of root.namedChildren) if (node) declare(node, template, undefined);
  return template;
}

function declare(node: Node, template: Template, parentType: string | undefined): void {
  const symbol = named(node, 'identifier')?.text ?? '';
  const last = node.namedChildren.at(-1);
  switch (node.type) {
    case 'target_scope_assignment':
      template.scope = literal(named(node, 'string'));
      return;
    case 'parameter_declaration':
      template.parameters.set(symbol, node.text.includes('=') && last ? written(last) : undefined);
      return;
    case 'variable_declaration':
      if (last) template.variables.set(symbol, written(last));
      return;
    case 'output_declaration':
      if (last) template.outputs.set(symbol, written(last));
      return;
    case 'module_declaration':
      template.modules.set(symbol, {
        path: literal(named(node, 'string')),
        condition: conditionOf(node),
        loop: loopOf(node),
        body: objectOf(bodyOf(node)),
      });
      return;
    case 'resource_declaration': {
      const [own = '', version] = literal(named(node, 'string')).split('@');
      const type = parentType === undefined ? own : `${parentType}/${own}`;
      const body = bodyOf(node);
      template.resources.push({
        file: template.file,
        symbol,
        type,
        version,
        existing: /\bexisting\b/.test(node.text.split('{')[0] ?? ''),
        condition: conditionOf(node),
        loop: loopOf(node),
        body: objectOf(body),
      });
      for (const child of body?.descendantsOfType('resource_declaration') ?? [])
        if (child && enclosingResource(child)?.equals(node)) declare(child, template, type);
    }
  }
}

function conditionOf(node: Node): string | undefined {
  const condition = named(node, 'if_statement')?.namedChildren[0]?.text;
  return condition === undefined ? undefined : tight(condition);
}

/** Such as `for id in read`. */
const loopOf = (node: Node): string | undefined =>
  named(node, 'for_statement')
    ?.text.split(':')[0]
    ?.replace(/^\[?\s*/, '')
    .replace(/\s+/g, ' ');

/** The object of a resource or module, also within `if` and `for`. */
function bodyOf(node: Node): Node | undefined {
  for (const child of node.namedChildren) {
    if (child?.type === 'object') return child;
    if (child && ['if_statement', 'for_statement'].includes(child.type)) {
      const inner = bodyOf(child);
      if (inner) return inner;
    }
  }
  return undefined;
}

function objectOf(node: Node | undefined): Body {
  const value = node && written(node);
  return isObject(value) ? value : {};
}

function written(node: Node): Written {
  const children = node.namedChildren.filter((child) => child !== null && child.type !== 'comment') as Node[];
  switch (node.type) {
    case 'object':
      return Object.fromEntries(
        children
          .filter((child) => child.type === 'object_property' && !named(child, 'resource_declaration'))
          .map((child): [string, Written] => {
            const value = child.namedChildren.at(-1);
            return [child.namedChildren[0]?.text.replaceAll("'", '') ?? '', value ? written(value) : ''];
          }),
      );
    case 'array':
      return itemsOf(children).map((item) => (item.length === 1 ? written(item[0] as Node) : expression(...item)));
    case 'string':
      return node.descendantsOfType('interpolation').length > 0 ? expression(node) : literal(node);
    case 'boolean':
      return node.text === 'true';
    case 'number':
      return Number(node.text);
    default:
      return expression(node);
  }
}

const expression = (...nodes: readonly Node[]): Expression => ({
  expression: tight(nodes.map(({ text }) => text).join('')),
});

/** The text of an expression without comments and blanks, but for those in strings: the same however it is folded. */
export const tight = (text: string): string =>
  text.replace(/('(?:\\.|[^'\\])*')|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+/g, (_, string = '') => string);

/** The grammar parses a call within an array as two items, of which the second begins where the first ends. */
function itemsOf(children: readonly Node[]): Node[][] {
  const items: Node[][] = [];
  for (const child of children) {
    const last = items.at(-1);
    if (last?.at(-1)?.endIndex === child.startIndex) last.push(child);
    else items.push([child]);
  }
  return items;
}

export const isObject = (value: unknown): value is { readonly [name: string]: Written } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('expression' in value);

/** What stands at a path such as `properties.siteConfig.minTlsVersion`. */
export function at(value: Written | undefined, path: string): Written | undefined {
  return path
    .split('.')
    .reduce<Written | undefined>((found, name) => (isObject(found) ? found[name] : undefined), value);
}

const named = (node: Node, type: string): Node | undefined =>
  node.namedChildren.find((child) => child?.type === type) ?? undefined;

const literal = (node: Node | undefined): string => node?.text.replace(/^'+|'+$/g, '') ?? '';

function enclosingResource(node: Node): Node | undefined {
  let parent = node.parent;
  while (parent && parent.type !== 'resource_declaration') parent = parent.parent;
  return parent ?? undefined;
}

function brokenLines(node: Node): number[] {
  if (node.isError || node.isMissing) return [node.startPosition.row + 1];
  return node.hasError ? node.children.flatMap((child) => (child ? brokenLines(child) : [])) : [];
}
