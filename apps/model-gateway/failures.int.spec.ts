import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI, { APIError } from 'openai';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAiModel } from '@agent-platform/adapter-openai';
import type { Amount, Budgets } from './budget.keeper.ts';
import { startModelGateway } from './index.ts';
import type { Handling } from './models.file.ts';

/** A provider that does with each call what the test says, one of which a well-meant library would never do. */
let answer: (response: ServerResponse, nth: number) => void;
let asked: { at: number; headers: IncomingHttpHeaders }[] = [];
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => answer(response, asked.push({ at: performance.now(), headers: request.headers })));
});
const open: { close(): Promise<void> }[] = [];
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
beforeEach(() => void (asked = []));
afterAll(async () => {
  await Promise.all(open.map((gateway) => gateway.close()));
  server.closeAllConnections();
  server.close();
});

async function gateway(handling: Partial<Handling> = {}, budgets?: Budgets) {
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const config = { port: 0, drainMs: 0, provider: { baseUrl, handling: { retries: 0, ...handling } } };
  const made = await startModelGateway(config, { logger: pino({ level: 'silent' }), ...(budgets && { budgets }) });
  open.push(made);
  return { url: made.url, baseUrl: made.baseUrl, client: new OpenAI({ baseURL: made.baseUrl, apiKey: 'x', maxRetries: 0 }) };
}

const messages = [{ role: 'user' as const, content: 'hello world' }];
const ask = (client: OpenAI, signal?: AbortSignal) => client.chat.completions.create({ model: 'm', messages }, signal && { signal });
const failure = async (running: Promise<unknown>) => {
  const error = await running.catch((reason: unknown) => reason);
  return error instanceof APIError ? [error.status, error.code] : error;
};
async function streamed(client: OpenAI): Promise<{ text: string; error: unknown }> {
  let text = '';
  try {
    for await (const chunk of await client.chat.completions.create({ model: 'm', stream: true, messages })) text += chunk.choices[0]?.delta.content ?? '';
    return { text, error: null };
  } catch (error) {
    return { text, error };
  }
}
const asExecutor = (baseUrl: string) =>
  createOpenAiModel({ baseUrl })
    .chat({ messages }, { key: 'k', signal: new AbortController().signal })
    .catch((error: unknown) => error);
const piece = (content: string, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: '1', model: 'm', choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;
const begin = (response: ServerResponse, ...pieces: string[]) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const one of pieces) response.write(one);
  return response;
};
const whole = (response: ServerResponse, usage?: object) => {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'hi there' }, finish_reason: 'stop' }];
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: '1', model: 'm', choices, usage }));
};
const refuse = (response: ServerResponse, status: number, headers: Record<string, string> = {}) =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"error":{"message":"no"}}');
const closed = (response: ServerResponse) => new Promise<void>((resolve) => response.once('close', () => resolve()));

describe('a stream', () => {
  it.each<[string, Partial<Handling>]>([
    ['silence_ms', { silence_ms: 80 }],
    ['timeout_ms', { timeout_ms: 150 }],
  ])('that stalls ends with an error after %s, and the provider is left', async (_name, handling) => {
    let gone: Promise<void> | undefined;
    answer = (response) => void (gone = closed(begin(response, piece('one '))));
    const { text, error } = await streamed((await gateway(handling)).client);
    expect([text, error]).toEqual(['one ', expect.any(Error)]);
    await gone;
  });

  it.each<[string, string, string]>([
    ['garbage', 'data: {nope\n\n', 'model-bad-answer'],
    ['an error', 'data: {"error":{"message":"boom"}}\n\n', 'model-stream-cut'],
    ['a page', '<html>busy</html>', 'model-stream-cut'],
  ])('with %s in it reaches the caller as it is, and is an error there', async (_name, garbage, code) => {
    answer = (response) => void begin(response, piece('one '), garbage).end();
    const { client, baseUrl } = await gateway();
    expect(await asExecutor(baseUrl)).toMatchObject({ kind: 'transient', code });
    const { text, error } = await streamed(client);
    expect(text).toBe('one ');
    if (code === 'model-bad-answer') expect(error).toBeInstanceOf(SyntaxError);
  });

  it('that calls a tool and breaks off in its arguments is no call of a tool', async () => {
    const call = { index: 0, id: 'c', type: 'function', function: { name: 'pay', arguments: '{"amount": 1' } };
    answer = (response) => {
      const text = `data: ${JSON.stringify({ id: '1', model: 'm', choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] })}\n\n`;
      begin(response).write(text, () => response.destroy());
    };
    const { client } = await gateway();
    await expect(client.chat.completions.stream({ model: 'm', messages }).finalChatCompletion()).rejects.toBeInstanceOf(Error);
  });
});

describe('an answer in one piece', () => {
  it.each<[string, (response: ServerResponse) => void, [number, string]]>([
    ['is a page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>'), [502, 'provider_bad_answer']],
    ['is empty', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(), [502, 'provider_bad_answer']],
    ['is cut', (response) => response.writeHead(200, { 'content-length': '90' }).write('{"id":', () => response.destroy()), [502, 'provider_unreachable']],
    ['stalls', (response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":'), [504, 'provider_timeout']],
    ['never begins', () => undefined, [504, 'provider_timeout']],
    ['is a redirect', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), [502, 'provider_error']],
  ])('that %s is an error with a status', async (_name, how, expected) => {
    answer = how;
    const silence_ms = expected[1] === 'provider_timeout' ? 80 : 30_000;
    expect(await failure(ask((await gateway({ silence_ms })).client))).toEqual(expected);
  });
});

it('a provider whose time is up is not asked again', async () => {
  answer = () => undefined;
  expect(await failure(ask((await gateway({ silence_ms: 80, retries: 2 })).client))).toEqual([504, 'provider_timeout']);
  expect(asked).toHaveLength(1);
});

describe('a provider that says when to come again', () => {
  it.each<[string, () => Record<string, string>]>([
    ['in milliseconds', () => ({ 'retry-after-ms': '150' })],
    ['in seconds', () => ({ 'retry-after': '0.15' })],
    ['as a date', () => ({ 'retry-after': new Date(Date.now() + 1150).toUTCString() })],
  ])('%s is asked again then, not before', async (_name, headers) => {
    let sent: Record<string, string> = {};
    answer = (response, nth) => (nth === 1 ? refuse(response, 429, (sent = headers())) : whole(response));
    const { client } = await gateway({ retries: 1 });
    const early = Date.now() - performance.now();
    expect((await ask(client)).choices[0]?.message.content).toBe('hi there');
    const [first, second] = asked.map(({ at }) => at);
    const date = sent['retry-after'];
    const least = date?.includes('GMT') ? Date.parse(date) - early - (first ?? 0) : 150;
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(least - 5);
  });

  it('later than the gateway waits is not asked again: its caller is told when', async () => {
    answer = (response) => refuse(response, 429, { 'retry-after': '30' });
    const error = await ask((await gateway({ retries: 2, retry_wait_ms: 1000 })).client).catch((reason: unknown) => reason);
    expect([error instanceof APIError && error.headers?.get('retry-after'), asked.length]).toEqual(['30', 1]);
  });
});

describe('a caller that leaves', () => {
  it('while its call waits for a place or for another attempt has it not made', async () => {
    const { promise: release, resolve: go } = Promise.withResolvers<void>();
    answer = (response) => void release.then(() => whole(response));
    const { client } = await gateway({ concurrency: 1, queue: 5 });
    const first = ask(client);
    await expect.poll(() => asked.length).toBe(1);
    const leaving = new AbortController();
    const second = ask(client, leaving.signal).catch(() => 'left');
    leaving.abort();
    expect(await second).toBe('left');
    go();
    await first;
    await ask(client);
    expect(asked).toHaveLength(2);

    answer = (response) => refuse(response, 429, { 'retry-after-ms': '200' });
    const waiting = new AbortController();
    const retried = ask((await gateway({ retries: 3 })).client, waiting.signal).catch(() => 'left');
    await expect.poll(() => asked.length).toBe(3);
    waiting.abort();
    expect(await retried).toBe('left');
    await ask((await gateway()).client).catch(() => undefined);
    expect(asked).toHaveLength(4);
  });
});

describe('what budgets are told', () => {
  const settled: Amount[] = [];
  const reserved: Amount[] = [];
  const rule = { scope: 'workspace', subject_id: null, period: 'day', limit_tokens: 1, limit_usd: null, output_tokens: 100 } as const;
  const budgets: Budgets = {
    async reserve(_label, wanted) {
      reserved.push((await wanted(rule)).most);
      return { part: 1, settle: (took) => void settled.push(took) };
    },
    close: () => Promise.resolve(),
  };
  const next = async () => {
    await expect.poll(() => settled.length).toBeGreaterThan(0);
    return settled.shift()?.tokens;
  };

  it('is at least what a call takes before it, and what it took after it', async () => {
    const { client } = await gateway({}, budgets);
    answer = (response) => whole(response, { prompt_tokens: 7, completion_tokens: 3 });
    await ask(client);
    expect(await next()).toBe(10);
    answer = (response) => whole(response);
    await ask(client);
    expect(await next()).toBe(4);
    answer = (response) => void begin(response, piece('hi there')).end('data: [DONE]\n\n');
    await streamed(client);
    expect(await next()).toBe(4);
    for (const { tokens } of reserved) expect(tokens).toBeGreaterThanOrEqual(104);
  });

  it('is nothing for a refusal, the part that was written of a stream that broke off, and the prompt of a call without an answer', async () => {
    const { client } = await gateway({}, budgets);
    const impatient = (await gateway({ silence_ms: 100 }, budgets)).client;
    answer = (response) => refuse(response, 500);
    await ask(client).catch(() => undefined);
    expect(await next()).toBe(0);
    answer = (response) => void begin(response).write(piece('hi there'), () => response.destroy());
    await streamed(client);
    expect(await next()).toBe(4);
    answer = () => undefined;
    await ask(impatient).catch(() => undefined);
    expect(await next()).toBeGreaterThan(10);
    const leaving = new AbortController();
    const left = ask(client, leaving.signal).catch(() => undefined);
    await expect.poll(() => asked.length).toBe(4);
    leaving.abort();
    await left;
    expect(await next()).toBeGreaterThan(10);
    expect(settled).toEqual([]);
  });
});
