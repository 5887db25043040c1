import OpenAI from 'openai';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startModelGateway } from './index.ts';

let made: Awaited<ReturnType<typeof startModelGateway>>;
let client: OpenAI;
beforeAll(async () => {
  made = await startModelGateway({ port: 0, drainMs: 0 }, { logger: pino({ level: 'silent' }) });
  client = new OpenAI({ baseURL: made.baseUrl, apiKey: 'x', maxRetries: 0 });
});
afterAll(() => made.close());

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
const question = { role: 'user' as const, content: 'What is the weather in Oslo?' };

it('calls a tool, streamed or not, and answers from what it said', async () => {
  const whole = await client.chat.completions.create({ model: 'offline', tools, messages: [question] });
  const call = whole.choices[0]?.message.tool_calls?.[0];
  expect(whole).toMatchObject({ model: 'offline', choices: [{ finish_reason: 'tool_calls' }] });
  expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } });
  const streamed = await client.chat.completions
    .stream({ model: 'offline', tools, stream_options: { include_usage: true }, messages: [question] })
    .finalChatCompletion();
  expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } });
  expect(streamed.usage?.total_tokens).toBeGreaterThan(0);
  const messages = [
    question,
    ...(whole.choices[0] ? [whole.choices[0].message] : []),
    { role: 'tool' as const, tool_call_id: call?.id ?? '', content: 'It rains in Oslo.' },
  ];
  const after = await client.chat.completions.create({ model: 'offline', tools, messages });
  expect(after.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: expect.stringContaining('It rains in Oslo.') } });
});

it('answers JSON by schema, streamed or not', async () => {
  const schema = { type: 'object', properties: { category: { enum: ['billing', 'shipping'] } }, required: ['category'], additionalProperties: false };
  const request = {
    model: 'offline',
    messages: [{ role: 'user' as const, content: 'I was charged twice on my invoice' }],
    response_format: { type: 'json_schema' as const, json_schema: { name: 'x', strict: true, schema } },
  };
  expect((await client.chat.completions.create(request)).choices[0]?.message.content).toBe('{"category":"billing"}');
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe('{"category":"billing"}');
});

it('embeds without a provider, in both encodings, and says by which model', async () => {
  const input = ['green tea', 'a parcel'];
  const { data, model, usage } = await client.embeddings.create({ model: 'offline', input });
  const plain = await client.embeddings.create({ model: 'hash-v1', input: 'green tea', encoding_format: 'float' });
  expect([model, plain.model, data.length, usage.prompt_tokens]).toEqual(['hash-v1', 'hash-v1', 2, 4]);
  expect(data[0]?.embedding).toHaveLength(384);
  expect(data[0]?.embedding).toEqual(plain.data[0]?.embedding);
  await expect(client.embeddings.create({ model: 'text-embedding-3-small', input })).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  await expect(client.embeddings.create({ model: 'hash-v1', input, dimensions: 7 })).rejects.toMatchObject({ status: 400, param: 'dimensions' });
  await expect(client.embeddings.create({ model: 'hash-v1', input: [1, 2] })).rejects.toMatchObject({ status: 400, param: 'input' });
});
