import { LLMock } from '@copilotkit/aimock';
import OpenAI, { APIError } from 'openai';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { startModelGateway } from './index.ts';
import { Handling, type Routing } from './models.file.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function fake(): Promise<LLMock> {
  const mock = new LLMock({ port: 0, logLevel: 'silent' });
  await mock.start();
  cleanups.push(() => mock.stop());
  return mock;
}

/** A gateway with one model `fast` on the given providers in order. */
async function gateway(mocks: readonly (LLMock | string)[], handling: Partial<Handling> = {}, offline = false) {
  const providers = Object.fromEntries(
    mocks.map((mock, at) => [
      `p${at}`,
      { ...Handling.parse({ retry_wait_ms: 2000, retries: 0, ...handling }), baseUrl: typeof mock === 'string' ? mock : `${mock.url}/v1`, apiKey: 'k' },
    ]),
  );
  const targets = Object.keys(providers).map((provider) => ({ provider, model: `gpt-4o-mini` }));
  const routing: Routing = {
    providers,
    models: { fast: [...targets, ...(offline ? [{ provider: null, model: 'offline' }] : [])], vectors: [{ provider: 'p0', model: 'text-embedding-3-small' }] },
    defaultModel: 'fast',
    defaultProvider: null,
    prices: {},
    cacheSeconds: {},
  };
  const made = await startModelGateway({ port: 0, drainMs: 0, routing }, { logger: pino({ level: 'silent' }) });
  cleanups.push(() => made.close());
  return new OpenAI({ baseURL: made.baseUrl, apiKey: 'x', maxRetries: 0 });
}

const NOBODY = 'http://127.0.0.1:1/v1';
const ask = (client: OpenAI, content = 'hello', model = 'fast') => client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
const textOf = async (client: OpenAI, content?: string) => (await ask(client, content)).choices[0]?.message.content;
const failure = async (running: Promise<unknown>): Promise<[number | undefined, string | null | undefined]> => {
  const error = await running.catch((reason: unknown) => reason);
  if (!(error instanceof APIError)) throw new Error(`answered, or failed otherwise: ${String(error)}`);
  return [error.status, error.code];
};
const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'get_weather',
      description: 'Weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

describe('the official client, through the gateway', () => {
  it('chats, streams, calls tools, gets JSON by schema, embeds and lists models', async () => {
    const mock = await fake();
    mock
      .onMessage('hello', { content: 'Hi there, friend of mine!' })
      .onMessage('weather', { toolCalls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }] })
      .onMessage('json', { content: '{"label":"billing"}' })
      .onEmbedding('embed', { embedding: [0.1, 0.2, 0.3] });
    const client = await gateway([mock]);
    expect(await textOf(client)).toBe('Hi there, friend of mine!');

    const stream = await client.chat.completions.create({
      model: 'fast',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'hello' }],
    });
    let text = '';
    let usage = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage?.total_tokens ?? usage;
    }
    expect([text, usage > 0]).toEqual(['Hi there, friend of mine!', true]);

    const called = await client.chat.completions.create({ model: 'fast', tools, messages: [{ role: 'user', content: 'weather?' }] });
    expect(called.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }] },
    });
    const streamed = client.chat.completions.stream({ model: 'fast', tools, messages: [{ role: 'user', content: 'weather?' }] });
    expect((await streamed.finalChatCompletion()).choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
    });
    expect(mock.getLastRequest()?.body).toMatchObject({ tools, model: 'gpt-4o-mini' });

    const schema = {
      name: 'label',
      strict: true,
      schema: { type: 'object', properties: { label: { type: 'string' } }, required: ['label'], additionalProperties: false },
    };
    const json = await client.chat.completions.parse({
      model: 'fast',
      messages: [{ role: 'user', content: 'json' }],
      response_format: { type: 'json_schema', json_schema: schema },
    });
    expect(JSON.parse(json.choices[0]?.message.content ?? '')).toEqual({ label: 'billing' });
    expect(mock.getLastRequest()?.body).toMatchObject({ response_format: { json_schema: schema } });

    const vectors = await client.embeddings.create({ model: 'vectors', input: 'embed this', encoding_format: 'float' });
    expect(vectors.data[0]?.embedding).toEqual([0.1, 0.2, 0.3]);
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['fast', 'vectors']);
    expect(await client.models.retrieve('fast')).toMatchObject({ id: 'fast', object: 'model', owned_by: 'p0' });
    expect(await failure(client.models.retrieve('other'))).toEqual([404, 'model_not_found']);
    expect(await failure(ask(client, 'hello', 'other'))).toEqual([404, 'model_not_found']);
  });
});

describe('a provider that fails', () => {
  it('is asked again after 429 and 5xx, as often as told, after the time it names', async () => {
    const mock = await fake();
    mock.onMessage('hello', { content: 'at last' });
    const client = await gateway([mock], { retries: 2 });
    mock.nextRequestError(429, { message: 'slow down' });
    mock.nextRequestError(500, { message: 'oops' });
    expect(await textOf(client)).toBe('at last');
    expect(mock.getRequests()).toHaveLength(3);
    for (let i = 0; i < 3; i++) mock.nextRequestError(503);
    expect((await failure(ask(client)))[0]).toBe(503);
    expect(mock.getRequests()).toHaveLength(6);
  });

  it('is not asked again for a mistake of the caller', async () => {
    const mock = await fake();
    const spare = await fake();
    mock.onMessage('hello', { content: 'x' });
    const client = await gateway([mock, spare], { retries: 2 });
    mock.nextRequestError(400, { message: 'wrong', code: 'bad' });
    expect(await failure(ask(client))).toEqual([400, 'bad']);
    expect([mock.getRequests().length, spare.getRequests().length]).toEqual([1, 0]);
  });

  it('is followed by the next one, and the built-in model at the end', async () => {
    const [ill, well] = [await fake(), await fake()];
    ill.on({}, { error: { message: 'down' }, status: 500 });
    well.onMessage('hello', { content: 'from the second' });
    expect(await textOf(await gateway([NOBODY, ill, well]))).toBe('from the second');
    const last = await ask(await gateway([NOBODY, ill], {}, true), 'Hello there.');
    expect(last).toMatchObject({ model: 'offline' });
  });

  it('is left alone after so many failures, and tried again later', async () => {
    const mock = await fake();
    mock.onMessage('hello', { content: 'well again' });
    const client = await gateway([mock], { breaker: { failures: 2, open_ms: 50 } });
    mock.nextRequestError(500);
    mock.nextRequestError(500);
    expect((await failure(ask(client)))[0]).toBe(500);
    expect((await failure(ask(client)))[0]).toBe(500);
    expect(await failure(ask(client))).toEqual([503, 'provider_circuit_open']);
    expect(mock.getRequests()).toHaveLength(2);
    await expect.poll(() => textOf(client).catch(() => null)).toBe('well again');
  });

  it('has its limit of calls: more wait, and more than may wait are refused', async () => {
    const mock = await fake();
    mock.onMessage('hello', { content: 'slow' }, { latency: 150 });
    const client = await gateway([mock], { concurrency: 1, queue: 1 });
    const outcomes = await Promise.all(
      [1, 2, 3].map(() =>
        ask(client).then(
          () => 200,
          (error: APIError) => error.code,
        ),
      ),
    );
    expect(outcomes.filter((one) => one === 'provider_busy')).toHaveLength(1);
  });

  it('stalls: 504 after the time limit, before or inside an answer in one piece', async () => {
    const mock = await fake();
    mock.onMessage('hello', { content: 'late' }, { chaos: { latencyMs: 5000 } });
    expect(await failure(ask(await gateway([mock], { timeout_ms: 100, retries: 2 })))).toEqual([504, 'provider_timeout']);
    expect(await failure(ask(await gateway([mock], { silence_ms: 100, retries: 2 })))).toEqual([504, 'provider_timeout']);
    const well = await fake();
    well.onMessage('hello', { content: 'from the second' });
    expect(await textOf(await gateway([mock, well], { silence_ms: 100 }))).toBe('from the second');
  });

  it.each([
    ['garbage', { malformedRate: 1 }, 'provider_bad_answer'],
    ['a cut connection', { disconnectRate: 1 }, 'provider_unreachable'],
  ])('answers %s: 502', async (_name, chaos, code) => {
    const mock = await fake();
    mock.onMessage('hello', { content: 'x' }, { chaos });
    expect(await failure(ask(await gateway([mock])))).toEqual([502, code]);
  });

  it('breaks off inside a stream: the caller hears of it, and it is asked only once', async () => {
    const [mock, spare] = [await fake(), await fake()];
    mock.onMessage('hello', { content: 'one two three four five six seven eight' }, { truncateAfterChunks: 3, chunkSize: 4, latency: 5 });
    const client = await gateway([mock, spare], { retries: 2 });
    const stream = await client.chat.completions.create({ model: 'fast', stream: true, messages: [{ role: 'user', content: 'hello' }] });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toBeInstanceOf(Error);
    expect('one two three four five six seven eight'.startsWith(text)).toBe(true);
    expect([mock.getRequests().length, spare.getRequests().length]).toEqual([1, 0]);
  });

  it('holds its place until a stream has ended, also when the caller leaves', async () => {
    const mock = await fake();
    mock.onMessage('long', { content: 'word '.repeat(400) }, { chunkSize: 5, latency: 20 }).onMessage('hello', { content: 'next' });
    const client = await gateway([mock], { concurrency: 1, queue: 0 });
    const stream = await client.chat.completions.create({ model: 'fast', stream: true, messages: [{ role: 'user', content: 'long' }] });
    for await (const _chunk of stream) {
      expect(await failure(ask(client))).toEqual([429, 'provider_busy']);
      break;
    }
    await expect.poll(() => textOf(client).catch(() => null)).toBe('next');
  });
});
