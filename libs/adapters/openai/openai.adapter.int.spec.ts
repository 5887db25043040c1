import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '@agent-platform/kernel/index';
import { createOpenAiModel, type OpenAiModelConfig } from './index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Seen {
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

/** A provider that does with every call what `answer` says, and remembers what it was asked. */
async function provider(answer: (response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      seen.push({ headers: request.headers, body: JSON.parse(text) });
      answer(response);
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return { seen, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

const chunk = (content: string, more: object = {}) => `data: ${JSON.stringify({ model: 'm-1', choices: [{ delta: { content } }], ...more })}\n\n`;
const stop = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\n`;
const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2 } })}\n\n`;
const stream = (response: ServerResponse, ...parts: string[]) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const part of parts) response.write(part);
  return response;
};
const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));

const ask = (baseUrl: string, config: Partial<OpenAiModelConfig> = {}, options: { signal?: AbortSignal; onToken?: (text: string) => void } = {}) =>
  createOpenAiModel({ baseUrl, defaultModel: 'default-model', ...config }).chat(
    { messages: [{ role: 'user', content: 'hi' }] },
    { key: 'run-1/node-1/1/0', signal: new AbortController().signal, ...options },
  );

const failed = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw new Error('expected a Failure', { cause: error });
  return { kind: error.kind, code: error.code, retryAfterSeconds: error.retryAfterSeconds };
};

describe('OpenAI model', () => {
  it('streams, counts, and passes model, key and idempotency key', async () => {
    const { seen, baseUrl } = await provider((response) => stream(response, chunk('Hel'), chunk('lo'), stop, usage).end('data: [DONE]\n\n'));
    const tokens: string[] = [];
    const result = await ask(baseUrl, { apiKey: 'sk-1' }, { onToken: (text) => tokens.push(text) });
    expect(result).toEqual({ text: 'Hello', model: 'm-1', finish_reason: 'stop', usage: { prompt_tokens: 7, completion_tokens: 2 } });
    expect(tokens).toEqual(['Hel', 'lo']);
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer sk-1', 'idempotency-key': 'run-1/node-1/1/0' });
    expect(seen[0]?.body).toMatchObject({ model: 'default-model', stream: true, messages: [{ role: 'user', content: 'hi' }] });
  });

  it('sends no Authorization without a key', async () => {
    const { seen, baseUrl } = await provider((response) => stream(response, chunk('x'), stop).end());
    expect((await ask(baseUrl, { apiKey: '' })).usage).toBeNull();
    expect(seen[0]?.headers['authorization']).toBeUndefined();
  });

  it('understands a provider that does not stream', async () => {
    const { baseUrl } = await provider((response) => json(response, 200, { model: 'plain', choices: [{ message: { role: 'assistant', content: 'all' } }] }));
    expect(await ask(baseUrl)).toEqual({ text: 'all', model: 'plain', finish_reason: 'stop', usage: null });
  });

  it.each([
    [400, 'invalid', 'model-bad-request'],
    [401, 'invalid', 'model-unauthorized'],
    [404, 'invalid', 'model-not-found'],
    [418, 'invalid', 'model-refused'],
    [429, 'transient', 'model-rate-limited'],
    [500, 'transient', 'model-unavailable'],
    [503, 'transient', 'model-unavailable'],
  ])('%i is %s %s, after one request', async (status, kind, code) => {
    const { seen, baseUrl } = await provider((response) =>
      json(response, status, { error: { message: 'no', type: 't', param: null, code: null } }, { 'retry-after': '7' }),
    );
    expect(await failed(ask(baseUrl))).toEqual({ kind, code, retryAfterSeconds: kind === 'transient' ? 7 : undefined });
    expect(seen).toHaveLength(1);
  });

  it('names a budget that is spent as what it is', async () => {
    const { baseUrl } = await provider((response) => json(response, 402, { error: { message: 'spent', type: 't', param: null, code: 'budget_exceeded' } }));
    await expect(ask(baseUrl)).rejects.toMatchObject({ kind: 'denied', code: 'model-budget-exceeded', message: 'spent' });
  });

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['a connection cut in the middle', 'model-stream-cut', (response) => stream(response, chunk('a')).write('data: {"cho', () => response.destroy())],
    ['an end without a reason', 'model-stream-cut', (response) => stream(response, chunk('a')).end()],
    ['an error in the stream', 'model-stream-cut', (response) => stream(response, chunk('a')).end('data: {"error":{"message":"boom"}}\n\n')],
    ['broken JSON in the stream', 'model-bad-answer', (response) => stream(response, 'data: {nope\n\n').end()],
    ['broken JSON', 'model-bad-answer', (response) => json(response, 200, '{nope')],
    ['choices of another shape', 'model-bad-answer', (response) => stream(response, 'data: {"choices":"x"}\n\n').end()],
    ['an HTML page', 'model-stream-cut', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['no answer', 'model-unreachable', (response) => response.destroy()],
  ])('%s is transient %s', async (_name, code, answer) => {
    const { baseUrl } = await provider(answer);
    expect(await failed(ask(baseUrl))).toMatchObject({ kind: 'transient', code });
  });

  it('gives up after a silence, before and inside the stream', async () => {
    for (const answer of [() => undefined, (response: ServerResponse) => stream(response, chunk('a'))]) {
      const { baseUrl } = await provider(answer);
      expect(await failed(ask(baseUrl, { silenceMs: 80 }))).toMatchObject({ kind: 'transient', code: 'model-timeout' });
    }
  });

  it('asks a reranking model, and gives scores back in the order of the documents', async () => {
    const results = [
      { index: 2, relevance_score: 0.9 },
      { index: 0, relevance_score: 0.1 },
    ];
    const { seen, baseUrl } = await provider((response) => json(response, 200, { id: 'r', results }));
    const documents = ['a', 'b', 'c'];
    const { rerank } = createOpenAiModel({ baseUrl, apiKey: 'sk-1' });
    const options = { key: 'k', signal: new AbortController().signal, origin: { workspace_id: 'acme' } };
    expect(await rerank({ model: 'ranker', query: 'q', documents }, options)).toEqual({ model: 'ranker', scores: [0.1, null, 0.9] });
    expect(seen[0]?.body).toEqual({ model: 'ranker', query: 'q', documents, top_n: 3 });
    expect(seen[0]?.headers).toMatchObject({ 'idempotency-key': 'k', 'x-workspace-id': 'acme', authorization: 'Bearer sk-1' });
  });

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['a list', 'model-bad-answer', (response) => json(response, 200, [{ index: 0, score: 1 }])],
    ['text', 'model-bad-answer', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['404', 'model-not-found', (response) => json(response, 404, { error: { message: 'no' } })],
    ['nothing', 'model-unreachable', (response) => response.destroy()],
  ])('a reranking model that answers %s is %s', async (_what, code, answer) => {
    const { baseUrl } = await provider(answer);
    const { rerank } = createOpenAiModel({ baseUrl });
    expect(await failed(rerank({ query: 'q', documents: ['a'] }, { key: 'k', signal: new AbortController().signal }))).toMatchObject({ code });
  });

  it('stops at the signal and closes the connection', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((done) => (closed = done));
    const { baseUrl } = await provider((response) => stream(response, chunk('a')).on('close', () => closed()));
    const controller = new AbortController();
    const running = ask(baseUrl, {}, { signal: controller.signal, onToken: () => controller.abort() });
    expect(await failed(running)).toMatchObject({ kind: 'transient', code: 'model-aborted' });
    await gone;
  });

  it('refuses an endless reply and stops reading it', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((done) => (closed = done));
    const { baseUrl } = await provider((response) => {
      const pump = () => {
        while (response.write(chunk('x'.repeat(1000)))) continue;
      };
      stream(response)
        .on('drain', pump)
        .on('close', () => closed());
      pump();
    });
    expect(await failed(ask(baseUrl, { replyChars: 5000 }))).toMatchObject({ kind: 'invalid', code: 'model-reply-too-long' });
    await gone;
  });

  it('keeps a reply storable, takes odd counts for none, and names a refusal', async () => {
    const odd = { usage: { prompt_tokens: 1e30, completion_tokens: -1 } };
    const { baseUrl } = await provider((response) =>
      stream(response, chunk('a\0b', odd), `data: {"choices":[{"delta":{"refusal":"no\\ud83d"}}]}\n\n`, stop).end(),
    );
    expect(await ask(baseUrl)).toEqual({ text: 'abno\uFFFD', model: 'm-1', finish_reason: 'refusal', usage: null, replaced_chars: 2 });
  });
});
