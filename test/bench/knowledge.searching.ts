import pg from 'pg';
import { sql, type DatabasePool } from 'slonik';
import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { candidates } from '@agent-platform/adapter-knowledge/candidate.rows';
import { createKnowledgeSearch } from '@agent-platform/adapter-knowledge/knowledge.search';
import { fuse } from '@agent-platform/adapter-knowledge/rank.fusion';
import { documentFeature } from '@agent-platform/document/index';
import { openPool } from '@agent-platform/event-log/index';
import { knowledgeBaseFeature } from '@agent-platform/knowledge-base/index';
import { spaceName } from '@agent-platform/ports/embedding.port';
import { ensureReadModels } from '@agent-platform/runtime/read-models';
import type { Show } from './emit.ts';
import { passage, question } from './knowledge.corpus.ts';
import { percentile } from './lanes.ts';

const WORKSPACE = 'bench';
const AT_ONCE = 1_000;
const OF_A_DOCUMENT = 20;
const QUESTIONS = 500;
const WARM_UP = 50;
const COMPARED = 100;

const embedding = createHashEmbedding();
const signal = new AbortController().signal;
const query = (knowledge_base_id: string, text: string, filters: object = {}) => ({
  workspace_id: WORKSPACE,
  knowledge_base_id,
  query: text,
  top_k: 10,
  filters,
});

/** Fills the read model as its projection would, with two small bases beside the large one; searches, and compares with looking at every chunk. */
export async function measureSearch(databaseUrl: string, chunks: number, show: Show, { compared }: { compared: boolean }): Promise<void> {
  const pool = await openPool(databaseUrl);
  try {
    await ensureReadModels(pool, [...knowledgeBaseFeature.projections, ...documentFeature.projections]);
    await fill(pool, 'small', chunks, 1_000);
    await fill(pool, 'middle', chunks + 1_000, 2_000);
    await withoutIndex(databaseUrl, show, () => fill(pool, 'large', 0, chunks));
    await time(pool, 'large base', 'large', chunks, show);
    await time(pool, 'large base, a tenth by metadata', 'large', chunks, show, { metadata: { part: 3 } });
    await time(pool, 'base of 2,000', 'middle', chunks, show);
    if (compared) await compare(pool, databaseUrl, chunks, show);
  } finally {
    await pool.end();
  }
}

/** The index of the vectors is made afterwards, in one go: chunk by chunk it is the same, and takes four times as long. */
async function withoutIndex(databaseUrl: string, show: Show, work: () => Promise<void>): Promise<void> {
  // Not the pool: it gives up what takes longer than half a minute.
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string; statement: string }>(
    "select indexname as name, indexdef as statement from pg_indexes where schemaname = 'read_document' and indexname like '%vector_384'",
  );
  await client.query(`drop index read_document.${rows[0]?.name}`);
  await work();
  const began = performance.now();
  await client.query(rows[0]?.statement ?? '');
  show('making the index of the vectors', (performance.now() - began) / 1000, 's');
  await client.query('vacuum analyze read_document.chunks, read_document.documents');
  await client.end();
}

async function fill(pool: DatabasePool, base: string, from: number, size: number): Promise<void> {
  await pool.query(sql.unsafe`
    insert into read_knowledge_base.knowledge_bases
    select (jsonb_populate_record(null::read_knowledge_base.knowledge_bases, ${JSON.stringify({
      workspace_id: WORKSPACE,
      id: base,
      code: base,
      name: base,
      status: 'active',
      chunking: { max_chars: 1000, overlap_chars: 150 },
      rerank: null,
      version: 1,
      created_at: new Date(0),
      updated_at: new Date(0),
    })}::jsonb)).*`);
  for (let at = from; at < from + size; at += AT_ONCE) {
    const count = Math.min(AT_ONCE, from + size - at);
    const texts = Array.from({ length: count }, (_, index) => passage(at + index));
    const { vectors, space } = await embedding.embed(texts, { signal });
    await pool.query(sql.unsafe`
      insert into read_document.documents
        (workspace_id, id, knowledge_base_id, title, source_type, metadata, chunking, index_status, index_version, search_version, chunks_done, embedding_spaces,
         fallback_used, version, created_at, updated_at)
      select ${WORKSPACE}, 'd' || n, ${base}, 'Document ' || n, 'text', jsonb_build_object('part', n % 10), '{}', 'indexed', 1, 1, ${OF_A_DOCUMENT}, '[]', false, 1, now(), now()
      from generate_series(${at / OF_A_DOCUMENT}::integer, ${(at + count) / OF_A_DOCUMENT - 1}::integer) n`);
    await pool.query(sql.unsafe`
      insert into read_document.chunks
        (workspace_id, id, document_id, index_version, knowledge_base_id, position, start_at, end_at, title, text, chunker_version, embedding_space, dimensions, embedding)
      select ${WORKSPACE}, 'd' || n / ${OF_A_DOCUMENT}::integer || '.1.' || n % ${OF_A_DOCUMENT}::integer, 'd' || n / ${OF_A_DOCUMENT}::integer, 1, ${base},
        n % ${OF_A_DOCUMENT}::integer, 0, length(t), 'Document ' || n / ${OF_A_DOCUMENT}::integer, t, 'bench', ${spaceName(space)}, ${space.dimensions}, v::real[]
      from unnest(${sql.array(
        texts.map((_, index) => at + index),
        'int4',
      )}, ${sql.array(texts, 'text')},
        ${sql.array(
          vectors.map((vector) => `{${vector.join(',')}}`),
          'text',
        )}) as t (n, t, v)`);
  }
}

/** One search after the other: what a caller waits, with the embedding of the question. */
async function time(pool: DatabasePool, name: string, base: string, chunks: number, show: Show, filters: object = {}): Promise<void> {
  const { search } = createKnowledgeSearch({ pool: () => pool, embedding });
  const times: number[] = [];
  for (let n = 0; n < WARM_UP + QUESTIONS; n++) {
    const began = performance.now();
    await search(query(base, question(n, chunks), filters), { signal });
    if (n >= WARM_UP) times.push(performance.now() - began);
  }
  const sorted = times.toSorted((a, b) => a - b);
  show(`${name}: p50`, percentile(sorted, 0.5), 'ms');
  show(`${name}: p99`, percentile(sorted, 0.99), 'ms');
}

/** The same questions with no index that leaves anything out: how many of the ten best are the same. */
async function compare(pool: DatabasePool, databaseUrl: string, chunks: number, show: Show): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1);
  await pool.query(sql.unsafe`alter database ${sql.identifier([name])} set enable_indexscan to off`);
  const exactPool = await openPool(databaseUrl, { connections: 1 });
  // A connection has the settings of its beginning.
  await exactPool.query(sql.unsafe`select 1`);
  await pool.query(sql.unsafe`alter database ${sql.identifier([name])} reset enable_indexscan`);
  const times: number[] = [];
  let hybrid = 0;
  let vector = 0;
  for (let n = 0; n < COMPARED; n++) {
    const text = question(10_000 + n, chunks);
    const { vectors, space } = await embedding.embed([text], { signal });
    const probe = { query: query('large', text), space: spaceName(space), dimensions: space.dimensions, vector: vectors[0] ?? null, depth: 50 };
    const found = await candidates(pool, probe, true);
    const began = performance.now();
    const exact = await candidates(exactPool, probe, true);
    times.push(performance.now() - began);
    const ids = (hits: readonly { readonly chunk_id: string }[]) => hits.slice(0, 10).map(({ chunk_id }) => chunk_id);
    const nearest = ({ hits }: typeof found) =>
      ids(hits.toSorted((a, b) => (b.vector_score ?? -1) - (a.vector_score ?? -1) || (a.chunk_id < b.chunk_id ? -1 : 1)));
    const share = (of: readonly string[], wanted: readonly string[]) => wanted.filter((id) => of.includes(id)).length / wanted.length;
    hybrid += share(ids(fuse(found.hits, 10)), ids(fuse(exact.hits, 10)));
    vector += share(nearest(found), nearest(exact));
  }
  await exactPool.end();
  show(
    'looking at every chunk: p50',
    percentile(
      times.toSorted((a, b) => a - b),
      0.5,
    ),
    'ms',
  );
  show('recall@10 of the answer', hybrid / COMPARED);
  show('recall@10 of the vectors', vector / COMPARED);
}
