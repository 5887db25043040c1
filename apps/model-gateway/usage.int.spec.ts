import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { startModelGateway, type ModelGatewayConfig } from './index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function recorded(config: ModelGatewayConfig = {}) {
  const calls: { workspaceId: string; call: Promise<unknown> }[] = [];
  const usage = { record: (workspaceId: string, call: Promise<unknown>) => void calls.push({ workspaceId, call }), close: () => Promise.resolve() };
  const made = await startModelGateway({ port: 0, drainMs: 0, ...config }, { logger: pino({ level: 'silent' }), usage });
  cleanups.push(() => made.close());
  const next = async () => {
    await expect.poll(() => calls.length).toBeGreaterThan(0);
    const first = calls.shift();
    return { workspaceId: first?.workspaceId, call: await first?.call };
  };
  return { client: new OpenAI({ baseURL: made.baseUrl, apiKey: 'x', maxRetries: 0 }), next };
}

async function fake() {
  const mock = new LLMock({ port: 0, logLevel: 'silent' });
  await mock.start();
  cleanups.push(() => mock.stop());
  return mock;
}

const messages = [{ role: 'user' as const, content: 'hello' }];

it('records a call with what it took and whose it was', async () => {
  const mock = await fake();
  mock.onMessage('hello', { content: 'Hi there!', usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } });
  const { client, next } = await recorded({ provider: { baseUrl: `${mock.url}/v1` } });
  const headers = { 'x-workspace-id': 'acme', 'x-run-id': 'run-1', 'x-node-id': 'answer', 'x-agent-id': 'not an id' };
  await client.chat.completions.create({ model: 'gpt-4o-mini', messages }, { headers });
  expect(await next()).toEqual({
    workspaceId: 'acme',
    call: {
      kind: 'chat',
      model: 'gpt-4o-mini',
      provider: 'provider',
      provider_model: 'gpt-4o-mini',
      answered_from: 'model',
      status: 200,
      complete: true,
      stream: false,
      prompt_tokens: 1000,
      completion_tokens: 100,
      counted_by: 'provider',
      cost_usd: '0.00021',
      latency_ms: expect.any(Number),
      run_id: 'run-1',
      skill_run_id: null,
      node_id: 'answer',
      agent_id: null,
    },
  });
});

it('records streams, with or without a count, refusals, and callers that left', async () => {
  const mock = await fake();
  mock.onMessage('hello', { content: 'Hi there!' }).onMessage('long', { content: 'word '.repeat(300) }, { chunkSize: 5, latency: 20 });
  const { client, next } = await recorded({ provider: { baseUrl: `${mock.url}/v1`, handling: { retries: 0 } } });
  for await (const _ of await client.chat.completions.create({ model: 'house', stream: true, messages })) continue;
  expect(await next()).toMatchObject({ workspaceId: 'public', call: { stream: true, complete: true, counted_by: 'tokenizer', cost_usd: null } });
  const counted = await client.chat.completions.create({ model: 'house', stream: true, stream_options: { include_usage: true }, messages });
  for await (const _ of counted) continue;
  expect(await next()).toMatchObject({ call: { counted_by: 'provider' } });
  for await (const _ of await client.chat.completions.create({ model: 'house', stream: true, messages: [{ role: 'user', content: 'long' }] })) break;
  expect(await next()).toMatchObject({ call: { complete: false, counted_by: 'tokenizer' } });
  mock.nextRequestError(500);
  await client.chat.completions.create({ model: 'house', messages }).catch(() => undefined);
  expect(await next()).toMatchObject({ call: { status: 500, prompt_tokens: 0, counted_by: 'nobody', cost_usd: '0' } });
});

it('records who was asked in vain, but nobody where nobody was', async () => {
  const handling = { retries: 0, breaker: { failures: 1, open_ms: 60_000 } };
  const { client, next } = await recorded({ provider: { baseUrl: 'http://127.0.0.1:1/v1', handling } });
  for (const [status, provider] of [
    [502, 'provider'],
    [503, null],
  ]) {
    await client.chat.completions.create({ model: 'house', messages }).catch(() => undefined);
    expect(await next()).toMatchObject({ call: { status, provider, provider_model: provider && 'house', answered_from: null } });
  }
});

it('records the built-in model as free, under its own name', async () => {
  const { client, next } = await recorded();
  await client.chat.completions.create({ model: 'offline', messages });
  expect(await next()).toMatchObject({ call: { provider: 'built-in', model: 'offline', counted_by: 'provider', cost_usd: '0' } });
});
