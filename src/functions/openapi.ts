import { OpenApiDocument } from '../contract/openapi.ts';
import { jsonEndpoint } from './endpoint.ts';
import exampleAnswers from './example-answers.json' with { type: 'json' };
import { openapiDocument } from './openapi-document.ts';

/** `GET /api/openapi.json`: this API as OpenAPI 3.0, from the schemas that it judges by. */
export const openapi = jsonEndpoint({
  summary: 'This API as OpenAPI 3.0',
  description: 'What this document is. It keeps to what the OpenAPI import of ServiceNow is documented to take.',
  answers: { 200: OpenApiDocument },
  examples: [],
  answer: async ({ origin }, { routes }) => ({
    body: { ...(await openapiDocument(routes, exampleAnswers)), servers: [{ url: origin }] },
  }),
});
