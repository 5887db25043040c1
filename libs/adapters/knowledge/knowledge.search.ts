import { sql, type CommonQueryMethods, type DatabasePool } from 'slonik';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import { type EmbeddingPort, spaceName } from '@agent-platform/ports/embedding.port';
import type { KnowledgePort, KnowledgeQuery } from '@agent-platform/ports/knowledge.port';
import { candidates, type Probe, type VectorSearch } from './candidate.rows.ts';
import { fuse } from './rank.fusion.ts';

/** Up to so many chunks of a base, looking at all of them is as fast as the index, and exact. */
const EXACT_UP_TO = 2_000;
/** What document.sql makes indexes for. */
const INDEXED = new Set([256, 384, 512, 768, 1024, 1536]);
const LEAST_CANDIDATES = 50;

const Base = z.object({ status: z.string() });
const Shape = z.object({ pgvector: z.boolean(), many: z.boolean(), other_spaces: z.boolean() });

/**
 * Hybrid search over the read model of documents. `pool` is asked for with every search: the executor makes its ports
 * before it has one.
 */
export function createKnowledgeSearch({ pool, embedding }: { readonly pool: () => DatabasePool; readonly embedding: EmbeddingPort }): KnowledgePort {
  return {
    async search(query, { signal }) {
      const began = performance.now();
      const db = pool();
      await checkBase(db, query);
      const { vectors, space, fallback } = await embedding.embed([query.query], { signal });
      const [vector = []] = vectors;
      const name = spaceName(space);
      const shape = await shapeOf(db, query, name);
      const probe: Probe = {
        query,
        space: name,
        dimensions: space.dimensions,
        vector: vector.some((value) => value !== 0) ? vector : null,
        depth: Math.max(LEAST_CANDIDATES, query.top_k * 4),
      };
      const how = wayOf(shape, space.dimensions);
      const found = await look(db, probe, how);
      return {
        hits: fuse(found, query.top_k),
        embedding: { space: name, fallback_used: fallback !== undefined, fallback_reason: fallback?.code ?? null, other_spaces: shape.other_spaces },
        vector_search: how,
        duration_ms: Math.round((performance.now() - began) * 10) / 10,
      };
    },
  };
}

const wayOf = ({ pgvector, many }: z.output<typeof Shape>, dimensions: number): VectorSearch =>
  !pgvector ? 'scan' : many && INDEXED.has(dimensions) ? 'pgvector-index' : 'pgvector-exact';

async function look(db: DatabasePool, probe: Probe, how: VectorSearch) {
  if (how !== 'pgvector-index') return candidates(db, probe, how);
  return db.transaction(async (within) => {
    // Without the iterative scan, chunks of other bases would use up the candidates.
    await within.query(sql.unsafe`select set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '200', true)`);
    return candidates(within, probe, how);
  });
}

async function checkBase(db: CommonQueryMethods, { workspace_id, knowledge_base_id }: KnowledgeQuery): Promise<void> {
  const base = await db.maybeOne(
    sql.type(Base)`select status from read_knowledge_base.knowledge_bases where workspace_id = ${workspace_id} and id = ${knowledge_base_id}`,
  );
  if (!base) throw new Failure('missing', 'knowledge-base-not-found', `There is no knowledge base "${knowledge_base_id}" in workspace "${workspace_id}".`);
  if (base.status !== 'active')
    throw new Failure('conflict', 'knowledge-base-archived', `Knowledge base "${knowledge_base_id}" is archived: it is not searched.`);
}

/** What the way of the search depends on: whether Postgres has pgvector, how large the base is, and of which spaces. */
async function shapeOf(db: CommonQueryMethods, { workspace_id, knowledge_base_id }: KnowledgeQuery, space: string): Promise<z.output<typeof Shape>> {
  const ofBase = sql.fragment`from read_document.chunks where workspace_id = ${workspace_id} and knowledge_base_id = ${knowledge_base_id}`;
  return db.one(sql.type(Shape)`
    select
      exists (select from pg_attribute where attrelid = 'read_document.chunks'::regclass and attname = 'embedding_vector') as pgvector,
      exists (select 1 ${ofBase} offset ${EXACT_UP_TO} limit 1) as many,
      exists (select 1 ${ofBase} and embedding_space < ${space}) or exists (select 1 ${ofBase} and embedding_space > ${space}) as other_spaces`);
}
