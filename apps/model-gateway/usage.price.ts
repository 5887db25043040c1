import { z } from 'zod';

const Decimal = z.string().regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be US dollars per million tokens as a text, e.g. "0.15"');

/** US dollars per million tokens. */
export const Price = z.strictObject({ input: Decimal, output: Decimal });
export type Price = z.output<typeof Price>;

interface Counted {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

/** Digits behind the point: a price has six, and is for a million tokens. */
const SCALE = 12;

/** Exactly what the tokens cost. */
export function costOf(price: Price, { prompt_tokens, completion_tokens }: Counted): string {
  return decimal(BigInt(prompt_tokens) * millionths(price.input) + BigInt(completion_tokens) * millionths(price.output));
}

function millionths(price: string): bigint {
  const [whole = '0', part = ''] = price.split('.');
  return BigInt(whole + part.padEnd(6, '0'));
}

function decimal(units: bigint): string {
  const text = units.toString().padStart(SCALE + 1, '0');
  return `${text.slice(0, -SCALE)}.${text.slice(-SCALE)}`.replace(/\.?0+$/, '') || '0';
}

/**
 * Cost of a call by the operator's prices, else by the public list that ships with `@pydantic/genai-prices` (loaded with
 * the first call that needs it); null when the model is in neither: unpriced is not free.
 */
export async function priceCall(own: Readonly<Record<string, Price>>, provider: string, model: string, counted: Counted): Promise<string | null> {
  const price = own[`${provider}/${model}`] ?? own[model];
  if (price) return costOf(price, counted);
  const { calcPrice } = await import('@pydantic/genai-prices');
  const usage = { input_tokens: counted.prompt_tokens, output_tokens: counted.completion_tokens };
  const found = calcPrice(usage, model);
  // The list calculates in floats, which are exact to far more digits than are kept here.
  return found ? decimal(BigInt(Math.round(found.total_price * 10 ** SCALE))) : null;
}
