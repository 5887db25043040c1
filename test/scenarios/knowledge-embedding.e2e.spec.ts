import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

/** A provider of embeddings that notes what it is asked, and can be away. */
const asked: string[][] = [];
let away = false;
let provider: Server;
let platform: TestPlatform;
let api: Api;

/** A direction for each text, by its first letters: enough to tell texts apart. */
const vectorOf = (text: string): number[] => Array.from({ length: 8 }, (_, at) => (text.charCodeAt(at) || 1) / 100);

beforeAll(async () => {
  provider = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      if (away) return response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":{"message":"away"}}');
      const { input } = JSON.parse(body) as { input: string[] };
      asked.push(input);
      const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }));
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', model: 'small', data }));
    });
  });
  await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
  platform = await startTestPlatform({
    env: {
      AGENT_PLATFORM_EMBEDDING_PROVIDER: 'http',
      AGENT_PLATFORM_EMBEDDING_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
      AGENT_PLATFORM_EMBEDDING_MODEL: 'small',
    },
  });
  api = createApi(platform.url, 'acme');
  await api.post('/knowledge/bases', { knowledge_base_id: 'kb', code: 'kb', name: 'KB' });
});
afterAll(async () => {
  await platform.close();
  provider.close();
});

async function indexed(id: string, version = 1) {
  await expect.poll(async () => (await api.get(`/knowledge/documents/${id}`)).body.search_version, { message: `${id} at index ${version}` }).toBe(version);
  return (await api.get(`/knowledge/documents/${id}`)).body;
}
const add = (document_id: string, content_text: string) =>
  api.post('/knowledge/documents', { knowledge_base_id: 'kb', document_id, title: document_id, content_text });
const search = async (query: string) => (await api.post('/knowledge/search', { knowledge_base_id: 'kb', query })).body;

test('the provider embeds the chunks, and then the query', async () => {
  await add('refund', 'Refunds are available within seven days.');
  const { embedding_spaces, fallback_used } = await indexed('refund');
  expect(embedding_spaces).toEqual([expect.stringMatching(/\/small\/8$/)]);
  expect(fallback_used).toBe(false);
  expect(asked.flat()).toContain('refund\nRefunds are available within seven days.');
  const found = await search('refund within seven days');
  expect(asked.at(-1)).toEqual(['refund within seven days']);
  expect(found).toMatchObject({ embedding: { fallback_used: false, other_spaces: false }, hits: [{ document_id: 'refund' }] });
});

test('while it is away the fallback embeds, and says so; its vectors are never compared with others; reindex repairs it', async () => {
  away = true;
  await add('shipping', 'Parcels arrive within three days.');
  expect(await indexed('shipping')).toMatchObject({ fallback_used: true, embedding_spaces: ['local/hash-v1/384'] });
  const fallen = await search('parcels within days');
  expect(fallen.embedding).toMatchObject({ space: 'local/hash-v1/384', fallback_used: true, other_spaces: true });
  const byId = (hits: readonly { document_id: string }[], id: string) => hits.find(({ document_id }) => document_id === id);
  expect(byId(fallen.hits, 'shipping')).toMatchObject({ vector_score: expect.any(Number) });
  expect(byId(fallen.hits, 'refund')).toMatchObject({ vector_score: null });
  away = false;
  const back = await search('parcels within days');
  expect(byId(back.hits, 'shipping')).toMatchObject({ vector_score: null, keyword_score: expect.any(Number) });
  expect(back.embedding).toMatchObject({ fallback_used: false, other_spaces: true });
  await api.post('/knowledge/documents/shipping/reindex', {});
  expect(await indexed('shipping', 2)).toMatchObject({ fallback_used: false });
  expect((await search('parcels')).embedding).toMatchObject({ fallback_used: false, other_spaces: false });
});
