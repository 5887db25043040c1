import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import { type Embedding, type EmbeddingPort, spaceName } from '@agent-platform/ports/embedding.port';
import type { KnowledgePort, KnowledgeQuery } from '@agent-platform/ports/knowledge.port';
import { candidates, type Found, isIndexed } from './candidate.rows.ts';
import { fuse } from './rank.fusion.ts';

/** Candidates of each list are four times what is wanted, in these steps: each makes a statement of its own. */
const DEPTHS = [50, 100, 200, 400];
/** How long it is believed that the read model has, or has not, a column of pgvector: a rebuild may change it. */
const BELIEVED_MS = 60_000;

/** Of a search by words alone: it needs no provider of embeddings. */
const NOT_EMBEDDED: Embedding = { vectors: [], space: { provider: 'none', model: 'none', dimensions: 0 } };

const Pgvector = z.object({ pgvector: z.boolean() });

/**
 * Hybrid search over the read model of documents. `pool` is asked for with every search: the executor makes its ports
 * before it has one.
 */
export function createKnowledgeSearch({ pool, embedding }: { readonly pool: () => DatabasePool; readonly embedding: EmbeddingPort }): KnowledgePort {
  const hasPgvector = pgvectorOf(pool);
  return {
    async search(query, { signal }) {
      const began = performance.now();
      const byVector = query.weights?.vector !== 0;
      const [embedded, pgvector] = await Promise.all([byVector ? embedding.embed([query.query], { signal }) : null, hasPgvector()]);
      const { vectors, space, fallback } = embedded ?? NOT_EMBEDDED;
      const [vector = []] = vectors;
      const name = embedded ? spaceName(space) : 'none';
      const probe = {
        query,
        space: name,
        dimensions: space.dimensions,
        vector: vector.some((value) => value !== 0) ? vector : null,
        depth: DEPTHS.find((depth) => depth >= query.top_k * 4) ?? query.top_k * 4,
      };
      const found = await candidates(pool(), probe, pgvector);
      checkBase(found, query);
      return {
        hits: fuse(found.hits, query.top_k, query.weights),
        embedding: {
          space: name,
          fallback_used: fallback !== undefined,
          fallback_reason: fallback?.code ?? null,
          other_spaces: byVector && found.other_spaces,
        },
        vector_search: !byVector ? 'none' : !pgvector ? 'scan' : found.many && isIndexed(space.dimensions) ? 'pgvector-index' : 'pgvector-exact',
        duration_ms: Math.round((performance.now() - began) * 10) / 10,
      };
    },
  };
}

function checkBase({ status }: Found, { workspace_id, knowledge_base_id }: KnowledgeQuery): void {
  if (status === null)
    throw new Failure('missing', 'knowledge-base-not-found', `There is no knowledge base "${knowledge_base_id}" in workspace "${workspace_id}".`);
  if (status !== 'active') throw new Failure('conflict', 'knowledge-base-archived', `Knowledge base "${knowledge_base_id}" is archived: it is not searched.`);
}

/** Whether the read model has vectors of pgvector (document.sql), asked for once a minute. */
function pgvectorOf(pool: () => DatabasePool): () => Promise<boolean> {
  let known: { readonly at: number; readonly pgvector: boolean } | undefined;
  return async () => {
    if (known && performance.now() - known.at < BELIEVED_MS) return known.pgvector;
    const { pgvector } = await pool().one(sql.type(Pgvector)`
      select exists (select from pg_attribute where attrelid = 'read_document.chunks'::regclass and attname = 'embedding_vector') as pgvector`);
    known = { at: performance.now(), pgvector };
    return pgvector;
  };
}
