import { Failure } from '@agent-platform/kernel/index';
import type { DocumentSource, EmbeddingPort, HttpResponse } from '@agent-platform/ports/index';
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
  file: null,
  extracted: null,
  content_text: Array.from({ length: 200 }, (_, n) => `Sentence number ${n} says something about parcels and about their delivery.`).join(' '),
  chunking: { max_chars: 200, overlap_chars: 50 },
};
const space = { provider: 'test', model: 'm', dimensions: 2 };
const stream = { workspace_id: 'acme', category: 'document', stream_id: 'd1' };
const context = { signal: new AbortController().signal, timedOut: () => false, stream };
const texts: string[][] = [];
const embedding: EmbeddingPort = {
  embed: async (list) => {
    texts.push([...list]);
    return { space, vectors: list.map((_, n) => (n === 0 ? [0, 0] : [1, 0])) };
  },
};
const sources: DocumentSource[] = [];
const kept: string[] = [];
const documents = {
  keep: async (_workspace: string, _holder: string, bytes: Uint8Array) => (kept.push(Buffer.from(bytes).toString()), 'abc'),
  hold: async (_workspace: string, holder: string, sha256: string) => void kept.push(`${holder} holds ${sha256}`),
  release: async () => undefined,
  load: async () => Buffer.from('of the file'),
  list: async () => [],
  extract: async (source: DocumentSource) => {
    sources.push(source);
    return { source_type: 'html' as const, text: `text ${Buffer.from(source.bytes).toString()}`, pages: [0, 4], extractor: 'test' };
  },
};
const http = (answer: Partial<HttpResponse>) => ({ send: async () => ({ status: 200, headers: {}, text: '', truncated: false, ...answer }) });
const run = (more: Partial<Asked>, ports: Partial<Parameters<typeof createIndexer>[0]> = {}) =>
  createIndexer({ embedding, documents, http: http({}), ...ports })({ ...asked, ...more }, context);
const fetchOf = (answer: Partial<HttpResponse>) => run({ step: 'fetch', source_url: 'http://a.test/terms.html', content_text: null }, { http: http(answer) });

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

test('a source is fetched, its text taken out, and its bytes kept', async () => {
  const bytes = Buffer.from('<p>x</p>');
  expect(await fetchOf({ bytes, headers: { 'content-type': 'text/html; charset=utf-8' } })).toEqual({
    status: 'extracted',
    source_type: 'html',
    content_text: 'text <p>x</p>',
    pages: [0, 4],
    extractor: 'test',
    file: { sha256: 'abc', bytes: 8, name: 'terms.html', media_type: 'text/html; charset=utf-8' },
  });
  expect(sources.at(-1)).toMatchObject({ media_type: 'text/html; charset=utf-8', name: 'terms.html', source_type: null, otherwise: 'text' });
  expect(kept).toEqual(['<p>x</p>']);
});

test.each([
  [{ status: 503 }, { retryable: true, error: { code: 'source-status' } }],
  [{ status: 404 }, { retryable: false, error: { code: 'source-status' } }],
  [{ truncated: true }, { retryable: false, error: { code: 'file-too-large' } }],
])('a source that answers %j', async (answer, outcome) => expect(await fetchOf(answer)).toMatchObject({ status: 'failed', ...outcome }));

test('the text of a file, and of what was given as HTML, is taken out; chunks say on which page they begin', async () => {
  const file = { sha256: 'abc', bytes: 3, name: 'a.pdf', media_type: 'application/pdf' };
  expect(await run({ step: 'extract', file, source_type: 'pdf', content_text: null })).toMatchObject({
    status: 'extracted',
    content_text: 'text of the file',
    file: null,
  });
  expect(kept.at(-1)).toBe('d1 holds abc');
  expect(await run({ step: 'extract', source_type: 'html', content_text: '<b>' })).toMatchObject({ content_text: 'text <b>' });
  const cut = await run({ source_type: 'pdf', extracted: { text: 'One.\n\nTwo.', pages: [0, 6] } });
  expect(cut).toMatchObject({ total: 1, chunks: [{ text: 'One.\n\nTwo.', page: 1, tokens: 4 }] });
});

test('what an older release had begun is taken out again', async () => {
  expect(await run({ source_type: 'html', content_text: '<i>' })).toMatchObject({ status: 'embedded', chunks: [{ text: 'text <i>' }] });
});
