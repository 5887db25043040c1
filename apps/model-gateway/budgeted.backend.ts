import type { BudgetRule } from '@agent-platform/contracts/budget/budget.contract';
import { toUnits } from '@agent-platform/kernel/money';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import { promptAtMost, writtenAtMost } from './budget.estimate.ts';
import type { Amount, Budgets } from './budget.keeper.ts';
import { OpenAiError } from './openai.error.ts';
import { MAYBE_PAID } from './usage.call.ts';
import type { Pricing } from './usage.price.ts';

/**
 * Lets calls through that their budgets admit. What an answer took is known when it has ended: whoever passes it on settles
 * `hold` then. A call without an answer is settled here: with nothing, or with its prompt when the provider may have read it.
 */
export function createBudgetedBackend(backend: Backend, budgets: Budgets, price: Pricing): Backend {
  const amount = async (model: string, prompt_tokens: number, completion_tokens: number): Promise<Amount> => {
    const prices = await Promise.all(backend.targets(model).map((target) => price(target, { prompt_tokens, completion_tokens })));
    // The dearest of those that may be asked; one without a price costs nothing here, and is marked in usage.
    const usd = prices.reduce<string>((most, one) => (one !== null && toUnits(one) > toUnits(most) ? one : most), '0');
    return { tokens: prompt_tokens + completion_tokens, usd };
  };

  const within = async (model: string, body: object, call: BackendCall, ask: () => Promise<BackendAnswer>): Promise<BackendAnswer> => {
    // Most workspaces have no budgets: a request is looked at when there is one.
    let prompt: number | undefined;
    const promptOf = () => (prompt ??= promptAtMost(body));
    const most = async (rule: BudgetRule): Promise<Amount> => {
      const written = writtenAtMost(body, rule.output_tokens);
      return rule.limit_usd === null ? { tokens: promptOf() + written, usd: '0' } : amount(model, promptOf(), written);
    };
    const hold = await budgets.reserve(call.label, most, call.signal);
    if (!hold) return ask();
    try {
      return { ...(await ask()), hold };
    } catch (error) {
      const paid = error instanceof OpenAiError && MAYBE_PAID.has(error.status);
      hold.settle(await amount(model, paid ? promptOf() : 0, 0));
      throw error;
    }
  };

  return {
    ...backend,
    chat: (body, call) => within(body.model || backend.defaultModel, body, call, () => backend.chat(body, call)),
    embeddings: (body, call) => within(body.model || backend.defaultModel, { ...body, max_tokens: 0 }, call, () => backend.embeddings(body, call)),
    rerank: (body, call) => within(body.model || backend.defaultModel, { ...body, max_tokens: 0 }, call, () => backend.rerank(body, call)),
  };
}
