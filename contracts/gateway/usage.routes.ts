import { z } from 'zod';
import { Id, PageParams, Time } from '../kit/index.ts';
import { defineRoutes } from './route.ts';

const Tokens = z.int().min(0);

/** Sums over the calls of models; they agree with `GET /billing/calls`, row by row. */
export const usageRoutes = defineRoutes({
  'usage.sums': {
    method: 'GET',
    path: '/billing/usage',
    summary: 'Calls, tokens and cost of the models of a workspace, grouped.',
    params: z.object({
      group_by: z.enum(['none', 'day', 'model', 'run', 'agent']).default('none'),
      from: Time.optional(),
      to: Time.optional(),
      run_id: Id.optional(),
      agent_id: Id.optional(),
      limit: PageParams.limit,
      read_after: PageParams.read_after,
    }),
    answer: z
      .object({
        items: z.array(
          z.object({
            key: z.string().nullable().meta({ description: 'Day, model, run or agent; null: the calls that have none, or all of them' }),
            calls: z.int().min(0),
            prompt_tokens: Tokens,
            completion_tokens: Tokens,
            cost_usd: z.string().meta({ description: 'Of the priced calls' }),
            unpriced_calls: z.int().min(0).meta({ description: 'Calls whose model has no known price: their cost is missing in the sum' }),
          }),
        ),
        position: z.int(),
      })
      .meta({ id: 'Usage' }),
  },
});
