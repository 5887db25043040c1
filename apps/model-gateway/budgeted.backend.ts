import type { BudgetRule } from '@agent-platform/contracts/budget/budget.contract';
import { toUnits } from '@agent-platform/kernel/money';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import { askedOutput, openOutput, outputOfPart, promptAtMost } from './budget.estimate.ts';
import type { Amount, Budgets, Wanted } from './budget.keeper.ts';
import { OpenAiError } from './openai.error.ts';
import { MAYBE_PAID } from './usage.call.ts';
import type { Prices } from './usage.price.ts';

/**
 * Lets calls through that their budgets admit. What an answer took is known when it has ended: whoever passes it on settles
 * `hold` then. A call without an answer is settled here: with nothing, or with its prompt when the provider may have read it.
 * A request that names no `max_tokens` gets one when little is left (`x-max-tokens` of the answer says which), so that small
 * budgets admit it, and several at once.
 */
export function createBudgetedBackend(backend: Backend, budgets: Budgets, { price, outputLimit }: Prices): Backend {
  const amount = async (model: string, prompt_tokens: number, completion_tokens: number): Promise<Amount> => {
    const prices = await Promise.all(backend.targets(model).map((target) => price(target, { prompt_tokens, completion_tokens })));
    // The dearest of those that may be asked; one without a price costs nothing here, and is marked in usage.
    const usd = prices.reduce<string>((most, one) => (one !== null && toUnits(one) > toUnits(most) ? one : most), '0');
    return { tokens: prompt_tokens + completion_tokens, usd };
  };

  const within = async (model: string, body: object, call: BackendCall, ask: (maxTokens: number | null) => Promise<BackendAnswer>): Promise<BackendAnswer> => {
    const limits = backend.targets(model).map(outputLimit);
    // Of a model that nobody has nothing is known.
    const known = limits.length === 0 || limits.includes(null) ? null : Math.max(...limits.map(Number));
    // Most workspaces have no budgets: a request is looked at when there is one.
    let prompt: number | undefined;
    const promptOf = () => (prompt ??= promptAtMost(body));
    let open: ReturnType<typeof openOutput> | null = null;
    const wanted = async (rule: BudgetRule): Promise<Wanted> => {
      const { limit, answers } = askedOutput(body);
      const of = (written: number): Promise<Amount> | Amount =>
        rule.limit_usd === null ? { tokens: promptOf() + written * answers, usd: '0' } : amount(model, promptOf(), written * answers);
      if (limit !== null) {
        const most = await of(limit);
        return { most, least: most };
      }
      const output = openOutput(known ?? rule.output_tokens);
      if (!open || output.most < open.most) open = output;
      return { most: await of(output.most), least: await of(output.least) };
    };
    const hold = await budgets.reserve(call.label, wanted, call.signal);
    if (!hold) return ask(null);
    try {
      const maxTokens = open && hold.part < 1 ? outputOfPart(hold.part, open, limits) : null;
      const answer = await ask(maxTokens);
      if (maxTokens === null) return { ...answer, hold };
      return { ...answer, hold, headers: { ...answer.headers, 'x-max-tokens': String(maxTokens) } };
    } catch (error) {
      const paid = error instanceof OpenAiError && MAYBE_PAID.has(error.status);
      hold.settle(await amount(model, paid ? promptOf() : 0, 0));
      throw error;
    }
  };

  return {
    ...backend,
    chat: (body, call) =>
      within(body.model || backend.defaultModel, body, call, (max_tokens) => backend.chat(max_tokens === null ? body : { ...body, max_tokens }, call)),
    embeddings: (body, call) => within(body.model || backend.defaultModel, { ...body, max_tokens: 0 }, call, () => backend.embeddings(body, call)),
    rerank: (body, call) => within(body.model || backend.defaultModel, { ...body, max_tokens: 0 }, call, () => backend.rerank(body, call)),
  };
}
