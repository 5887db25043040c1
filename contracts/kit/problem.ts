import { z } from 'zod';

/** One thing wrong with an input: where (JSON pointer), what rule, what to do about it. */
export const ProblemField = z.object({
  field: z.string(),
  rule: z.string(),
  remedy: z.string().optional(),
});
export type ProblemField = z.output<typeof ProblemField>;

/** RFC 9457 problem details: the body of every refusal, on HTTP and on NATS. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    instance: z.string().optional(),
    request_id: z.string().optional(),
    retryable: z.boolean(),
    retry_after_seconds: z.number().optional(),
    errors: z.array(ProblemField).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof Problem>;
