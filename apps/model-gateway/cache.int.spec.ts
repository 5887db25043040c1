import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AnswerCache } from './answer.cache.ts';
import { startModelGateway, type ModelGatewayConfig } from './index.ts';
import { Handling, type Routing } from './models.file.ts';
import { digestOf } from './request.digest.ts';
import type { RecordedCall } from './usage.recorder.ts';

const mock = new LLMock({ port: 0, logLevel: 'silent' });
const folder = mkdtempSync(path.join(tmpdir(), 'recordings-'));
const cleanups: (() => unknown)[] = [];
beforeAll(async () => {
  await mock.start();
  mock
    .onMessage('hello', { content: 'Hi there, friend!' })
    .onMessage('cut', { content: 'one two three four five' }, { truncateAfterChunks: 2, chunkSize: 4, latency: 1 })
    .onEmbedding('embed', { embedding: [0.1, 0.2] });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  await mock.stop();
  rmSync(folder, { recursive: true });
});

async function gateway(config: ModelGatewayConfig = {}, cacheSeconds: Record<string, number> = {}) {
  const calls: RecordedCall[] = [];
  const usage = { record: (_workspace: string, call: Promise<RecordedCall>) => void call.then((one) => calls.push(one)), close: () => Promise.resolve() };
  const routing: Routing = {
    providers: { p: { ...Handling.parse({ retries: 0 }), baseUrl: `${mock.url}/v1`, apiKey: '' } },
    models: { fast: [{ provider: 'p', model: 'gpt-4o-mini' }] },
    defaultModel: 'fast',
    defaultProvider: null,
    prices: {},
    cacheSeconds,
  };
  const made = await startModelGateway({ port: 0, drainMs: 0, routing, ...config }, { logger: pino({ level: 'silent' }), usage });
  cleanups.push(() => made.close());
  const client = (headers: Record<string, string> = {}) => new OpenAI({ baseURL: made.baseUrl, apiKey: 'x', maxRetries: 0, defaultHeaders: headers });
  const seen = mock.getRequests().length;
  return { client, calls, asked: () => mock.getRequests().length - seen };
}

const messages = [{ role: 'user' as const, content: 'hello' }];
const ask = async (client: OpenAI, more: object = {}) => {
  const { data, response } = await client.chat.completions.create({ model: 'fast', messages, ...more }).withResponse();
  return [data.choices[0]?.message.content, response.headers.get('x-cache')];
};
const stream = async (client: OpenAI, content = 'hello') => {
  const { data, response } = await client.chat.completions
    .create({ model: 'fast', stream: true, stream_options: { include_usage: true }, messages: [{ role: 'user', content }] })
    .withResponse();
  let text = '';
  for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? '';
  return [text, response.headers.get('x-cache')];
};
const HI = 'Hi there, friend!';

describe('the cache of requests', () => {
  it('answers from memory only where the request or the model says so, streamed or not, and costs nothing', async () => {
    const { client, calls, asked } = await gateway();
    const cached = client({ 'x-cache-seconds': '60' });
    expect([await ask(client()), await ask(client())]).toEqual([
      [HI, null],
      [HI, null],
    ]);
    expect([await ask(cached), await ask(cached), await ask(cached, { cache_seconds: 5, temperature: null }), await ask(cached, { temperature: 1 })]).toEqual([
      [HI, 'miss'],
      [HI, 'hit'],
      [HI, 'hit'],
      [HI, 'miss'],
    ]);
    expect([await stream(cached), await stream(cached)]).toEqual([
      [HI, 'miss'],
      [HI, 'hit'],
    ]);
    expect(asked()).toBe(5);
    expect(mock.getLastRequest()?.body).not.toHaveProperty('cache_seconds');
    await expect.poll(() => calls.length).toBe(8);
    const hits = calls.filter(({ answered_from }) => answered_from === 'cache');
    expect(hits).toHaveLength(3);
    for (const hit of hits) expect(hit).toMatchObject({ prompt_tokens: 0, completion_tokens: 0, cost_usd: '0', provider: 'p', status: 200, complete: true });
    expect(calls.filter(({ answered_from }) => answered_from === 'model')).toHaveLength(5);
  });

  it('is of one workspace, ends, can be switched on for a model and off for a request, and refuses nonsense', async () => {
    const { client, asked } = await gateway({}, { fast: 60 });
    expect([await ask(client()), await ask(client()), await ask(client(), { cache_seconds: 0 }), await ask(client({ 'x-workspace-id': 'other' }))]).toEqual([
      [HI, 'miss'],
      [HI, 'hit'],
      [HI, null],
      [HI, 'miss'],
    ]);
    const vectors = async () =>
      (await client({ 'x-cache-seconds': '9' }).embeddings.create({ model: 'fast', input: 'embed this' }).withResponse()).response.headers.get('x-cache');
    expect([await vectors(), await vectors()]).toEqual(['miss', 'hit']);
    expect(asked()).toBe(4);
    for (const wrong of ['soon', '-1', '99999999'])
      await expect(ask(client({ 'x-cache-seconds': wrong }))).rejects.toMatchObject({ status: 400, param: 'x-cache-seconds' });
  });

  it('asks once for equal requests at once, each of them its own call in usage', async () => {
    const { client, calls, asked } = await gateway({}, { fast: 60 });
    const all = await Promise.all([1, 2, 3].flatMap(() => [ask(client()), stream(client())]));
    expect(all.map(([text]) => text)).toEqual(all.map(() => HI));
    expect(asked()).toBe(2);
    await expect.poll(() => calls.length).toBe(6);
    const free = { answered_from: 'cache', prompt_tokens: 0, cost_usd: '0' };
    expect(calls.toSorted((a, b) => b.prompt_tokens - a.prompt_tokens).slice(2)).toMatchObject([free, free, free, free]);
    expect(calls.filter(({ answered_from }) => answered_from === 'model')).toHaveLength(2);
  });

  it('keeps neither errors nor streams that broke off', async () => {
    const { client } = await gateway({}, { fast: 60 });
    await expect(stream(client(), 'cut')).rejects.toBeInstanceOf(Error);
    await expect(stream(client(), 'cut')).rejects.toBeInstanceOf(Error);
    mock.nextRequestError(500);
    await expect(ask(client(), { top_p: 0.5 })).rejects.toMatchObject({ status: 500 });
    expect(await ask(client(), { top_p: 0.5 })).toEqual([HI, 'miss']);
  });

  it('forgets what is too old or has no room', () => {
    const cache = new AnswerCache(10);
    const answer = (text: string) => ({ contentType: 'application/json', text, served: null });
    cache.set('a', answer('12345'), 1, 0);
    cache.set('b', answer('12345'), 1, 0);
    expect(cache.get('a', 999)).toEqual({ answer: answer('12345'), age: 0 });
    cache.set('c', answer('1'), 1, 0);
    expect([cache.get('a', 0), cache.get('b', 1000), cache.get('c', 999)?.answer.text]).toEqual([null, null, '1']);
  });
});

describe('recorded answers', () => {
  it('are written once, replayed without a provider, and a missing one is told', async () => {
    const filling = await gateway({ recordings: { folder, mode: 'fill' } });
    expect([await ask(filling.client()), await stream(filling.client())]).toEqual([
      [HI, null],
      [HI, null],
    ]);
    await expect.poll(() => readdirSync(folder).filter((name) => name.endsWith('.json'))).toHaveLength(2);
    expect(await ask(filling.client())).toEqual([HI, null]);
    expect(filling.asked()).toBe(2);

    const replaying = await gateway({ recordings: { folder, mode: 'replay' } });
    expect([await ask(replaying.client()), await stream(replaying.client())]).toEqual([
      [HI, null],
      [HI, null],
    ]);
    const missed = await ask(replaying.client(), { temperature: 0.3 }).catch((error: unknown) => error);
    expect(missed).toMatchObject({ status: 404, code: 'recording_missing', message: expect.stringContaining(folder) });
    expect(replaying.asked()).toBe(0);
    await expect.poll(() => replaying.calls).toHaveLength(3);
    expect(replaying.calls[0]).toMatchObject({ answered_from: 'recording', prompt_tokens: 0, cost_usd: '0', provider: 'p', provider_model: 'gpt-4o-mini' });

    const recording = await gateway({ recordings: { folder, mode: 'record' } });
    await ask(recording.client());
    expect(recording.asked()).toBe(1);
    const file = path.join(folder, `${digestOf('chat', 'fast', { messages })}.json`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ model: 'fast', request: { messages }, answer: { choices: [{ message: { content: HI } }] } });
  });
});

describe('the digest of a request', () => {
  it('is the same for the same question, and another for another', () => {
    const digest = (body: object, model = 'm') => digestOf('chat', model, body);
    expect(digest({ a: 1, messages: [{ role: 'user', content: 'x' }], n: null })).toBe(
      digest({ messages: [{ content: 'x', role: 'user' }], a: 1, stream: false }),
    );
    const all = [
      digest({ a: 1 }),
      digest({ a: '1' }),
      digest({ a: [1] }),
      digest({ a: 1 }, 'n'),
      digest({ a: 1, stream: true }),
      digestOf('embeddings', 'm', { a: 1 }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
