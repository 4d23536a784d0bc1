/** Route parameters by name; an optional one that is not there is left out. */
export type Matched = Record<string, string>;

/** The constraints of ASP.NET Core route templates that the Functions host knows and that can be told from text alone. */
const CONSTRAINTS: Readonly<Record<string, RegExp>> = {
  int: /^-?\d+$/,
  long: /^-?\d+$/,
  alpha: /^[a-z]+$/i,
  bool: /^(?:true|false)$/i,
  guid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
};

/** Ranks of segments; a route that has ended ranks above any continuation of it. */
export const ENDED = 5;
const LITERAL = 4;
const CONSTRAINED = 3;
const PARAMETER = 2;
const OPTIONAL = 1;
const CATCH_ALL = 0;

/**
 * Compiles a route such as `api/authorize/{policy}/{*path}`: literals compare without case, `{name:int}` is constrained,
 * `{name?}` optional, `{*name}` takes the rest. `specificity` ranks segment by segment, the higher the sooner tried.
 */
export function compileRoute(template: string): {
  match(path: string): Matched | undefined;
  specificity: readonly number[];
} {
  const segments = template.split('/').map((text) => {
    const [, star, name, constraint, optional] = /^\{(\*?)(\w+)(?::(\w+))?(\?)?\}$/.exec(text) ?? [];
    if (name === undefined) {
      // Passing for a literal would hide that this host does not know what the platform knows.
      if (/[{}]/.test(text)) throw new Error(`The route segment "${text}" is of a form the local host does not know.`);
      return { rank: LITERAL, text: text.toLowerCase() };
    }
    const allowed = constraint === undefined ? undefined : CONSTRAINTS[constraint];
    if (constraint !== undefined && !allowed)
      throw new Error(`The route constraint "${constraint}" is not known to the local host.`);
    const rank = star ? CATCH_ALL : optional ? OPTIONAL : allowed ? CONSTRAINED : PARAMETER;
    return { rank, name, optional: optional !== undefined, allowed };
  });

  const match = (path: string): Matched | undefined => {
    const given = path.replace(/^\/|\/$/g, '').split('/');
    const parameters: Matched = {};
    for (const segment of segments) {
      if (segment.name === undefined) {
        if (decoded(given.shift() ?? '').toLowerCase() !== segment.text) return undefined;
      } else if (segment.rank === CATCH_ALL) {
        parameters[segment.name] = given.splice(0).map(decoded).join('/');
      } else {
        const value = given.shift();
        if (value === undefined || value === '') {
          if (!segment.optional) return undefined;
        } else {
          if (segment.allowed && !segment.allowed.test(decoded(value))) return undefined;
          parameters[segment.name] = decoded(value);
        }
      }
    }
    return given.length === 0 ? parameters : undefined;
  };
  return { match, specificity: segments.map(({ rank }) => rank) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
