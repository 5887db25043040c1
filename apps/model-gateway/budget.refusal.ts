import { type BudgetAccountState, heldAt } from '@agent-platform/budget-account/index';
import type { Rejection } from '@agent-platform/kernel/index';
import { toMoney, toUnits } from '@agent-platform/kernel/money';
import { resetsAt } from './budget.period.ts';
import type { Applying } from './budget.plan.ts';
import { OpenAiError } from './openai.error.ts';

/**
 * Why a call was not let through: which limit, how much of it is left, and when it begins anew. 402 `budget_exceeded` when it is
 * spent: asking again is no use. 429 `budget_held` when calls under way hold back what is left: their end may free it.
 */
export function budgetRefusal({ budget_id, rule, subject_id }: Applying, rejection: Rejection, state: BudgetAccountState, now: string): OpenAiError {
  const held = heldAt(state, now);
  const resets_at = resetsAt(rule.period, now);
  const budget = {
    budget_id,
    scope: rule.scope,
    subject_id,
    period: rule.period,
    limit_tokens: rule.limit_tokens,
    limit_usd: rule.limit_usd,
    spent_tokens: state.spent.tokens,
    spent_usd: state.spent.usd,
    held_tokens: held.tokens,
    held_usd: held.usd,
    left_tokens: rule.limit_tokens === null ? null : Math.max(0, rule.limit_tokens - state.spent.tokens),
    left_usd: rule.limit_usd === null ? null : leftOf(rule.limit_usd, state.spent.usd),
    resets_at,
  };
  const whose = subject_id === null ? 'the workspace' : `${rule.scope} "${subject_id}"`;
  const figures = [
    ...(rule.limit_tokens === null ? [] : [`${state.spent.tokens} of ${rule.limit_tokens} tokens spent`]),
    ...(rule.limit_usd === null ? [] : [`${state.spent.usd} of ${rule.limit_usd} US dollars spent`]),
  ].join(', ');
  const about = `The budget "${budget_id}" of ${whose}`;
  if (rejection.code === 'budget-held') {
    const message = `${about} (${figures}) is held back for calls under way. Try again when they have ended, or name a smaller max_tokens.`;
    return new OpenAiError(429, 'budget_held', message, { retryAfterSeconds: 1, budget });
  }
  const remedy = resets_at === null ? 'Raise it to go on.' : `It begins anew at ${resets_at}; raise it to go on before.`;
  return new OpenAiError(402, 'budget_exceeded', `${about} is reached: ${figures}. ${remedy}`, { budget });
}

/** The log does not answer: a call that a budget might be for is not let through. */
export const budgetsUnavailable = (cause: unknown): OpenAiError =>
  new OpenAiError(503, 'budget_unavailable', 'The budgets of the workspace can not be looked at right now. Try again shortly.', {
    cause,
    retryAfterSeconds: 1,
  });

function leftOf(limit: string, spent: string): string {
  const left = toUnits(limit) - toUnits(spent);
  return toMoney(left > 0n ? left : 0n);
}
