import { z } from 'zod';
import { Id, PageParams, Time } from '../kit/index.ts';
import { defineRoutes } from './route.ts';

const Tokens = z.int().min(0);

const sums = {
  calls: z.int().min(0),
  prompt_tokens: Tokens,
  completion_tokens: Tokens,
  cost_usd: z.string().meta({ description: 'Of the priced calls' }),
  unpriced_calls: z.int().min(0).meta({ description: 'Calls whose model has no known price: their cost is missing in the sum' }),
};

const period = { from: Time.optional(), to: Time.optional() };
const whose = { run_id: Id.optional(), agent_id: Id.optional() };
const page = { limit: PageParams.limit, read_after: PageParams.read_after };
const pageOf = (id: string, key: z.ZodRawShape) => z.object({ items: z.array(z.object({ ...key, ...sums })), position: z.int() }).meta({ id });

/** Sums over the calls of models; they agree with `GET /billing/calls`, row by row. */
export const usageRoutes = defineRoutes({
  'usage.sums': {
    method: 'GET',
    path: '/billing/usage',
    summary: 'Calls, tokens and cost of the models of a workspace, grouped.',
    params: z.object({ group_by: z.enum(['none', 'day', 'hour', 'model', 'run', 'skill_run', 'agent']).default('none'), ...period, ...whose, ...page }),
    answer: pageOf('Usage', {
      key: z.string().nullable().meta({ description: 'Day, hour, model, run, skill run or agent; null: the calls that have none, or all of them' }),
    }),
  },
  'usage.agents': {
    method: 'GET',
    path: '/billing/agent-breakdown',
    summary: 'Calls, tokens and cost of each agent, the dearest first.',
    params: z.object({ ...period, ...page }),
    answer: pageOf('UsageByAgent', { agent_id: Id.nullable().meta({ description: 'null: the calls of no agent' }) }),
  },
  'usage.history': {
    method: 'GET',
    path: '/billing/usage/history',
    summary: 'Calls, tokens and cost by day or hour, the first one first. Those without calls are left out.',
    params: z.object({ interval: z.enum(['day', 'hour']).default('day'), ...period, ...whose, ...page }),
    answer: pageOf('UsageHistory', { start: z.string().meta({ description: 'Day, e.g. 2026-01-31, or beginning of the hour, UTC' }) }),
  },
});
