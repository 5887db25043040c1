import { z } from 'zod';
import { defineContract, GetParams, Id, pageOf, PageParams, Time } from '../kit/index.ts';
import { Money } from '../kit/money.ts';

/** The budgets of a workspace are one short stream: whoever is about to call a model reads all of them at once. */
export const BUDGETS = 'budgets';

export const BudgetScope = z.enum(['workspace', 'agent', 'run']);

const target = { budgets: z.literal(BUDGETS).default(BUDGETS).meta({ description: 'The budgets of the workspace; needs not be given' }) };
const id = { budget_id: Id };

const rule = {
  scope: BudgetScope,
  subject_id: Id.nullable().meta({ description: 'Which agent or run; null: each of them has this much for itself' }),
  period: z.enum(['day', 'month', 'total']).meta({ description: 'day and month begin at midnight UTC; total never begins anew' }),
  limit_tokens: z.int().min(0).nullable().meta({ description: 'Prompt and completion together; null: no limit in tokens' }),
  limit_usd: Money.nullable().meta({ description: 'US dollars; null: no limit in money. Calls of models without a known price cost nothing here' }),
  output_tokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .meta({ description: 'How long an answer is taken to be at most when its request names no max_tokens and the limit of its model is not known' }),
};

/** What a budget allows to whom. */
export const BudgetRule = z.object(rule);
export type BudgetRule = z.output<typeof BudgetRule>;

export const BudgetView = z.object({ id: Id, workspace_id: z.string(), ...rule, set_at: Time }).meta({ id: 'Budget' });

export const BudgetUsageView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    budget_id: Id,
    scope: BudgetScope,
    subject_id: Id.nullable().meta({ description: 'The agent or run; null: the workspace' }),
    period_start: z.string().meta({ description: 'Day or month, UTC, e.g. 2026-01-31 or 2026-01; "total" for ever' }),
    spent_tokens: z.int().min(0),
    spent_usd: Money,
    held_tokens: z.int().min(0).meta({ description: 'Held back for calls under way' }),
    held_usd: Money,
    changed_at: Time,
  })
  .meta({ id: 'BudgetUsage', description: 'What was spent of a budget: by whom it is for, and since when' });

export const budgetContract = defineContract({
  category: 'budget',
  events: {
    'budget.changed': { summary: 'A budget was made, or allows something else from now on.', version: 1, data: z.object({ ...id, ...rule }) },
    'budget.removed': { summary: 'A budget limits nothing any more.', version: 1, data: z.object(id) },
  },
  commands: {
    'budget.set': {
      summary: 'Make a budget, or change what one allows. It counts from its making on; what was spent of it stays.',
      target: 'budgets',
      data: z.strictObject({
        ...target,
        budget_id: Id.optional(),
        scope: rule.scope,
        subject_id: rule.subject_id.default(null),
        period: rule.period.default('day'),
        limit_tokens: rule.limit_tokens.default(null),
        limit_usd: rule.limit_usd.default(null),
        output_tokens: rule.output_tokens.default(16_384),
      }),
      example: { budget_id: 'daily', scope: 'workspace', period: 'day', limit_tokens: 1_000_000, limit_usd: '5' },
    },
    'budget.remove': {
      summary: 'Remove a budget.',
      target: 'budgets',
      data: z.strictObject({ ...target, ...id }),
      example: { budget_id: 'daily' },
    },
  },
  queries: {
    'budget.get': { summary: 'One budget.', params: z.object({ ...id, ...GetParams }), result: BudgetView },
    'budget.list': {
      summary: 'Budgets, newest first.',
      params: z.object({ ...PageParams, scope: BudgetScope.optional(), subject_id: Id.optional() }),
      result: pageOf(BudgetView),
    },
    'budget.usage': {
      summary: 'What was spent of budgets, the last changed first.',
      params: z.object({ ...PageParams, budget_id: Id.optional(), subject_id: Id.optional(), period_start: z.string().max(10).optional() }),
      result: pageOf(BudgetUsageView),
    },
  },
  routes: [
    { method: 'POST', path: '/billing/budgets', command: 'budget.set', status: 201 },
    { method: 'GET', path: '/billing/budgets', query: 'budget.list' },
    { method: 'GET', path: '/billing/budgets/{budget_id}', query: 'budget.get' },
    { method: 'PUT', path: '/billing/budgets/{budget_id}', command: 'budget.set' },
    { method: 'DELETE', path: '/billing/budgets/{budget_id}', command: 'budget.remove' },
    { method: 'GET', path: '/billing/budgets/{budget_id}/usage', query: 'budget.usage' },
  ],
});
