import { z } from 'zod';
import { BudgetScope } from '../budget/budget.contract.ts';
import { defineContract, Id, Time } from '../kit/index.ts';
import { Money } from '../kit/money.ts';

const Tokens = z.int().min(0);
const target = { account_id: Id };
const call = { call_id: Id };
const amount = { tokens: Tokens, usd: Money };

/** Whose account it is: a budget, for whom, and of which day or month. */
const account = { budget_id: Id, scope: BudgetScope, subject_id: Id.nullable(), period_start: z.string().min(1).max(10) };

/** Who holds reservations, and until when they count without a further word of it. */
const holding = { holder: Id, until: Time };

/** The sums after an event. */
const sums = { spent_tokens: Tokens, spent_usd: Money, held_tokens: Tokens, held_usd: Money };

export const budgetAccountContract = defineContract({
  category: 'budget_account',
  events: {
    'budget_account.reserved': {
      summary: 'A call was admitted, and this much is held back for it.',
      version: 1,
      data: z.object({ ...account, ...call, ...holding, ...amount, ...sums }),
    },
    'budget_account.settled': { summary: 'A call has ended, and took this much.', version: 1, data: z.object({ ...call, ...amount, ...sums }) },
    'budget_account.kept': { summary: 'Who holds reservations is alive.', version: 1, data: z.object(holding) },
    'budget_account.released': {
      summary: 'Nothing is held back for these calls any more: who held it was silent for too long.',
      version: 1,
      data: z.object({ call_ids: z.array(Id), ...sums }),
    },
  },
  commands: {
    'budget_account.reserve': {
      summary: 'Hold something back for a call, if the limit is not reached.',
      target: 'account_id',
      internal: true,
      data: z.strictObject({
        ...target,
        ...account,
        ...call,
        ...holding,
        ...amount,
        least_tokens: Tokens.optional().meta({ description: 'When little is left less may be held back, but no less than this; absent: all of it' }),
        least_usd: Money.optional(),
        limit_tokens: Tokens.nullable(),
        limit_usd: Money.nullable(),
      }),
      example: {
        account_id: 'account-1',
        budget_id: 'daily',
        scope: 'workspace',
        subject_id: null,
        period_start: '2026-01-31',
        call_id: 'call-1',
        holder: 'gateway-1',
        until: '2026-01-31T10:01:00.000Z',
        tokens: 500,
        usd: '0.0003',
        limit_tokens: 1000,
        limit_usd: null,
      },
    },
    'budget_account.settle': {
      summary: 'Say what a call took; what was held back for it is free again.',
      target: 'account_id',
      internal: true,
      data: z.strictObject({ ...target, ...call, ...amount }),
      example: { account_id: 'account-1', call_id: 'call-1', tokens: 120, usd: '0.0001' },
    },
    'budget_account.keep': {
      summary: 'Say that the holder of reservations is alive.',
      target: 'account_id',
      internal: true,
      data: z.strictObject({ ...target, ...holding }),
      example: { account_id: 'account-1', holder: 'gateway-1', until: '2026-01-31T10:02:00.000Z' },
    },
  },
  queries: {},
  routes: [],
});
