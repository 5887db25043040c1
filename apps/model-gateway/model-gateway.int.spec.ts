import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import OpenAI from 'openai';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createScriptedModel } from '@agent-platform/adapter-model-scripted';
import { createOpenAiModel } from '@agent-platform/adapter-openai';
import { startModelGateway, type ModelGatewayConfig, type ModelGatewayParts } from './index.ts';
import type { OpenAiErrorBody } from './openai.error.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const KEY = 'sk-very-secret-provider-key';
const PROMPT = 'canary-prompt';

interface Seen {
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown> | null;
}

async function provider(answer: (response: ServerResponse, seen: Seen) => void) {
  const calls: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const seen = { url: request.url, headers: request.headers, body: text === '' ? null : JSON.parse(text) };
      calls.push(seen);
      answer(response, seen);
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return { calls, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

async function gateway(config: ModelGatewayConfig, parts: ModelGatewayParts = {}) {
  let log = '';
  const sink = new PassThrough().on('data', (line) => (log += line));
  const made = await startModelGateway({ port: 0, drainMs: 0, ...config }, { logger: pino({ level: 'trace' }, sink), ...parts });
  cleanups.push(() => made.close());
  return { ...made, log: () => log };
}

const toProvider = async (answer: (response: ServerResponse, seen: Seen) => void, config: ModelGatewayConfig = {}, handling = {}) => {
  const { calls, baseUrl } = await provider(answer);
  return { calls, made: await gateway({ provider: { baseUrl, apiKey: KEY, handling }, defaultModel: 'house-model', ...config }) };
};

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });

const errorOf = async (answer: Response) => ((await answer.json()) as OpenAiErrorBody).error;
const codeOf = async (answer: Response) => (await errorOf(answer)).code;

const messages = [{ role: 'user' as const, content: PROMPT }];
const sse = (...data: unknown[]) => data.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
const delta = (content: string, finish_reason: string | null = null) => ({ id: '1', model: 'm', choices: [{ index: 0, delta: { content }, finish_reason }] });
const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));

describe('model gateway before a provider', () => {
  it('forwards a completion with the key and the default model, and answers as the provider did', async () => {
    const completion = { id: 'c', choices: [{ message: { role: 'assistant', content: 'yes' } }], extra: [1] };
    const { calls, made } = await toProvider((response) => json(response, 200, completion));
    const answer = await post(
      `${made.url}/models/chat/completions`,
      { messages, temperature: 0, unknown: { kept: true } },
      { 'idempotency-key': 'k-1', authorization: 'Bearer callers-own' },
    );
    expect(await answer.json()).toEqual(completion);
    expect(calls[0]).toMatchObject({ url: '/v1/chat/completions', body: { model: 'house-model', messages, temperature: 0, unknown: { kept: true } } });
    expect(calls[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'idempotency-key': 'k-1' });
  });

  it('leaves a named model alone and sends no Authorization without a key', async () => {
    const { calls, baseUrl } = await provider((response) => json(response, 200, {}));
    const made = await gateway({ provider: { baseUrl } });
    await post(`${made.url}/models/chat/completions`, { model: 'mine', messages });
    expect(calls[0]?.body?.['model']).toBe('mine');
    expect(calls[0]?.headers['authorization']).toBeUndefined();
  });

  it('passes a stream on chunk by chunk, as bytes', async () => {
    let more: () => void = () => undefined;
    const { made } = await toProvider((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sse(delta('a')));
      more = () => response.end(sse(delta('b', 'stop'), '[DONE]'));
    });
    const answer = await post(`${made.url}/models/chat/completions`, { messages, stream: true });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    // The second chunk is only sent once the first has come out at this end.
    for await (const part of answer.body ?? []) {
      if (text === '') more();
      text += Buffer.from(part).toString();
    }
    expect(text).toBe(sse(delta('a'), delta('b', 'stop'), '[DONE]'));
  });

  it('is what an executor needs: openai adapter to gateway to provider', async () => {
    const { calls, made } = await toProvider((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(sse(delta('Hel'), delta('lo', 'stop'), { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } }, '[DONE]'));
    });
    const tokens: string[] = [];
    const model = createOpenAiModel({ baseUrl: made.baseUrl });
    const result = await model.chat({ messages }, { key: 'run/node/1/0', signal: new AbortController().signal, onToken: (text) => tokens.push(text) });
    expect(result).toEqual({ text: 'Hello', model: 'm', finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 2 } });
    expect(tokens).toEqual(['Hel', 'lo']);
    expect(calls[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'idempotency-key': 'run/node/1/0' });
    expect(calls[0]?.body).toMatchObject({ model: 'house-model', stream: true });
  });

  it.each([
    [429, 'transient', 'model-rate-limited', 4],
    [500, 'transient', 'model-unavailable', 4],
    [401, 'invalid', 'model-unauthorized', undefined],
    [400, 'invalid', 'model-bad-request', undefined],
    [302, 'transient', 'model-unavailable', 4],
  ])('%i of the provider reaches the executor as %s %s', async (status, kind, code, retryAfterSeconds) => {
    const { calls, made } = await toProvider((response) => json(response, status, `echo ${KEY}`, { 'retry-after': '4', location: 'http://127.0.0.1:1/' }));
    const model = createOpenAiModel({ baseUrl: made.baseUrl });
    const error = await model.chat({ messages }, { key: 'k', signal: new AbortController().signal }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind, code, retryAfterSeconds });
    expect(String(error)).not.toContain(KEY);
    expect(calls).toHaveLength(1);
  });

  it('keeps the error of a provider and wraps what is none', async () => {
    const bodies = [JSON.stringify({ error: { message: 'too many', type: 't', code: 'c', param: 'p' } }), '<html>down</html>', ''];
    const { made } = await toProvider((response) => json(response, 503, bodies.shift() ?? ''), {}, { retries: 0 });
    const errors = [];
    for (let i = 0; i < 3; i++) errors.push(await (await post(`${made.url}/models/chat/completions`, { messages })).json());
    expect(errors).toEqual([
      { error: { message: 'too many', type: 't', code: 'c', param: 'p' } },
      { error: { message: 'The model provider answered 503: <html>down</html>', type: 'server_error', code: 'provider_error', param: null } },
      { error: { message: 'The model provider answered 503', type: 'server_error', code: 'provider_error', param: null } },
    ]);
  });

  it('says so when the provider is not there, silent, or breaks off', async () => {
    const dead = await gateway({ provider: { baseUrl: 'http://127.0.0.1:1/v1' } });
    const refused = await post(`${dead.url}/models/chat/completions`, { messages });
    expect([refused.status, await codeOf(refused)]).toEqual([502, 'provider_unreachable']);

    const silent = await toProvider(() => undefined, { silenceMs: 100 });
    const late = await post(`${silent.made.url}/models/chat/completions`, { messages });
    expect([late.status, await codeOf(late)]).toEqual([504, 'provider_timeout']);

    const cut = await toProvider((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sse(delta('a')), () => response.destroy());
    });
    const error = await createOpenAiModel({ baseUrl: cut.made.baseUrl })
      .chat({ messages }, { key: 'k', signal: new AbortController().signal })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'transient', code: 'model-stream-cut' });
  });

  it('stops the provider when the caller goes, before and inside the answer', async () => {
    for (const begin of [false, true]) {
      let closed: () => void = () => undefined;
      let asked: () => void = () => undefined;
      const gone = new Promise<void>((done) => (closed = done));
      const arrived = new Promise<void>((done) => (asked = done));
      const { made } = await toProvider((response) => {
        response.on('close', () => closed());
        if (begin) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sse(delta('a')));
        asked();
      });
      const controller = new AbortController();
      const running = createOpenAiModel({ baseUrl: made.baseUrl }).chat({ messages }, { key: 'k', signal: controller.signal });
      void arrived.then(() => controller.abort());
      await expect(running).rejects.toMatchObject({ code: 'model-aborted' });
      await gone;
    }
  });

  it('refuses bodies it does not understand, in the form of OpenAI', async () => {
    const { calls, made } = await toProvider((response) => json(response, 200, {}), { bodyBytes: 1000 });
    const url = `${made.url}/models/chat/completions`;
    const status = async (answer: Promise<Response>) => {
      const error = await errorOf(await answer);
      expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
      return [(await answer).status, error.param];
    };
    expect(await status(post(url, {}))).toEqual([400, 'messages']);
    expect(await status(post(url, { messages: [] }))).toEqual([400, 'messages']);
    expect(await status(post(url, { messages, stream: 'yes' }))).toEqual([400, 'stream']);
    expect(await status(post(url, '{nope'))).toEqual([400, null]);
    expect(await status(post(url, '[]'))).toEqual([400, 'body']);
    expect(await status(post(url, { messages, x: 'y'.repeat(2000) }))).toEqual([413, null]);
    expect(await status(fetch(url, { method: 'POST', body: 'x' }))).toEqual([415, null]);
    expect(await status(fetch(`${made.url}/models/nope`))).toEqual([404, 'model']);
    // Which models there are is asked of the provider; nothing else was.
    expect(calls.map(({ url }) => url)).toEqual(['/v1/models']);
  });

  it('forwards embeddings and the list of models', async () => {
    const { calls, made } = await toProvider((response) => json(response, 200, { object: 'list', data: [] }));
    await post(`${made.url}/models/embeddings`, { model: 'e', input: 'x' });
    await fetch(`${made.url}/models`);
    expect(calls.map(({ url }) => url)).toEqual(['/v1/embeddings', '/v1/models']);
  });

  it('asks for its token when it has one, but not for health', async () => {
    const { calls, made } = await toProvider((response) => json(response, 200, {}), { token: 'a-token-of-16-signs' });
    const send = (authorization?: string) => post(`${made.url}/models/chat/completions`, { messages }, authorization ? { authorization } : {});
    expect((await send()).status).toBe(401);
    expect((await send('Bearer wrong')).status).toBe(401);
    expect((await send('Bearer a-token-of-16-signs')).status).toBe(200);
    expect(calls[0]?.headers['authorization']).toBe(`Bearer ${KEY}`);
    expect((await fetch(`${made.url}/health`)).status).toBe(200);
    expect(await (await fetch(`${made.url}/ready`)).json()).toEqual({ status: 'ready', backend: 'provider', default_model: 'house-model' });
  });

  it('logs one line per call, and neither keys nor prompts nor replies', async () => {
    const { made } = await toProvider((response, { body }) =>
      json(response, body?.['model'] === 'bad' ? 500 : 200, { choices: [{ message: { content: 'canary-reply' } }] }),
    );
    await (await post(`${made.url}/models/chat/completions`, { messages }, { authorization: 'Bearer callers-own-secret' })).text();
    await (await post(`${made.url}/models/chat/completions`, { model: 'bad', messages })).text();
    await (await post(`${made.url}/models/chat/completions`, `{"messages": "${PROMPT}`)).text();
    await made.close();
    const lines = made
      .log()
      .split('\n')
      .filter((line) => line.includes('model called'));
    expect(lines.map((line) => JSON.parse(line)).map(({ model, status, complete }) => [model, status, complete])).toEqual([
      ['house-model', 200, true],
      ['bad', 500, true],
    ]);
    for (const secret of [KEY, 'callers-own-secret', PROMPT, 'canary-reply']) expect(made.log()).not.toContain(secret);
  });
});

describe('model gateway without a provider', () => {
  it('serves the offline model to an OpenAI client, streamed or not', async () => {
    const made = await gateway({});
    const client = new OpenAI({ baseURL: made.baseUrl, apiKey: 'x', maxRetries: 0 });
    const content = 'Classify into one of: billing, shipping, technical, account. Answer with the label only.\n\nTicket: I was charged twice';
    const whole = await client.chat.completions.create({ model: 'offline', messages: [{ role: 'user', content }] });
    expect(whole.choices[0]?.message.content).toBe('billing');
    expect(whole.usage?.total_tokens).toBeGreaterThan(10);
    const stream = await client.chat.completions.create({
      model: 'offline',
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'text', text: content }] }],
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('billing');
    expect((await client.models.list()).data.map(({ id }) => id).slice(0, 2)).toEqual(['offline', 'hash-v1']);
    expect(
      await createOpenAiModel({ baseUrl: made.baseUrl }).chat({ messages: [{ role: 'user', content }] }, { key: 'k', signal: new AbortController().signal }),
    ).toMatchObject({
      text: 'billing',
      model: 'offline',
      usage: { completion_tokens: 1 },
    });
  });

  it('serves another model of the process, with its failures before and inside a stream', async () => {
    const model = createScriptedModel({
      rules: [
        { match: { contains: 'limit' }, error: { code: 'model-rate-limited', retry_after_seconds: 9 } },
        { match: { contains: 'cut' }, text: 'one two', error: { after_tokens: 1 } },
        { text: 'fine' },
      ],
    });
    const made = await gateway({}, { model });
    const ask = (content: string) =>
      createOpenAiModel({ baseUrl: made.baseUrl })
        .chat({ messages: [{ role: 'user', content }] }, { key: 'k-7', signal: new AbortController().signal })
        .catch((reason: unknown) => reason);
    expect(await ask('limit')).toMatchObject({ kind: 'transient', code: 'model-rate-limited', retryAfterSeconds: 9 });
    expect(await ask('cut')).toMatchObject({ kind: 'transient', code: 'model-stream-cut' });
    expect(await ask('other')).toMatchObject({ text: 'fine' });
    const again = () => createOpenAiModel({ baseUrl: made.baseUrl }).chat({ messages, cache_seconds: 9 }, { key: 'k', signal: new AbortController().signal });
    expect([(await again()).cached, (await again()).cached]).toEqual([undefined, true]);
    expect(model.calls[0]?.key).toBe('k-7');
  });
});
