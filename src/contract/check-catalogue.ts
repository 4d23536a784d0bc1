import * as z from 'zod';
import { Severity } from './finding.ts';

/** `GET /api/checks`. */
export const CheckCatalogue = z
  .object({
    checks: z.array(
      z
        .object({
          id: z.string().meta({ description: 'Names the fault. Never renamed, never reused.' }),
          title: z.string().meta({ description: 'The healthy state, as a sentence.' }),
          severity: Severity,
          needs: z.array(z.string()).meta({ description: 'Evidence it looks at.' }),
          behind: z.array(z.string()).meta({ description: 'Checks whose failure makes this one meaningless.' }),
          remediation: z.string(),
          reference: z.url().meta({ description: 'The rule it enforces.' }),
        })
        .meta({ id: 'Check' }),
    ),
  })
  .meta({ id: 'CheckCatalogue' });
