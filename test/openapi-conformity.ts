import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

export interface SeenAnswer {
  path: string;
  method: string;
  status: number;
  contentType: string;
  body: string;
}

/** Tells what an answer has that the document does not know, and what it lacks. */
export type Conformity = (answer: SeenAnswer) => string[];

interface Content {
  [mediaType: string]: { schema: object };
}
interface Operation {
  responses: Record<string, { content?: Content }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

/** Judges answers by an OpenAPI 3.0 document. An object may have no member that the document does not know. */
export function conformityTo(openapi: object): Conformity {
  const { paths, components } = openapi as Document;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'openapi', components: { schemas: closed(components.schemas) } });
  const validators = new Map<string, ReturnType<Ajv['compile']>>();
  const validatorOf = (schema: object) => {
    const text = JSON.stringify(closed(schema)).replaceAll('"#/components/', '"openapi#/components/');
    const known = validators.get(text) ?? ajv.compile(JSON.parse(text));
    validators.set(text, known);
    return known;
  };

  return ({ path, method, status, contentType, body }) => {
    const operations = paths[path];
    if (!operations) return ['the document has no such path'];
    const served = operations[method.toLowerCase()] ?? (method === 'HEAD' ? operations.get : undefined);
    // A method that is not served is answered like any other refusal of this path.
    if (!served && status !== 405) return ['the document has no such method, and it was not refused'];
    const { responses } = served ?? Object.values(operations)[0] ?? { responses: {} };
    const response = responses[status];
    if (!response) return ['the document has no such status'];
    const [mediaType = ''] = contentType.split(';');
    const content = response.content?.[mediaType];
    if (!content) return [`the document has no ${contentType} here`];
    if (!/[/+]json$/.test(mediaType)) return [];
    const validate = validatorOf(content.schema);
    validate(JSON.parse(body));
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** The schema with every object closed that says which members it has. */
function closed(schema: unknown): object {
  return close(schema) as object;
}

function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(close);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, close(item)]));
  return typeof copy.properties === 'object' && copy.type === 'object'
    ? { additionalProperties: false, ...copy }
    : copy;
}
