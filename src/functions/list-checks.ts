import { tokenQuestion } from '../checks/index.ts';
import type { Endpoint } from './endpoint.ts';

/** `GET /api/checks`: the catalogue, in fix order. */
export const listChecks: Endpoint = async () => ({
  checks: tokenQuestion.checks.map(({ id, title, severity, needs, behind, remediation, reference }) => ({
    id,
    title,
    severity,
    needs,
    behind,
    remediation,
    reference,
  })),
});
