import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { createTemporaryFolder, type RunningPostgres, startNativePostgres, startPglite } from '@agent-platform/embedded/index';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import type { KnowledgePort } from '@agent-platform/ports/knowledge.port';
import { openPool } from '@agent-platform/event-log/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKnowledgeSearch } from './knowledge.search.ts';
import { openKnowledgeTables } from './testing/knowledge-tables.ts';

const servers = { pglite: () => startPglite(), native: () => startNativePostgres({ dataDir: createTemporaryFolder('knowledge-').path }) } as const;
const TOPICS = ['refund', 'parcel', 'password', 'invoice', 'warranty', 'coupon', 'gift card', 'address'];
const other = createHashEmbedding({ dimensions: 64 });
/** Has an index too, and fills it sooner. */
const shorter = createHashEmbedding({ dimensions: 256 });
const signal = new AbortController().signal;

async function open(name: keyof typeof servers) {
  const server: RunningPostgres = await servers[name]();
  const pool = await openPool(server.databaseUrl);
  const tables = await openKnowledgeTables(pool);
  for (const base of ['a', 'b', 'mixed', 'large']) await tables.base(base);
  for (const topic of TOPICS) {
    const chunks = Array.from({ length: 4 }, (_, n) => `Paragraph ${n}: how a ${topic} is handled, step ${n + 1}, with the form ${n * 7}.`);
    await tables.document({ id: topic.replace(' ', '-'), base: 'a', chunks, metadata: { topic, list: [1, 2] } });
  }
  await tables.document({ id: 'secret', base: 'b', chunks: ['A refund of another base.'] });
  await tables.document({ id: 'old', base: 'mixed', chunks: ['The refund desk.'], embedding: other });
  await tables.document({ id: 'new', base: 'mixed', chunks: ['The parcel desk.'] });
  const search = (embedding: EmbeddingPort = createHashEmbedding()): KnowledgePort => createKnowledgeSearch({ pool: () => pool, embedding });
  const ask = (knowledge_base_id: string, query: string, more: object = {}, embedding?: EmbeddingPort) =>
    search(embedding).search({ workspace_id: 'acme', knowledge_base_id, query, top_k: 5, filters: {}, ...more }, { signal });
  return { tables, ask, close: () => pool.end().then(() => server.stop()) };
}

let pglite: Awaited<ReturnType<typeof open>>;
let native: typeof pglite;
beforeAll(async () => {
  [pglite, native] = await Promise.all([open('pglite'), open('native')]);
});
afterAll(async () => {
  await Promise.all([pglite.close(), native.close()]);
});

test.each(['refund', 'how is a gift card handled?', 'step 3 of the invoice', 'Rückgabe', '???', "'; drop table x; --", 'form 14 & ! | <-> :*'])(
  'with pgvector and without, %j finds the same',
  async (query) => {
    const [one, two] = await Promise.all([pglite.ask('a', query), native.ask('a', query)]);
    expect(one.vector_search).toBe('pgvector-exact');
    expect(two.vector_search).toBe('scan');
    expect(two.hits).toEqual(one.hits);
    expect(one.hits).toHaveLength(5);
  },
);

describe.each([
  ['pglite', () => pglite],
  ['native', () => native],
] as const)('on %s', (_name, at) => {
  test('other bases and workspaces are not seen', async () => {
    expect((await at().ask('a', 'refund of another base', { top_k: 100 })).hits.map(({ document_id }) => document_id)).not.toContain('secret');
    await expect(at().ask('a', 'refund', { workspace_id: 'rival' })).rejects.toMatchObject({ code: 'knowledge-base-not-found' });
  });

  test('filters: documents, source type, what the metadata contains', async () => {
    const found = async (filters: object) =>
      new Set((await at().ask('a', 'how is it handled?', { filters, top_k: 50 })).hits.map(({ document_id }) => document_id));
    expect(await found({ document_ids: ['refund', 'coupon'] })).toEqual(new Set(['refund', 'coupon']));
    expect(await found({ metadata: { topic: 'gift card', list: [2] } })).toEqual(new Set(['gift-card']));
    expect(await found({ source_type: 'html' })).toEqual(new Set());
  });

  test('vectors of another space are not compared: such chunks are found by their words only', async () => {
    const { hits, embedding } = await at().ask('mixed', 'refund desk');
    expect(embedding).toMatchObject({ space: 'local/hash-v1/384', other_spaces: true, fallback_used: false });
    expect(hits).toMatchObject(
      [{ document_id: 'old', vector_score: null }, { document_id: 'new' }].toSorted(
        (a, b) => hits.findIndex((hit) => hit.document_id === a.document_id) - hits.findIndex((hit) => hit.document_id === b.document_id),
      ),
    );
    expect(hits.find(({ document_id }) => document_id === 'new')?.vector_score).not.toBeNull();
    const turned = await at().ask('mixed', 'refund desk', {}, other);
    expect(turned.hits.find(({ document_id }) => document_id === 'old')?.vector_score).not.toBeNull();
    expect((await at().ask('a', 'refund')).embedding.other_spaces).toBe(false);
  });

  test('by words alone: nothing is embedded, and no vector compared', async () => {
    const away: EmbeddingPort = { embed: () => Promise.reject(new Error('not asked')) };
    const { hits, embedding, vector_search } = await at().ask('mixed', 'refund desk', { weights: { vector: 0, keyword: 1 } }, away);
    expect(hits).toMatchObject([
      { document_id: 'old', vector_score: null, score: 1 },
      { document_id: 'new', vector_score: null },
    ]);
    expect([embedding.space, embedding.other_spaces, vector_search]).toEqual(['none', false, 'none']);
  });

  test('says when the query was embedded by the fallback', async () => {
    const fallen: EmbeddingPort = {
      embed: async (texts, call) => ({ ...(await other.embed(texts, call)), fallback: { code: 'embedding-unreachable', message: 'no' } }),
    };
    const { embedding, hits } = await at().ask('a', 'refund', {}, fallen);
    expect(embedding).toEqual({ space: 'local/hash-v1/64', fallback_used: true, fallback_reason: 'embedding-unreachable', other_spaces: true });
    expect(hits[0]).toMatchObject({ document_id: 'refund', vector_score: null });
  });
});

test('in a large base the index of pgvector finds what looking at everything finds', async () => {
  const words = (n: number): string => `${TOPICS[n % 8]} ${TOPICS[Math.floor(n / 8) % 8]} number${n} code${n * 7919}`;
  for (let from = 0; from < 2100; from += 700) {
    await pglite.tables.document({ id: `large-${from}`, base: 'large', embedding: shorter, chunks: Array.from({ length: 700 }, (_, n) => words(from + n)) });
  }
  let found = 0;
  for (let n = 0; n < 2100; n += 210) {
    const { hits, vector_search } = await pglite.ask('large', words(n), { top_k: 3 }, shorter);
    expect(vector_search).toBe('pgvector-index');
    if (hits[0]?.text === words(n)) found += 1;
  }
  expect(found).toBe(10);
}, 120_000);
