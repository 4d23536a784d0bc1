import * as z from 'zod';
import { CloudName } from './clouds.ts';
import { TargetName } from './target.ts';

/**
 * `POST /api/tokens/analyze`. `token` has no length limit of its own: the body's is the limit of a request, and a token
 * longer than receivers take is a finding, not an HTTP error.
 */
export const AnalyzeTokenRequest = z
  .strictObject({
    token: z.string().min(1).meta({
      description: 'The token as the receiver was sent it; `Bearer `, quotes and white space around it are removed.',
    }),
    target: TargetName,
    cloud: CloudName.optional().meta({
      description: 'The cloud of the target; default: the setting TOKEN_DOCTOR_CLOUD.',
    }),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'Judge for this moment instead of now (RFC 3339).' }),
  })
  .meta({ id: 'AnalyzeTokenRequest' });
export type AnalyzeTokenRequest = z.infer<typeof AnalyzeTokenRequest>;
