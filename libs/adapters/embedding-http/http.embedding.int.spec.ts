import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Failure } from '@agent-platform/kernel/index';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import { createHttpEmbedding } from './http.embedding.ts';
import { createEmbedding } from './index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Seen {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly model: string; readonly input: string[] };
}

/** A provider that does with every request what `answer` says, and remembers what it was asked. */
async function provider(answer: (response: ServerResponse, input: readonly string[]) => void) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const body = JSON.parse(text) as Seen['body'];
      seen.push({ url: request.url, headers: request.headers, body });
      answer(response, body.input);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const stop = () => new Promise((done) => (server.closeAllConnections(), server.close(done)));
  cleanups.push(stop);
  return { seen, stop, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

const json = (response: ServerResponse, body: unknown, status = 200) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
/** Each text becomes [its number, 1], in reversed order. */
const honest = (response: ServerResponse, input: readonly string[]) =>
  json(response, { data: input.map((text, index) => ({ index, embedding: [Number(text), 1] })).toReversed() });
const signal = new AbortController().signal;
const named = (model: string): EmbeddingPort => ({
  embed: async (texts) => ({ vectors: texts.map(() => [1]), space: { provider: 'local', model, dimensions: 1 } }),
});
const builtIn = (missing: string | null = null) => ({ hash: named('hash-v1'), local: () => ({ ...named('tiny'), missing }) });

const failed = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw new Error('expected a Failure', { cause: error });
  return [error.kind, error.code];
};

test('texts go out in batches and come back unit, in order', async () => {
  const { seen, baseUrl } = await provider(honest);
  const embedding = createHttpEmbedding({ baseUrl, apiKey: 'sk-1', model: 'small', batch: 2 });
  const { vectors, space, fallback } = await embedding.embed(['0', '1', '2'], { signal });
  expect(vectors.map(([x = 0, y = 1]) => Math.round(x / y))).toEqual([0, 1, 2]);
  expect(vectors.map((vector) => Math.hypot(...vector).toFixed(5))).toEqual(['1.00000', '1.00000', '1.00000']);
  expect({ space, fallback }).toEqual({ space: { provider: 'http', model: 'small', dimensions: 2 }, fallback: undefined });
  expect(seen.map(({ body }) => body.input)).toEqual([['0', '1'], ['2']]);
  expect(seen[0]).toMatchObject({ url: '/v1/embeddings', headers: { authorization: 'Bearer sk-1' }, body: { model: 'small' } });
});

test('no text, no call; no key, no Authorization', async () => {
  const { seen, baseUrl } = await provider(honest);
  const embedding = createHttpEmbedding({ baseUrl, model: 'small' });
  expect((await embedding.embed([], { signal })).vectors).toEqual([]);
  expect(seen).toEqual([]);
  await embedding.embed(['1'], { signal });
  expect(seen[0]?.headers.authorization).toBeUndefined();
});

const item = (index: number, embedding: unknown) => ({ index, embedding });
test.each<[string, (response: ServerResponse) => void, string[]]>([
  ['a status of 500', (response) => json(response, { error: { message: 'x' } }, 500), ['transient', 'embedding-unavailable']],
  ['too many requests', (response) => json(response, { error: { message: 'x' } }, 429), ['transient', 'embedding-rate-limited']],
  ['a refusal', (response) => json(response, { error: { message: 'x' } }, 401), ['invalid', 'embedding-refused']],
  ['no JSON', (response) => json(response, '{"data": ['), ['transient', 'embedding-bad-answer']],
  ['another shape', (response) => json(response, { data: 'none' }), ['transient', 'embedding-bad-answer']],
  ['a missing one', (response) => json(response, { data: [item(0, [1])] }), ['transient', 'embedding-bad-answer']],
  ['the same twice', (response) => json(response, { data: [item(0, [1]), item(0, [1])] }), ['transient', 'embedding-bad-answer']],
  ['different lengths', (response) => json(response, { data: [item(0, [1]), item(1, [1, 2])] }), ['transient', 'embedding-bad-answer']],
  ['a zero vector', (response) => json(response, { data: [item(0, [0]), item(1, [1])] }), ['transient', 'embedding-bad-answer']],
  ['silence', () => undefined, ['transient', 'embedding-timeout']],
  ['a broken connection', (response) => response.destroy(), ['transient', 'embedding-unreachable']],
])('%s is a failure', async (_name, answer, expected) => {
  const { baseUrl } = await provider(answer);
  const timeoutMs = expected[1] === 'embedding-timeout' ? 200 : 30_000;
  expect(await failed(createHttpEmbedding({ baseUrl, model: 'small', timeoutMs }).embed(['0', '1'], { signal }))).toEqual(expected);
});

test('the caller can give up', async () => {
  const giving = new AbortController();
  const { baseUrl } = await provider(() => giving.abort());
  expect(await failed(createHttpEmbedding({ baseUrl, model: 'small' }).embed(['0'], giving))).toEqual(['transient', 'embedding-aborted']);
});

const settings = {
  AGENT_PLATFORM_EMBEDDING_PROVIDER: 'http',
  AGENT_PLATFORM_EMBEDDING_BASE_URL: 'http://127.0.0.1:9/v1',
  AGENT_PLATFORM_EMBEDDING_MODEL: 'small',
  AGENT_PLATFORM_EMBEDDING_FALLBACK_ENABLED: true,
} as const;

test('the settings choose http, and hashes when it fails, which the status says until it works again', async () => {
  let well = true;
  const { baseUrl } = await provider((response, input) => (well ? honest(response, input) : json(response, { error: { message: 'full' } }, 429)));
  const embedding = createEmbedding({ ...settings, AGENT_PLATFORM_EMBEDDING_BASE_URL: baseUrl }, builtIn());
  expect(embedding.status()).toBe('http (small)');
  expect((await embedding.embed(['1'], { signal })).space.provider).toBe('http');
  well = false;
  expect(await embedding.embed(['1'], { signal })).toMatchObject({ space: { provider: 'local' }, fallback: { code: 'embedding-rate-limited' } });
  expect(embedding.status()).toMatch(/^hash stands in for http \(small\): .*429/);
  well = true;
  await embedding.embed(['1'], { signal });
  expect(embedding.status()).toBe('http (small)');
});

test('without a stand-in the failure is the answer', async () => {
  const strict = createEmbedding({ ...settings, AGENT_PLATFORM_EMBEDDING_FALLBACK_ENABLED: false }, builtIn());
  expect(await failed(strict.embed(['1'], { signal }))).toEqual(['transient', 'embedding-unreachable']);
  expect(strict.status()).toMatch(/^http \(small\) fails: /);
});

test('the settings choose what is built in: hashes, or the model, whose absence is known before the first call', async () => {
  const of = (provider: 'hash' | 'local', missing: string | null = null) =>
    createEmbedding({ ...settings, AGENT_PLATFORM_EMBEDDING_PROVIDER: provider }, builtIn(missing));
  expect([of('hash'), of('local'), of('local', 'Install it.')].map((one) => one.status())).toEqual(['hash', 'local', 'hash stands in for local: Install it.']);
  expect((await of('hash').embed(['1'], { signal })).space.model).toBe('hash-v1');
  expect((await of('local').embed(['1'], { signal })).space.model).toBe('tiny');
});
