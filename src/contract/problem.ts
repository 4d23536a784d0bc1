import * as z from 'zod';

/** A problem document (RFC 9457): the answer to a request that cannot be understood, allowed or served. */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'A stable name of the kind of problem, as a relative reference.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What to change in the request.' }),
    errors: z
      .array(
        z.object({
          pointer: z
            .string()
            .meta({ description: 'Where in the request body, as a JSON pointer (RFC 6901); "" is the whole body.' }),
          detail: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'One entry a fault, with its place.' }),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** Thrown where a request cannot be understood; `functions/endpoint.ts` turns it into the answer. Carries no input. */
export class RequestError extends Error {
  readonly problem: Omit<Problem, 'requestId'>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Omit<Problem, 'requestId'>, headers: Readonly<Record<string, string>> = {}) {
    super(problem.title);
    this.problem = problem;
    this.headers = headers;
  }
}
