import { LLMock } from '@copilotkit/aimock';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startModelGateway, type ModelGatewayConfig } from './index.ts';
import { Handling, type Routing } from './models.file.ts';

let mock: LLMock;
const cleanups: (() => unknown)[] = [];
beforeAll(async () => {
  mock = new LLMock({ port: 0, logLevel: 'silent' });
  mock.onRerank('capital', [
    { index: 1, relevance_score: 0.9 },
    { index: 0, relevance_score: 0.2 },
  ]);
  await mock.start();
});
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  await mock.stop();
});

async function gateway(config: ModelGatewayConfig) {
  const calls: Promise<unknown>[] = [];
  const usage = { record: (_: string, call: Promise<unknown>) => void calls.push(call), close: () => Promise.resolve() };
  const { baseUrl, close } = await startModelGateway({ port: 0, drainMs: 0, ...config }, { logger: pino({ level: 'silent' }), usage });
  cleanups.push(close);
  const rerank = async (body: object) => {
    const response = await fetch(`${baseUrl}/rerank`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-run-id': 'run-1' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { rerank, calls };
}

const asked = { query: 'the capital of Norway', documents: ['Bergen is wet.', 'Oslo is the capital of Norway.'], top_n: 2 };

it('hands a reranking on to its provider, with the next one as fallback, and records it as a call', async () => {
  const at = (baseUrl: string) => ({ ...Handling.parse({ retries: 0 }), baseUrl, apiKey: 'k' });
  const targets = [
    { provider: 'away', model: 'rerank-1' },
    { provider: 'cohere', model: 'rerank-v3.5' },
  ];
  const routing: Routing = {
    providers: { away: at('http://127.0.0.1:1/v1'), cohere: at(`${mock.url}/v2`) },
    models: { ranker: targets },
    defaultModel: 'ranker',
    defaultProvider: null,
    prices: {},
    cacheSeconds: {},
  };
  const { rerank, calls } = await gateway({ routing });
  expect(await rerank({ model: 'ranker', ...asked })).toMatchObject({
    status: 200,
    body: {
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.2 },
      ],
    },
  });
  await expect.poll(() => calls.length).toBe(1);
  const recorded = { kind: 'rerank', provider: 'cohere', provider_model: 'rerank-v3.5', run_id: 'run-1', counted_by: 'tokenizer', completion_tokens: 0 };
  expect(await calls[0]).toMatchObject(recorded);
  expect(((await calls[0]) as { prompt_tokens: number }).prompt_tokens).toBeGreaterThan(10);
});

it('reranks by itself without a provider: by the words that are shared', async () => {
  const { rerank } = await gateway({});
  const { body } = await rerank({ ...asked, top_n: 1 });
  expect(body).toMatchObject({ model: 'hash-v1', results: [{ index: 1, relevance_score: expect.any(Number) }] });
});

it.each([
  ['no query', { documents: ['a'] }, 'query'],
  ['no documents', { query: 'q', documents: [] }, 'documents'],
  ['a document that is none', { query: 'q', documents: [1] }, 'documents.0'],
  ['a top_n of nothing', { query: 'q', documents: ['a'], top_n: 0 }, 'top_n'],
])('refuses %s', async (_what, body, param) => {
  const { rerank } = await gateway({});
  expect(await rerank(body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_body', param } } });
});
