/** Nesting beyond this is no token, request or key document; it bounds what later code recurses into. */
export const MAX_JSON_DEPTH = 32;

export type JsonObject = { [name: string]: unknown };

/** What is wrong with a JSON text and where: counted from 1. Nothing of the text itself is repeated, it may be secret. */
export interface JsonFault {
  kind: 'syntax' | 'duplicate-member' | 'too-deep';
  line: number;
  column: number;
  detail: string;
}

export type ParsedJson = { ok: true; value: unknown } | { ok: false; fault: JsonFault };

/**
 * Parses JSON strictly (RFC 8259): a member that stands twice in one object is refused, since receivers disagree on
 * which one counts (RFC 7519 §4, RFC 8725 §2.4), and so is nesting beyond {@link MAX_JSON_DEPTH}.
 */
export function parseJson(text: string): ParsedJson {
  const fault = findFault(text);
  return fault ? { ok: false, fault } : { ok: true, value: JSON.parse(text) };
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One token after white space: punctuation, a string, or a number or word (RFC 8259 §2). */
const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))?/y;

/** What may stand next, as a reader is told it. */
const EXPECTED = {
  value: 'a value',
  firstItem: 'a value or ]',
  firstName: 'a member name in double quotes or }',
  name: 'a member name in double quotes',
  colon: 'a colon',
  afterItem: 'a comma or ]',
  afterMember: 'a comma or }',
  end: 'the end of the text',
} as const;
type Expected = keyof typeof EXPECTED;

/** Walks the tokens once and without recursion, so that no nesting can exhaust the stack. */
function findFault(text: string): JsonFault | undefined {
  /** Open containers, outermost first: the member names so far of an object, undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let next: Expected = 'value';
  const afterValue = (): Expected => (open.length === 0 ? 'end' : open.at(-1) ? 'afterMember' : 'afterItem');
  const token = new RegExp(TOKEN);

  for (;;) {
    const [whole = '', mark, string, scalar] = token.exec(text) ?? [];
    const start = token.lastIndex - (mark ?? string ?? scalar ?? '').length;
    const wantsValue = next === 'value' || next === 'firstItem';

    if (string !== undefined && (next === 'name' || next === 'firstName')) {
      const name: string = JSON.parse(string);
      const names = open.at(-1);
      if (names?.has(name))
        return faultAt(text, start, 'duplicate-member', 'the same member stands twice in one object');
      names?.add(name);
      next = 'colon';
    } else if ((string !== undefined || scalar !== undefined) && wantsValue) {
      next = afterValue();
    } else if ((mark === '{' || mark === '[') && wantsValue) {
      open.push(mark === '{' ? new Set() : undefined);
      if (open.length > MAX_JSON_DEPTH)
        return faultAt(text, start, 'too-deep', `more than ${MAX_JSON_DEPTH} levels deep`);
      next = mark === '{' ? 'firstName' : 'firstItem';
    } else if (mark === ':' && next === 'colon') {
      next = 'value';
    } else if (mark === ',' && (next === 'afterItem' || next === 'afterMember')) {
      next = next === 'afterItem' ? 'value' : 'name';
    } else if (
      (mark === '}' && (next === 'afterMember' || next === 'firstName')) ||
      (mark === ']' && (next === 'afterItem' || next === 'firstItem'))
    ) {
      open.pop();
      next = afterValue();
    } else {
      const place = mark || string || scalar ? start : skipSpace(text, token.lastIndex - whole.length);
      if (place >= text.length && next === 'end') return undefined;
      return faultAt(text, place, 'syntax', `expected ${EXPECTED[next]}`);
    }
  }
}

function skipSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && ' \t\n\r'.includes(text.charAt(index))) index += 1;
  return index;
}

function faultAt(text: string, index: number, kind: JsonFault['kind'], detail: string): JsonFault {
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  return { kind, line, column: index - before.lastIndexOf('\n'), detail };
}
