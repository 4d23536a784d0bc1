import { catalogue } from '../checks/index.ts';
import { CheckCatalogue } from '../contract/check-catalogue.ts';
import { jsonEndpoint } from './endpoint.ts';

/** `GET /api/checks`: the catalogue, in fix order. */
export const listChecks = jsonEndpoint({
  summary: 'What is checked, in which order?',
  description: 'The catalogue of checks in fix order: of two broken links the earlier one is the root cause.',
  answers: { 200: CheckCatalogue },
  examples: [],
  answer: async () => ({
    body: {
      checks: catalogue.map(({ id, title, severity, needs, behind, remediation, reference }) => ({
        id,
        title,
        severity,
        needs,
        behind,
        remediation,
        reference,
      })),
    },
  }),
});
