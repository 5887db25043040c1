import { Failure } from '@agent-platform/kernel/index';
import type { EmbeddingPort, HttpResponse } from '@agent-platform/ports/index';
import { expect, test } from 'vitest';
import { type Asked, createIndexer } from './document.indexer.ts';

const asked: Asked = {
  step: 'embed',
  index_version: 1,
  from: 0,
  attempt: 1,
  title: 'Terms',
  source_type: 'text',
  source_url: null,
  content_text: Array.from({ length: 200 }, (_, n) => `Sentence number ${n} says something about parcels and about their delivery.`).join(' '),
  chunking: { max_chars: 200, overlap_chars: 50 },
};
const space = { provider: 'test', model: 'm', dimensions: 2 };
const context = { signal: new AbortController().signal, timedOut: () => false };
const texts: string[][] = [];
const embedding: EmbeddingPort = {
  embed: async (list) => {
    texts.push([...list]);
    return { space, vectors: list.map((_, n) => (n === 0 ? [0, 0] : [1, 0])) };
  },
};
const http = (answer: Partial<HttpResponse>) => ({ send: async () => ({ status: 200, headers: {}, text: '', truncated: false, ...answer }) });
const run = (more: Partial<Asked>, ports: Partial<Parameters<typeof createIndexer>[0]> = {}) =>
  createIndexer({ embedding, http: http({}), ...ports })({ ...asked, ...more }, context);
const fetchOf = (answer: Partial<HttpResponse>) => run({ step: 'fetch', source_url: 'http://a.test', content_text: null }, { http: http(answer) });

test('batches begin where the last one ended, and are embedded with the title', async () => {
  const first = await run({});
  const second = await run({ from: 32 });
  if (first.status !== 'embedded' || second.status !== 'embedded') throw new Error('not embedded');
  expect([first.chunks.length, second.chunks[0]?.position, first.space]).toEqual([32, 32, 'test/m/2']);
  expect(first.total).toBeGreaterThan(64);
  expect(second.total).toBe(first.total);
  expect(texts[0]?.[0]).toMatch(/^Terms\nSentence number 0/);
  expect([first.chunks[0]?.embedding, first.chunks[1]?.embedding]).toEqual([null, 'AACAPwAAAAA=']);
});

test('a provider that is away may be asked again; one that refuses not; a fallback is told', async () => {
  const failing = (kind: 'transient' | 'invalid') => ({ embed: () => Promise.reject(new Failure(kind, 'embedding-x', 'no')) });
  expect(await run({}, { embedding: failing('transient') })).toEqual({ status: 'failed', error: { code: 'embedding-x', message: 'no' }, retryable: true });
  expect(await run({}, { embedding: failing('invalid') })).toMatchObject({ status: 'failed', retryable: false });
  const fallen: EmbeddingPort = { embed: async (list, call) => ({ ...(await embedding.embed(list, call)), fallback: { code: 'down', message: 'no' } }) };
  expect(await run({}, { embedding: fallen })).toMatchObject({ status: 'embedded', fallback: { code: 'down' } });
});

test.each([
  [
    { text: '<p>x</p>', headers: { 'content-type': 'text/html; charset=utf-8' } },
    { status: 'fetched', source_type: 'html', content_text: '<p>x</p>' },
  ],
  [{ text: 'x' }, { status: 'fetched', source_type: 'text' }],
  [{ status: 503 }, { status: 'failed', retryable: true, error: { code: 'source-status' } }],
  [{ status: 404 }, { status: 'failed', retryable: false, error: { code: 'source-status' } }],
  [{ headers: { 'content-type': 'application/pdf' } }, { status: 'failed', retryable: false, error: { code: 'source-type' } }],
  [{ truncated: true }, { status: 'failed', retryable: false, error: { code: 'source-too-large' } }],
])('a source that answers %j', async (answer, outcome) => expect(await fetchOf(answer)).toMatchObject(outcome));
