import { describe, expect, it } from 'vitest';
import { countTokens } from './usage.meter.ts';
import { costOf, createPrices, type Price } from './usage.price.ts';

const priceOf = (own: Record<string, Price>, provider: string, model: string, tokens: typeof counted) => createPrices(own).price({ provider, model }, tokens);
const counted = { prompt_tokens: 1000, completion_tokens: 100 };

describe('prices', () => {
  it('are exact decimals', () => {
    expect(costOf({ input: '0.15', output: '0.6' }, counted)).toBe('0.00021');
    expect(costOf({ input: '0.000001', output: '0' }, { prompt_tokens: 1, completion_tokens: 0 })).toBe('0.000000000001');
    expect(costOf({ input: '10', output: '0' }, { prompt_tokens: 1_000_000, completion_tokens: 0 })).toBe('10');
    expect(costOf({ input: '0', output: '0' }, counted)).toBe('0');
  });

  it("are the operator's first, then the public list's; an unknown model is unpriced, never free", async () => {
    expect(await priceOf({}, 'openai', 'gpt-4o-mini', counted)).toBe('0.00021');
    expect(await priceOf({ 'gpt-4o-mini': { input: '1', output: '0' } }, 'openai', 'gpt-4o-mini', counted)).toBe('0.001');
    expect(await priceOf({ 'mine/m': { input: '2', output: '0' }, m: { input: '1', output: '0' } }, 'mine', 'm', counted)).toBe('0.002');
    expect(await priceOf({}, 'mine', 'house-model', counted)).toBeNull();
  });

  it('of the public list are found by the address of the provider, or by the model alone', async () => {
    const prices = createPrices({}, { openai: 'https://api.openai.com/v1', router: 'https://openrouter.ai/api/v1', proxy: 'http://127.0.0.1:4000' });
    const of = (provider: string, model: string) => prices.price({ provider, model }, { prompt_tokens: 1000, completion_tokens: 0 });
    expect(await of('openai', 'text-embedding-3-small')).toBe('0.00002');
    expect(await of('router', 'openai/gpt-4o-mini')).toBe('0.00015');
    expect([await of('proxy', 'gpt-4o-mini'), await of('proxy', 'text-embedding-3-small')]).toEqual(['0.00015', null]);
  });
});

describe('tokens', () => {
  const request = { messages: [{ role: 'user', content: [{ type: 'text', text: 'hello world' }] }] };
  const stream = (...data: object[]) => `${data.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')}data: [DONE]\n\n`;
  const piece = (content: string) => ({ choices: [{ index: 0, delta: { content } }] });

  it("are the provider's count, in an answer of one piece and in a stream", async () => {
    const usage = { prompt_tokens: 7, completion_tokens: 3 };
    expect(await countTokens(request, JSON.stringify({ choices: [], usage }))).toEqual({ ...usage, counted_by: 'provider' });
    expect(await countTokens(request, stream(piece('a'), { choices: [], usage }))).toEqual({ ...usage, counted_by: 'provider' });
    const reranked = JSON.stringify({ results: [], usage: { total_tokens: 7 } });
    expect(await countTokens(request, reranked)).toEqual({ prompt_tokens: 7, completion_tokens: 0, counted_by: 'provider' });
  });

  it('are counted where the provider does not, also of a stream that broke off', async () => {
    const expected = { prompt_tokens: 2, completion_tokens: 2, counted_by: 'tokenizer' };
    expect(await countTokens(request, stream(piece('hello'), piece(' world')))).toEqual(expected);
    expect(await countTokens(request, `${stream(piece('hello world')).replace('data: [DONE]\n\n', '')}data: {"choi`)).toEqual(expected);
    expect(await countTokens(request, JSON.stringify({ choices: [{ message: { content: 'hello world' } }], usage: { prompt_tokens: -1 } }))).toEqual(expected);
  });
});
