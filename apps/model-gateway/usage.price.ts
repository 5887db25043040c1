import { z } from 'zod';
import { fromFloat, toMoney, toUnits } from '@agent-platform/kernel/money';
import { BUILT_IN_PROVIDER, type Served } from './served.ts';

const Decimal = z.string().regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be US dollars per million tokens as a text, e.g. "0.15"');

/** Of a model: US dollars per million tokens, and the tokens of its longest answer. */
export const Price = z.strictObject({ input: Decimal, output: Decimal, max_output_tokens: z.int().min(1).max(10_000_000).optional() });
export type Price = z.output<typeof Price>;

interface Counted {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

/** What is known of models at providers. */
export interface Prices {
  /** What tokens cost, in US dollars; null: nobody knows. */
  price(served: Served, counted: Counted): Promise<string | null>;
  /** Tokens of the longest answer; null: nobody said. */
  outputLimit(served: Served): number | null;
}

const MILLION = 1_000_000n;

/** Exactly what the tokens cost. */
export const costOf = (price: Price, { prompt_tokens, completion_tokens }: Counted): string =>
  toMoney((BigInt(prompt_tokens) * toUnits(price.input) + BigInt(completion_tokens) * toUnits(price.output)) / MILLION);

/**
 * Prices by the operator's list, else by the public one that ships with `@pydantic/genai-prices` (loaded with
 * the first call that needs it), where a model is found by the base URL of its provider (`addresses`, by name) or by its name alone; a model in neither has none: unpriced is not free. The built-in model is.
 */
export function createPrices(own: Readonly<Record<string, Price>>, addresses: Readonly<Record<string, string>> = {}): Prices {
  const ownOf = ({ provider, model }: Served): Price | undefined => own[`${provider}/${model}`] ?? own[model];
  return {
    async price(served, counted) {
      if (served.provider === BUILT_IN_PROVIDER) return '0';
      const price = ownOf(served);
      if (price) return costOf(price, counted);
      const { calcPrice } = await import('@pydantic/genai-prices');
      const usage = { input_tokens: counted.prompt_tokens, output_tokens: counted.completion_tokens };
      const address = addresses[served.provider];
      const found = (address === undefined ? null : calcPrice(usage, served.model, { providerApiUrl: address })) ?? calcPrice(usage, served.model);
      // The list calculates in floats, which are exact to far more digits than are kept here.
      return found ? toMoney(fromFloat(found.total_price)) : null;
    },
    outputLimit: (served) => ownOf(served)?.max_output_tokens ?? null,
  };
}
