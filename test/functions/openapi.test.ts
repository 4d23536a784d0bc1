import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleAnswers } from '../../local/examples.ts';
import { openapiDocument } from '../../src/functions/openapi-document.ts';
import { routes } from '../../src/routes.ts';
import { type StartedServer, startServer } from '../local/server.ts';

let server: StartedServer;
let served: Record<string, unknown>;
beforeAll(async () => {
  server = await startServer();
  served = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as Record<string, unknown>;
});
afterAll(async () => {
  await server.stop();
});

interface Operation {
  operationId: string;
  summary: string;
  requestBody?: { content: Record<string, { examples: Record<string, { value: object }> }> };
  responses: Record<string, { content?: Record<string, { examples?: Record<string, unknown> }> }>;
}
const operations = () => Object.entries(served.paths as Record<string, Record<string, Operation>>);

describe('GET /api/openapi.json', () => {
  it('is docs/openapi.json, at the address it was asked at', () => {
    const { servers, ...rest } = served;
    const { servers: _, ...written } = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
    expect(servers).toEqual([{ url: server.url }]);
    expect(rest).toEqual(written);
  });

  it('shows examples that are real: sent again, they are answered so', async () => {
    const answers = await exampleAnswers(server.url, routes);
    expect(JSON.parse(readFileSync('src/functions/example-answers.json', 'utf8'))).toEqual(answers);
    expect(JSON.parse(readFileSync('docs/openapi.json', 'utf8'))).toEqual(await openapiDocument(routes, answers));
    const shown = operations().flatMap(([, methods]) =>
      Object.values(methods).flatMap(({ operationId, responses }) =>
        Object.entries(responses).flatMap(([status, { content = {} }]) =>
          Object.keys(content['application/json']?.examples ?? {}).map((name) => [operationId, name, Number(status)]),
        ),
      ),
    );
    expect(shown).toEqual(
      Object.entries(answers).flatMap(([name, of]) =>
        Object.entries(of).map(([example, { status }]) => [name, example, status]),
      ),
    );
  });

  it('has every route, under the name of its function', () => {
    const documented = operations().flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [path, method, operationId]),
    );
    expect(documented).toEqual(routes.map(({ path, method, name }) => [`/${path}`, method.toLowerCase(), name]));
    expect(new Set(documented.map(([, , id]) => id)).size).toBe(documented.length);
  });

  it('has a real request for each operation that takes a body', () => {
    for (const [, methods] of operations())
      for (const { requestBody } of Object.values(methods))
        if (requestBody) expect(Object.keys(requestBody.content['application/json']?.examples ?? {})).not.toEqual([]);
  });
});

describe('what ServiceNow’s importer takes', () => {
  /** Every key in the document, but in examples, where they are data. */
  const keysIn = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => (key === 'examples' ? [] : [key, ...keysIn(item)]))
      : [];

  it('is OpenAPI 3.0 without unions, discriminators, callbacks and security schemes', () => {
    expect(served.openapi).toMatch(/^3\.0\.\d+$/);
    const keys = new Set(keysIn(served));
    for (const unsupported of [
      'oneOf',
      'anyOf',
      'not',
      'discriminator',
      'callbacks',
      'securitySchemes',
      '$id',
      '$schema',
      '$defs',
      'const',
    ])
      expect(keys).not.toContain(unsupported);
  });

  it('is request bodies in JSON', () => {
    const types = operations().flatMap(([, methods]) =>
      Object.values(methods).flatMap(({ requestBody }) => Object.keys(requestBody?.content ?? {})),
    );
    expect(new Set(types)).toEqual(new Set(['application/json']));
  });

  it('is schemas that do not contain themselves, and references that lead somewhere', () => {
    const { schemas } = served.components as { schemas: Record<string, object> };
    const referencesIn = (value: object) =>
      [...JSON.stringify(value).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
    const visit = (name: string, above: readonly string[]): void => {
      expect(above).not.toContain(name);
      expect(Object.keys(schemas)).toContain(name);
      for (const next of referencesIn(schemas[name]!)) visit(next, [...above, name]);
    };
    for (const name of Object.keys(schemas)) visit(name, []);
    for (const name of referencesIn(served.paths as object)) expect(Object.keys(schemas)).toContain(name);
  });

  it('is one server', () => {
    expect(served.servers).toHaveLength(1);
  });
});

describe('Redocly', () => {
  it('finds nothing in it', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const found = await lintFromString({ source: JSON.stringify(served), absoluteRef: '/openapi.json', config });
    expect(found.map(({ ruleId, message, severity }) => [severity, ruleId, message])).toEqual([]);
  });

  it('does find a fault', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const source = JSON.stringify({ ...served, info: {} });
    expect(await lintFromString({ source, absoluteRef: '/openapi.json', config })).not.toEqual([]);
  });
});
