import { z } from 'zod';
import { fromFloat, toMoney, toUnits } from '@agent-platform/kernel/money';
import { BUILT_IN_PROVIDER, type Served } from './backend.ts';

const Decimal = z.string().regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be US dollars per million tokens as a text, e.g. "0.15"');

/** US dollars per million tokens. */
export const Price = z.strictObject({ input: Decimal, output: Decimal });
export type Price = z.output<typeof Price>;

interface Counted {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

/** What tokens cost at a provider, in US dollars; null: nobody knows. */
export type Pricing = (served: Served, counted: Counted) => Promise<string | null>;

const MILLION = 1_000_000n;

/** Exactly what the tokens cost. */
export const costOf = (price: Price, { prompt_tokens, completion_tokens }: Counted): string =>
  toMoney((BigInt(prompt_tokens) * toUnits(price.input) + BigInt(completion_tokens) * toUnits(price.output)) / MILLION);

/**
 * Prices by the operator's list, else by the public one that ships with `@pydantic/genai-prices` (loaded with
 * the first call that needs it); a model in neither has none: unpriced is not free. The built-in model is.
 */
export const createPricing =
  (own: Readonly<Record<string, Price>>): Pricing =>
  async ({ provider, model }, counted) => {
    if (provider === BUILT_IN_PROVIDER) return '0';
    const price = own[`${provider}/${model}`] ?? own[model];
    if (price) return costOf(price, counted);
    const { calcPrice } = await import('@pydantic/genai-prices');
    const usage = { input_tokens: counted.prompt_tokens, output_tokens: counted.completion_tokens };
    const found = calcPrice(usage, model);
    // The list calculates in floats, which are exact to far more digits than are kept here.
    return found ? toMoney(fromFloat(found.total_price)) : null;
  };
